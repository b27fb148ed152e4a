package report

import (
	"slices"
	"time"

	"hotclub/runner"
)

// tally is what a run looks like so far.
type tally struct {
	started  *runner.RunStarted
	finished *runner.RunFinished
	began    time.Time // RunStarted, by the reporter's clock
	names    map[runner.TestID]string
	running  []runningTest // longest running first
	done     int
	failed   []result // tests, classes and files, in the order of their verdicts
	timed    []result // tests that ran, for the slowest
}

type runningTest struct {
	id    runner.TestID
	name  string
	since time.Time
}

func (t *tally) start(event runner.RunStarted, now time.Time) {
	t.started, t.began = &event, now
	t.names = make(map[runner.TestID]string, len(event.Tests))
	for _, test := range event.Tests {
		t.names[test.ID] = shortName(test)
	}
}

// begin notes a running test. One that is dealt again after a crash begins anew.
func (t *tally) begin(event runner.TestStarted, now time.Time) {
	t.end(event.ID)
	name := t.names[event.ID]
	if name == "" {
		name = string(event.ID)
	}
	t.running = append(t.running, runningTest{event.ID, oneLine(name), now})
}

func (t *tally) end(id runner.TestID) {
	t.running = slices.DeleteFunc(t.running, func(r runningTest) bool { return r.id == id })
}

func (t *tally) add(r result) {
	if r.kind == runner.KindTest {
		t.end(r.id)
		t.done++
	}
	if r.verdict.State.Bad() {
		t.failed = append(t.failed, brief(r))
	}
	if r.verdict.DurationMs > 0 {
		t.timed = append(t.timed, brief(r))
	}
}

// brief drops what is printed at once and never again, so that the failures of a long
// run don't hold its output in memory.
func brief(r result) result {
	r.output, r.verdict.Messages = "", nil
	return r
}

func (t *tally) total() int {
	if t.started == nil {
		return 0
	}
	return len(t.started.Tests)
}

// withoutVerdict counts the tests of which nothing can be said: cancelled, not run, or
// not even reported.
func (t *tally) withoutVerdict() int {
	if t.finished == nil {
		return t.total() - t.done
	}
	counts := t.finished.Counts
	n := counts[runner.Cancelled] + counts[runner.NotRun]
	reported := 0
	for state, count := range counts {
		if state.Terminal() {
			reported += count
		}
	}
	return n + max(0, t.total()-reported)
}

// remaining estimates how long the rest takes at the pace so far; false while there is
// too little to judge by.
func (t *tally) remaining(now time.Time) (time.Duration, bool) {
	elapsed := now.Sub(t.began)
	if t.done == 0 || t.done >= t.total() || elapsed < time.Second {
		return 0, false
	}
	return time.Duration(float64(elapsed) * float64(t.total()-t.done) / float64(t.done)), true
}

// slowest returns the n slowest tests above a duration in milliseconds, all for n < 0.
func (t *tally) slowest(n int, above float64) []result {
	slow := slices.DeleteFunc(slices.Clone(t.timed), func(r result) bool { return r.verdict.DurationMs < above })
	slices.SortStableFunc(slow, func(a, b result) int {
		switch {
		case a.verdict.DurationMs > b.verdict.DurationMs:
			return -1
		case a.verdict.DurationMs < b.verdict.DurationMs:
			return 1
		}
		return 0
	})
	if n >= 0 && len(slow) > n {
		slow = slow[:n]
	}
	return slow
}
