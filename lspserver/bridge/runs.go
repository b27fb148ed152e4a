package bridge

import (
	"encoding/json"
	"time"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

const (
	endedInRun = "the hotclub daemon ended during the run"

	// batch is how many verdicts travel together when all of them come at once.
	batch = 500
)

// runs are those that the editor was promised the end of, oldest first.
type runs struct{ open []*openRun }

// openRun is one of them. What a run consists of is read only if the daemon dies of it.
type openRun struct {
	id      runner.RunID
	begun   time.Time
	started []byte // the params of hotclub/runStarted; nil before
	seq     int
	states  map[runner.TestID]runner.State
	counts  map[runner.State]int
}

// find returns an open run, opening it first where the editor hears of it only now.
func (r *runs) find(id runner.RunID) *openRun {
	for _, one := range r.open {
		if one.id == id {
			return one
		}
	}
	one := &openRun{id: id, begun: time.Now(), states: make(map[runner.TestID]runner.State), counts: make(map[runner.State]int)}
	r.open = append(r.open, one)
	return one
}

// asked notes that the daemon has accepted a run.
func (r *runs) asked(id runner.RunID) { r.find(id) }

// passed notes a piece of a run's story. The pieces that say most are read least: of the
// start nothing but the run, of events what happened to which test.
func (r *runs) passed(m message) {
	var p struct {
		RunID  runner.RunID `json:"runId"`
		Seq    int          `json:"seq"`
		Events []testEvent  `json:"events"`
	}
	if !decode(m.params, &p) {
		return
	}
	run := r.find(p.RunID)
	switch m.method {
	case wire.MethodRunStarted:
		run.started = m.params
	case wire.MethodTestEvents:
		run.seq = p.Seq
		for _, e := range p.Events {
			run.note(e)
		}
	case wire.MethodRunFinished:
		r.close(run)
	}
}

func (r *runs) close(run *openRun) {
	for i, one := range r.open {
		if one == run {
			r.open = append(r.open[:i], r.open[i+1:]...)
			return
		}
	}
}

// testEvent is what of a wire test event tells where a test stands.
type testEvent struct {
	Event string        `json:"event"`
	ID    runner.TestID `json:"id"`
	Test  struct {
		ID runner.TestID `json:"id"`
	} `json:"test"`
	Verdict struct {
		State runner.State `json:"state"`
	} `json:"verdict"`
}

func (run *openRun) note(e testEvent) {
	id, state := e.ID, runner.Started
	switch e.Event {
	case wire.EventStarted:
	case wire.EventFinished:
		id, state = e.Test.ID, e.Verdict.State
	default:
		return
	}
	if run.states[id].Terminal() {
		return
	}
	run.states[id] = state
	if state.Terminal() {
		run.counts[state]++
	}
}

// lost gives every open run the end that the daemon did not.
func (r *runs) lost() (list []message) {
	for _, run := range r.open {
		list = append(list, run.end()...)
	}
	r.open = nil
	return list
}

func (run *openRun) end() (list []message) {
	var started wire.RunStarted
	if run.started != nil && json.Unmarshal(run.started, &started) != nil {
		started.Tests = nil // of a daemon of another build; the end of the run is what is left
	}
	var events []json.RawMessage
	for i, test := range started.Tests {
		if event, open := run.verdict(test); open {
			events = append(events, event)
		}
		if len(events) == batch || len(events) > 0 && i == len(started.Tests)-1 {
			run.seq++
			list = append(list, notification(wire.MethodTestEvents, wire.TestEvents{RunID: run.id, Seq: run.seq, Events: events}))
			events = nil
		}
	}
	return append(list, notification(wire.MethodRunFinished, wire.RunFinished{RunFinished: runner.RunFinished{
		Run: run.id, Outcome: runner.ErrorRun, Counts: run.counts, Error: endedInRun, Failed: run.failed(),
		DurationMs: float64(time.Since(run.begun)) / float64(time.Millisecond),
	}}))
}

// verdict is the terminal state of a test that has none: a test that was running ended with
// its worker, which ends with the daemon; the others had not begun.
func (run *openRun) verdict(test runner.Test) (event json.RawMessage, open bool) {
	state := run.states[test.ID]
	if state.Terminal() {
		return nil, false
	}
	verdict := runner.Verdict{State: runner.NotRun, Reason: endedInRun}
	if state == runner.Started {
		verdict = runner.Verdict{State: runner.Errored, Messages: []runner.Message{{
			Phase: runner.PhaseWorker, Summary: "the hotclub daemon ended", Text: "The hotclub daemon ended, and the worker with it, while this test ran.\n",
		}}}
	}
	event, err := wire.EncodeTestEvent(runner.TestFinished{Test: test, Verdict: verdict})
	if err != nil {
		return nil, false
	}
	run.states[test.ID] = verdict.State
	run.counts[verdict.State]++
	return event, true
}

func (run *openRun) failed() bool {
	for state, count := range run.counts {
		if state.Bad() && count > 0 {
			return true
		}
	}
	return false
}
