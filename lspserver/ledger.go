package lspserver

import (
	"slices"
	"sort"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

const slowest = 10 // tests that runFinished names

// ledger holds every test of a run to exactly one terminal state. The engine promises as
// much; the ledger makes it true for the client even when the engine breaks.
type ledger struct {
	run      runner.RunID
	order    []runner.Test
	state    map[runner.TestID]runner.State
	counts   map[runner.State]int
	slow     []wire.Slow
	started  bool
	finished bool
}

func newLedger(id runner.RunID) *ledger {
	return &ledger{run: id, state: make(map[runner.TestID]runner.State), counts: make(map[runner.State]int)}
}

// admit notes an event and reports whether the client may see it.
func (l *ledger) admit(e runner.Event) bool {
	if l.finished {
		return false
	}
	switch e := e.(type) {
	case runner.RunStarted:
		if l.started {
			return false
		}
		l.started, l.order = true, e.Tests
		for _, t := range e.Tests {
			l.state[t.ID] = runner.Queued
		}
	case runner.TestStarted:
		return !l.state[e.ID].Terminal()
	case runner.TestFinished:
		if l.state[e.Test.ID].Terminal() {
			return false
		}
		l.state[e.Test.ID] = e.Verdict.State
		l.counts[e.Verdict.State]++
		l.time(e)
	case runner.RunFinished:
		l.finished = true
	}
	return true
}

// time keeps the slowest tests, longest first.
func (l *ledger) time(e runner.TestFinished) {
	s := wire.Slow{ID: e.Test.ID, Label: e.Test.Label, DurationMs: e.Verdict.DurationMs}
	at := sort.Search(len(l.slow), func(i int) bool { return l.slow[i].DurationMs < s.DurationMs })
	if at < slowest && s.DurationMs > 0 {
		l.slow = slices.Insert(l.slow, at, s)
		l.slow = l.slow[:min(len(l.slow), slowest)]
	}
}

// open makes the verdicts of the tests that have none.
func (l *ledger) open(state runner.State, reason string) []runner.Event {
	var events []runner.Event
	for _, t := range l.order {
		if !l.state[t.ID].Terminal() {
			events = append(events, runner.TestFinished{Test: t, Verdict: runner.Verdict{State: state, Reason: reason}})
		}
	}
	return events
}

// failed counts the tests that make the run fail.
func (l *ledger) failed() (n int) {
	for state, count := range l.counts {
		if state.Bad() {
			n += count
		}
	}
	return n
}

// done counts the tests that have their verdict.
func (l *ledger) done() (n int) {
	for _, count := range l.counts {
		n += count
	}
	return n
}
