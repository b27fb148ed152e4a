package lsptest

import (
	"encoding/json"
	"errors"
	"fmt"

	"hotclub/lspserver/lsptest/metamodel"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// note takes in a notification about this run, which has not ended.
func (r *RunLog) note(f metamodel.Frame) []error {
	switch f.Method {
	case wire.MethodRunStarted:
		return r.start(f.Payload)
	case wire.MethodTestEvents:
		return r.events(f.Payload)
	case wire.MethodRunFinished:
		return r.finish(f.Payload)
	case wire.MethodDebuggerReady:
		return some(r.debugger(f.Payload))
	}
	var n wire.Notice
	err := json.Unmarshal(f.Payload, &n)
	r.Notices = append(r.Notices, n)
	return some(err)
}

func some(err error) []error {
	if err == nil {
		return nil
	}
	return []error{err}
}

func (r *RunLog) start(params json.RawMessage) []error {
	if r.Started != nil {
		return some(errors.New("runStarted came twice"))
	}
	r.Started = &wire.RunStarted{}
	if err := json.Unmarshal(params, r.Started); err != nil {
		return some(err)
	}
	for _, t := range r.Started.Tests {
		if r.open[t.ID] {
			return some(fmt.Errorf("runStarted names %s twice", t.ID))
		}
		r.open[t.ID] = true
	}
	return nil
}

func (r *RunLog) events(params json.RawMessage) (errs []error) {
	var batch wire.TestEvents
	if err := json.Unmarshal(params, &batch); err != nil {
		return some(err)
	}
	if r.seq++; batch.Seq != r.seq {
		errs = append(errs, fmt.Errorf("seq %d where %d was due", batch.Seq, r.seq))
	}
	if r.Started == nil {
		errs = append(errs, errors.New("testEvents before runStarted"))
	}
	if len(batch.Events) == 0 {
		errs = append(errs, errors.New("testEvents without events"))
	}
	for _, data := range batch.Events {
		event, err := wire.DecodeTestEvent(data)
		if err == nil && event != nil {
			r.Events = append(r.Events, event)
			err = r.step(event)
		}
		errs = append(errs, some(err)...)
	}
	return errs
}

// step holds a test to one terminal state, and to nothing after it.
func (r *RunLog) step(event runner.Event) error {
	switch event := event.(type) {
	case runner.TestStarted:
		if !r.open[event.ID] {
			return fmt.Errorf("%s began, but it has a verdict or runStarted does not name it", event.ID)
		}
	case runner.TestFinished:
		id := event.Test.ID
		if !r.open[id] {
			return fmt.Errorf("%s: %s, but it has a verdict or runStarted does not name it", id, event.Verdict.State)
		}
		if !event.Verdict.State.Terminal() {
			return fmt.Errorf("%s: finished as %s", id, event.Verdict.State)
		}
		delete(r.open, id)
		r.Verdicts[id] = event.Verdict
	}
	return nil
}

func (r *RunLog) debugger(params json.RawMessage) error {
	if r.Started == nil {
		return errors.New("debuggerReady before runStarted")
	}
	var ready wire.DebuggerReady
	err := json.Unmarshal(params, &ready)
	r.Debugger = append(r.Debugger, ready)
	return err
}

func (r *RunLog) finish(params json.RawMessage) (errs []error) {
	r.Finished = &wire.RunFinished{}
	if err := json.Unmarshal(params, r.Finished); err != nil {
		return some(err)
	}
	for id := range r.open {
		errs = append(errs, fmt.Errorf("run %s ended without a verdict of %s", r.ID, id))
	}
	counts := make(map[runner.State]int)
	for _, v := range r.Verdicts {
		counts[v.State]++
	}
	for state := range r.Finished.Counts {
		counts[state] += 0
	}
	for state, n := range counts {
		if told := r.Finished.Counts[state]; told != n {
			errs = append(errs, fmt.Errorf("runFinished counts %d as %s, there were %d", told, state, n))
		}
	}
	return errs
}
