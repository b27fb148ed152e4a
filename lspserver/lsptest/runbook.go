package lsptest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"hotclub/lspserver/lsptest/metamodel"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// RunLog is what a client knows of a run.
type RunLog struct {
	ID       runner.RunID
	Notices  []wire.Notice
	Started  *wire.RunStarted
	Events   []runner.Event // without those that this build does not know
	Verdicts map[runner.TestID]runner.Verdict
	Debugger []wire.DebuggerReady
	Finished *wire.RunFinished // nil while the run goes on

	seq  int
	open map[runner.TestID]bool // named by Started and without a verdict
}

func (r *RunLog) clone() RunLog {
	c := *r
	c.Notices, c.Events, c.Verdicts = slices.Clone(r.Notices), slices.Clone(r.Events), maps.Clone(r.Verdicts)
	return c
}

// runbook keeps the runs of a session and holds them to what every client relies on: the
// order of the answer, runStarted, testEvents with rising seq and runFinished; nothing
// after it; one terminal state for each test of runStarted.
type runbook struct {
	logs  map[runner.RunID]*RunLog
	order []runner.RunID
	asked map[string]runner.RunID // by the id of a request for a run without an answer
}

func newRunbook() runbook {
	return runbook{logs: make(map[runner.RunID]*RunLog), asked: make(map[string]runner.RunID)}
}

// note takes in a message of either side.
func (b *runbook) note(way metamodel.Direction, f metamodel.Frame) []error {
	if f.Method == wire.MethodRun || f.Method == wire.MethodDebug {
		return b.ask(way, f)
	}
	if way == metamodel.ToServer {
		return nil
	}
	switch f.Method {
	case wire.MethodNotice, wire.MethodDebuggerReady, wire.MethodRunStarted, wire.MethodTestEvents, wire.MethodRunFinished:
	default:
		return nil
	}
	var named struct{ RunID runner.RunID }
	if err := json.Unmarshal(f.Payload, &named); err != nil || named.RunID == "" {
		return []error{fmt.Errorf("%s: without a runId: %v", f.Method, err)}
	}
	r, errs := b.find(named.RunID, f.Method)
	if r.Finished != nil {
		return append(errs, fmt.Errorf("%s: after the end of run %s", f.Method, r.ID))
	}
	return append(errs, r.note(f)...)
}

func (b *runbook) ask(way metamodel.Direction, f metamodel.Frame) []error {
	if way == metamodel.ToServer {
		var p struct{ RunID runner.RunID }
		json.Unmarshal(f.Payload, &p) // a malformed one is refused
		b.asked[f.ID] = p.RunID
		return nil
	}
	id := b.asked[f.ID]
	delete(b.asked, f.ID)
	if f.Kind == metamodel.Error {
		return nil
	}
	if old := b.logs[id]; old != nil && old.Finished == nil {
		return []error{fmt.Errorf("run %s was taken twice", id)}
	}
	b.add(id)
	return nil
}

func (b *runbook) add(id runner.RunID) *RunLog {
	r := &RunLog{ID: id, Verdicts: make(map[runner.TestID]runner.Verdict), open: make(map[runner.TestID]bool)}
	b.logs[id] = r
	b.order = append(b.order, id)
	return r
}

// find is the log of a run that a notification tells of. One that nobody here asked for
// with hotclub/run comes from a command, or from another client.
func (b *runbook) find(id runner.RunID, method string) (*RunLog, []error) {
	var errs []error
	old := b.logs[id]
	if old == nil || old.Finished != nil {
		for _, asked := range b.asked {
			if asked == id {
				errs = append(errs, fmt.Errorf("%s: before the answer to run %s", method, id))
			}
		}
	}
	if old == nil {
		old = b.add(id)
	}
	return old, errs
}

func (b *runbook) unfinished() (ids []runner.RunID) {
	for id, r := range b.logs {
		if r.Finished == nil {
			ids = append(ids, id)
		}
	}
	return ids
}
