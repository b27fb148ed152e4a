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

// Terminal reports whether a test in this state is done.
func (s State) Terminal() bool { return s != Queued && s != Started && s != "" }

// Bad reports whether a test that ended so makes its run fail, as
// DiscoverRunner.suite_result counts it: failures, errors and unexpected successes.
func (s State) Bad() bool { return s == Failed || s == Errored || s == XPassed }
