package runner

// State is where a test stands within a run. Every test of a run begins as Queued and
// reaches exactly one of the terminal states.
type State string

const (
	Queued    State = "queued"
	Started   State = "started"
	Passed    State = "passed"
	Failed    State = "failed"    // an assertion did not hold
	Errored   State = "errored"   // any other exception, a fixture, a crash, a timeout
	Skipped   State = "skipped"   // the suite asked for it
	XFailed   State = "xfailed"   // failed as expectedFailure announced
	XPassed   State = "xpassed"   // passed although expectedFailure announced a failure
	Cancelled State = "cancelled" // somebody stopped the run
	NotRun    State = "notRun"    // the run ended before its turn: failfast, a boot or database error
)

// severity orders states from harmless to worst; a parent's state is the worst of its
// children's.
var severity = map[State]int{
	Passed: 0, Skipped: 1, XFailed: 2, NotRun: 3, Cancelled: 4,
	Queued: 5, Started: 6, XPassed: 7, Failed: 8, Errored: 9,
}

// Terminal reports whether a test in this state is done.
func (s State) Terminal() bool { return s != Queued && s != Started && s != "" }

// Bad reports whether a test that ended so makes its run fail, as
// DiscoverRunner.suite_result counts it: failures, errors and unexpected successes.
func (s State) Bad() bool { return s == Failed || s == Errored || s == XPassed }

// Worst returns the state that a parent of two children in these states has.
func Worst(a, b State) State {
	if severity[b] > severity[a] {
		return b
	}
	return a
}
