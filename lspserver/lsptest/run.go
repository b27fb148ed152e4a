package lsptest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hotclub/runner"
	"hotclub/runner/project"
)

const floodTests = 10_000

// fakeRun is one run of an Engine.
type fakeRun struct {
	engine  *Engine
	request runner.Request
	emit    func(runner.Event)
	counts  map[runner.State]int
	project *project.Project // nil where there is none
}

func (r *fakeRun) carryOut(ctx context.Context) {
	if p := r.engine.known(r.request.Client, r.request.Project); p != nil && hasTests(context.WithoutCancel(ctx), p) {
		tests := selected(p, r.request.Selection)
		if len(tests) > 0 {
			r.project = p
			r.runTests(ctx, tests)
			return
		}
		if len(r.request.Selection.Labels) == 0 { // labels that name no test are words to this engine
			r.finish(runner.RunFinished{Outcome: runner.NothingSelected, Error: "no tests matched"})
			return
		}
	}
	labels := r.request.Selection.Labels
	if len(labels) == 0 {
		labels = []string{"pass"}
	}
	switch labels[0] {
	case "unfinished":
		return
	case "nothing":
		r.finish(runner.RunFinished{Outcome: runner.NothingSelected})
		return
	case "broken":
		r.finish(runner.RunFinished{Outcome: runner.ErrorRun, ProjectError: true, Error: "settings do not import: No module named 'nope'"})
		return
	case "flood":
		labels = make([]string, floodTests)
		for i := range labels {
			labels[i] = fmt.Sprintf("flood%d", i)
		}
	}
	r.runTests(ctx, tests(labels))
}

func tests(labels []string) []runner.Test {
	list := make([]runner.Test, len(labels))
	for i, l := range labels {
		list[i] = runner.Test{
			ID: runner.TestID(fmt.Sprintf("fake//tests.py::Tests::%s", l)), Label: "tests.Tests." + l, Name: l,
			Module: "tests", Class: "Tests", File: "/fake/tests.py", Line: i + 1,
		}
	}
	return list
}

func (r *fakeRun) runTests(ctx context.Context, tests []runner.Test) {
	r.emit(runner.Notice{Text: "booting a worker"})
	r.emit(runner.RunStarted{Run: r.request.Run, Tests: tests, Workers: 1, StartMethod: "fork", Generation: "g1"})
	if r.request.Options.Debug != nil {
		r.emit(runner.DebuggerReady{Host: "127.0.0.1", Port: 5678, PID: 4712})
	}
	for _, t := range tests {
		if ctx.Err() == nil {
			r.emit(runner.TestStarted{ID: t.ID, Worker: "w1", At: time.Now()})
		}
		name := strings.TrimPrefix(t.Name, "test_")
		if r.engine.isMended(t.Name) {
			name = "pass"
		}
		switch name {
		case "panic":
			panic("the fake engine was asked to break")
		case "block":
			r.block(ctx)
		case "stubborn":
			<-r.engine.end()
		}
		verdict := verdict(t, name)
		if ctx.Err() != nil {
			verdict = runner.Verdict{State: runner.Cancelled}
		}
		r.counts[verdict.State]++
		if r.project != nil {
			r.project.History.Record(t.Label, verdict, t.Name+"\n")
		}
		r.emit(runner.TestFinished{Test: t, Verdict: verdict, Output: t.Name + "\n" + r.engine.Print})
	}
	r.tearDown(tests)
	if r.request.Options.Measure != nil {
		r.emit(runner.Covered{Coverage: r.engine.Coverage})
	}
	outcome := runner.Completed
	if ctx.Err() != nil {
		outcome = runner.CancelledRun
	}
	r.finish(runner.RunFinished{Outcome: outcome, Failed: r.counts[runner.Failed]+r.counts[runner.Errored] > 0})
}

// tearDown tells what went wrong behind the tests of each class.
func (r *fakeRun) tearDown(tests []runner.Test) {
	told := make(map[string]bool)
	for _, t := range tests {
		m, broken := r.engine.TearDown[t.Class]
		if !broken || told[t.Class] {
			continue
		}
		told[t.Class] = true
		r.emit(runner.ClassErrored{
			ID: runner.TestID(strings.TrimSuffix(string(t.ID), "::"+t.Name)), Kind: runner.KindClass, Label: strings.TrimSuffix(t.Label, "."+t.Name),
			Verdict: runner.Verdict{State: runner.Errored, Messages: []runner.Message{m}},
		})
	}
}

func (r *fakeRun) block(ctx context.Context) {
	if r.engine.Blocked != nil {
		select {
		case r.engine.Blocked <- r.request.Run:
		case <-ctx.Done():
		}
	}
	<-ctx.Done()
}

func verdict(t runner.Test, name string) runner.Verdict {
	line := t.Line + 1
	if t.File == "/fake/tests.py" {
		line = 3
	}
	v := runner.Verdict{State: runner.Passed, DurationMs: 1.5, Worker: "w1", Generation: "g1"}
	switch name {
	case "fail":
		v.State = runner.Failed
		v.Messages = []runner.Message{{
			Text:    fmt.Sprintf("Traceback (most recent call last):\n  File %q, line %d, in %s\nAssertionError: 3 != 4\n", t.File, line, t.Name),
			Summary: "AssertionError: 3 != 4", Phase: runner.PhaseCall, Location: &runner.Location{File: t.File, Line: line},
			Frames: []runner.Frame{{Label: t.Name, File: t.File, Line: line, Own: true}},
		}}
	case "error":
		v.State = runner.Errored
		v.Messages = []runner.Message{{Text: "Traceback (most recent call last):\nValueError: no\n", Summary: "ValueError: no", Phase: runner.PhaseSetUp}}
	case "skip":
		v.State, v.Reason = runner.Skipped, "not today"
	}
	return v
}

func (r *fakeRun) finish(f runner.RunFinished) {
	f.Run, f.Counts = r.request.Run, r.counts
	r.emit(f)
}
