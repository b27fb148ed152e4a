package lspserver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotclub/lspserver"
	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

func TestRun(t *testing.T) {
	p := setup(t, nil).client(t)
	m := p.Call(wire.MethodRun, runParams("r", "pass", "fail", "error", "skip"))
	var answer wire.RunAnswer
	unmarshal(t, m.Result, &answer)
	if diff := cmp.Diff(wire.RunAnswer{RunID: "r", Unsaved: []string{}}, answer); diff != "" {
		t.Error(diff)
	}
	f := finished(t, p, "r")
	if f.Outcome != runner.Completed || !f.Failed || len(f.Slowest) != 4 {
		t.Errorf("got %+v", f)
	}
	want := map[string]runner.State{
		"tests.Tests.pass": runner.Passed, "tests.Tests.fail": runner.Failed, "tests.Tests.error": runner.Errored, "tests.Tests.skip": runner.Skipped,
	}
	if diff := cmp.Diff(want, story(t, p, "r")); diff != "" {
		t.Error(diff)
	}
}

func TestManyRunsOfManyClients(t *testing.T) {
	b := setup(t, nil)
	var peers []*lsptest.Peer
	for range 4 {
		p := b.client(t)
		peers = append(peers, p)
		for j := range 10 {
			p.Request(wire.MethodRun, runParams(fmt.Sprint("r", j), "pass", "fail", fmt.Sprint("t", j)))
		}
	}
	for _, p := range peers {
		for j := range 10 {
			finished(t, p, fmt.Sprint("r", j))
			if states := story(t, p, fmt.Sprint("r", j)); len(states) != 3 {
				t.Errorf("%v", states)
			}
		}
	}
}

func TestCancel(t *testing.T) {
	b := setup(t, nil)
	p := b.client(t)
	p.Request(wire.MethodRun, runParams("r", "pass", "block", "pass2"))
	receive(t, b.blocked, "the block")
	if m := p.Call(wire.MethodCancelRun, wire.CancelRunParams{RunID: "r"}); m.Error != nil {
		t.Error(m.Error)
	}
	if f := finished(t, p, "r"); f.Outcome != runner.CancelledRun {
		t.Errorf("got %+v", f)
	}
	want := map[string]runner.State{"tests.Tests.pass": runner.Passed, "tests.Tests.block": runner.Cancelled, "tests.Tests.pass2": runner.Cancelled}
	if diff := cmp.Diff(want, story(t, p, "r")); diff != "" {
		t.Error(diff)
	}
}

// A cancel in the same breath as the run must find it.
func TestCancelRightBehindTheRun(t *testing.T) {
	p := setup(t, nil).client(t)
	p.Request(wire.MethodRun, runParams("r", "block"))
	p.Request(wire.MethodCancelRun, wire.CancelRunParams{RunID: "r"})
	if f := finished(t, p, "r"); f.Outcome != runner.CancelledRun {
		t.Errorf("got %+v", f)
	}
	story(t, p, "r")
}

func TestFlood(t *testing.T) {
	p := setup(t, nil).client(t)
	p.Request(wire.MethodRun, runParams("r", "flood"))
	if f := finished(t, p, "r"); f.Counts[runner.Passed] != 10_000 || len(f.Slowest) != 10 {
		t.Errorf("got %v, %d slowest", f.Counts, len(f.Slowest))
	}
	if states := story(t, p, "r"); len(states) != 10_000 {
		t.Errorf("%d tests", len(states))
	}
}

// The client floods the server and reads nothing: its cancel is heard all the same.
func TestCancelGetsThrough(t *testing.T) {
	b := setup(t, nil)
	p := b.client(t)
	p.Request(wire.MethodRun, runParams("blocked", "block"))
	receive(t, b.blocked, "the block")
	p.Pause()
	for i := range 2 {
		p.Request(wire.MethodRun, runParams(fmt.Sprint("flood", i), "flood"))
	}
	for range 200 {
		p.Request(wire.MethodStatus, nil)
	}
	p.Request(wire.MethodCancelRun, wire.CancelRunParams{RunID: "blocked"})
	for receive(t, b.ended, "the end of the run") != "blocked" {
	}
	p.Resume()
	finished(t, p, "blocked")
	for i := range 2 {
		finished(t, p, fmt.Sprint("flood", i))
		story(t, p, fmt.Sprint("flood", i))
	}
}

func TestEndOfClientCancelsItsRunsOnly(t *testing.T) {
	b := setup(t, nil)
	leaver, stayer := b.client(t), b.client(t)
	stayer.Request(wire.MethodRun, runParams("stays", "block"))
	leaver.Request(wire.MethodRun, runParams("leaves", "block"))
	receive(t, b.blocked, "the block")
	receive(t, b.blocked, "the other block")
	leaver.Close()
	if id := receive(t, b.ended, "the end of the run"); id != "leaves" {
		t.Errorf("%s ended", id)
	}
	stayer.Call(wire.MethodCancelRun, wire.CancelRunParams{RunID: "stays"})
	finished(t, stayer, "stays")
}

func TestEngineBreaks(t *testing.T) {
	p := setup(t, nil).client(t)
	p.Request(wire.MethodRun, runParams("panic", "pass", "panic", "pass2"))
	if f := finished(t, p, "panic"); f.Outcome != runner.ErrorRun || f.Error != "internal error: the fake engine was asked to break" {
		t.Errorf("got %+v", f)
	}
	want := map[string]runner.State{"tests.Tests.pass": runner.Passed, "tests.Tests.panic": runner.NotRun, "tests.Tests.pass2": runner.NotRun}
	if diff := cmp.Diff(want, story(t, p, "panic")); diff != "" {
		t.Error(diff)
	}
	p.Request(wire.MethodRun, runParams("silent", "unfinished"))
	if f := finished(t, p, "silent"); f.Outcome != runner.ErrorRun || f.Error == "" {
		t.Errorf("got %+v", f)
	}
}

func TestRunRefused(t *testing.T) {
	b := setup(t, nil)
	p := b.client(t)
	p.Request(wire.MethodRun, runParams("taken", "block"))
	receive(t, b.blocked, "the block")
	for name, c := range map[string]struct {
		params any
		text   string
	}{
		"no id":     {map[string]any{}, "runId is missing"},
		"taken":     {runParams("taken"), `run "taken" goes on already`},
		"parallel":  {map[string]any{"runId": "x", "parallel": "many"}, `parallel: "many" is neither "auto" nor a number`},
		"no params": {nil, "runId is missing"},
		"no file":   {map[string]any{"runId": "x", "select": map[string]any{"uri": "untitled:Untitled-1"}}, `"untitled:Untitled-1" is not a file's uri`},
	} {
		if m := p.Call(wire.MethodRun, c.params); m.Code() != -32602 || m.Error.Message != c.text {
			t.Errorf("%s: %+v", name, m.Error)
		}
	}
	if m := p.Call(wire.MethodCancelRun, wire.CancelRunParams{RunID: "unknown"}); m.Error != nil {
		t.Errorf("cancel of an unknown run: %+v", m.Error)
	}
	p.Call(wire.MethodRun, map[string]any{"runId": "next", "onBusy": "cancelPrevious"})
	if f := finished(t, p, "taken"); f.Outcome != runner.CancelledRun {
		t.Errorf("got %+v", f)
	}
}

func TestRequest(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "test_a.py"), []byte("class A(TestCase):\n    def test_x(self):\n        pass\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	b := setup(t, func(o *lspserver.Options) {
		o.Root = func(runner.Client, runner.Overrides) (string, error) { return root, nil }
	})
	p := b.client(t)
	uri := "file://" + filepath.ToSlash(filepath.Join(root, "test_a.py"))
	p.Call(wire.MethodRun, map[string]any{
		"runId": "r", "project": map[string]any{"root": root, "python": "/py", "startMethod": "spawn"},
		"select": map[string]any{
			"labels": []string{"a.b", "test_a.py"}, "uri": uri, "nearest": map[string]any{"uri": uri, "position": map[string]any{"line": 2, "character": 3}},
			"patterns": []string{"k"}, "tags": []string{"slow"}, "excludeTags": []string{"x"}, "failed": true, "last": true, "affected": "v1", "ids": []string{"i"},
		},
		"parallel": 3, "failFast": true, "seed": 7, "reverse": true, "buffer": true, "debugSql": true, "verbosity": 0,
		"timeoutMs": -1, "cold": true, "runnerArgs": []string{"--x"},
	})
	finished(t, p, "r")
	seed := int64(7)
	want := runner.Request{
		Run:     "r",
		Client:  runner.Client{Name: "test", Dir: "/project", Env: []string{"SECRET=hunter2", "A=1"}},
		Project: runner.Overrides{Root: root, Python: "/py", StartMethod: "spawn"},
		Selection: runner.Selection{
			Labels: []string{"a.b", "test_a", "test_a", "test_a.A.test_x"}, IDs: []runner.TestID{"i"}, Patterns: []string{"k"},
			Tags: []string{"slow"}, ExcludeTags: []string{"x"}, Failed: true, Last: true, Affected: "v1",
		},
		Options: runner.Options{
			Parallel: 3, FailFast: true, Shuffle: true, Seed: &seed, Reverse: true, Buffer: true, DebugSQL: true,
			Timeout: -time.Millisecond, Cold: true, RunnerArgs: []string{"--x"},
		},
	}
	got := b.engine.Requests()[0]
	checkWay(t, got)
	got.Asked, got.Timings = time.Time{}, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	m := p.Call(wire.MethodRun, map[string]any{"runId": "no", "project": map[string]any{"root": root}, "select": map[string]any{"labels": []string{"test_b.py"}}})
	if m.Code() != -32602 || m.Error.Message != "test_b.py: no such file or directory" {
		t.Errorf("got %+v", m.Error)
	}
}

// checkWay wants a request to tell how it came to the engine.
func checkWay(t *testing.T, request runner.Request) {
	t.Helper()
	var names []string
	last := 0.0
	for _, timing := range request.Timings {
		names = append(names, timing.Name)
		if timing.Ms < last {
			t.Errorf("the way of the request runs backward: %v", request.Timings)
		}
		last = timing.Ms
	}
	if diff := cmp.Diff([]string{"labels resolved", "handed to the engine"}, names); diff != "" {
		t.Error(diff)
	}
	if ago := time.Since(request.Asked); ago < 0 || ago > time.Minute {
		t.Errorf("it was asked for %v ago", ago)
	}
}

func TestOutputNotWanted(t *testing.T) {
	for _, way := range []string{"none", "pull"} {
		p := setup(t, nil).connect(t)
		initialize(t, p, map[string]any{"version": 1, "output": way})
		p.Request(wire.MethodRun, runParams("r", "pass"))
		finished(t, p, "r")
		var events wire.TestEvents
		unmarshal(t, p.WaitMethod(wire.MethodTestEvents, 2).Params, &events)
		for _, e := range events.Events {
			var output struct{ Output string }
			unmarshal(t, e, &output)
			if output.Output != "" {
				t.Errorf("%s: got %s", way, e)
			}
		}
	}
}

// A client that stops reading loses its connection and its runs, and nobody else does.
func TestClientThatDoesNotRead(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		engine := &flooding{ended: make(chan struct{})}
		server := lspserver.New(lspserver.Options{Engine: engine})
		ours, theirs := session.Duplex()
		served := make(chan struct{})
		go func() {
			defer close(served)
			server.Serve(context.Background(), ours)
		}()
		p := lsptest.NewPeer(t, theirs, lsptest.Checked(t))
		initialize(t, p, nil)
		p.Call(wire.MethodRun, runParams("r"))
		begin := time.Now()
		p.Pause()
		<-engine.ended
		<-served
		if waited := time.Since(begin); waited < 30*time.Second || waited > 31*time.Second {
			t.Errorf("left after %v", waited)
		}
		if engine.sent < 16<<20 || engine.sent > 64<<20 {
			t.Errorf("%d MB were taken from the engine", engine.sent>>20)
		}
	})
}

// flooding is an engine whose run prints without end until it is cancelled.
type flooding struct {
	lsptest.Engine
	sent  int
	ended chan struct{}
}

func (f *flooding) Run(ctx context.Context, request runner.Request, emit func(runner.Event)) {
	defer close(f.ended)
	output := strings.Repeat("x", 10<<10)
	for i := 0; ctx.Err() == nil; i++ {
		emit(runner.TestFinished{Test: runner.Test{ID: runner.TestID(fmt.Sprint(i))}, Verdict: runner.Verdict{State: runner.Passed}, Output: output})
		f.sent += len(output)
	}
	emit(runner.RunFinished{Run: request.Run, Outcome: runner.CancelledRun})
}

// The first event goes out at once, those that follow closely travel together.
func TestBatches(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		engine := &paced{}
		server := lspserver.New(lspserver.Options{Engine: engine})
		ours, theirs := session.Duplex()
		go server.Serve(context.Background(), ours)
		p := lsptest.NewPeer(t, theirs, lsptest.Checked(t))
		initialize(t, p, map[string]any{"maxEventBatchMs": 100})
		p.Call(wire.MethodRun, runParams("r"))
		finished(t, p, "r")
		var sizes []int
		for _, m := range p.Log() {
			if m.Method == wire.MethodTestEvents {
				var events struct{ Events []json.RawMessage }
				unmarshal(t, m.Params, &events)
				sizes = append(sizes, len(events.Events))
			}
		}
		// At 0 ms; at 100 ms those of 10 to 90; after a pause at once; the last two with
		// the end of the run, which waits for nothing.
		if want := []int{1, 9, 1, 2}; !cmp.Equal(sizes, want) {
			t.Errorf("got %v, want %v", sizes, want)
		}
		p.Close()
		synctest.Wait()
	})
}

// The last verdict waits for nothing, not even for the end of the run.
func TestLastVerdict(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		engine := &slowToEnd{told: make(chan struct{})}
		server := lspserver.New(lspserver.Options{Engine: engine})
		ours, theirs := session.Duplex()
		go server.Serve(context.Background(), ours)
		p := lsptest.NewPeer(t, theirs, lsptest.Checked(t))
		initialize(t, p, map[string]any{"maxEventBatchMs": 3_600_000})
		p.Call(wire.MethodRun, runParams("r"))
		p.Wait("the verdict", func(m lsptest.Message) bool {
			return m.Method == wire.MethodTestEvents && strings.Contains(string(m.Params), `"finished"`)
		})
		close(engine.told)
		finished(t, p, "r")
		p.Close()
		synctest.Wait()
	})
}

// slowToEnd is an engine that ends a run of one test when the client knows the verdict.
type slowToEnd struct {
	lsptest.Engine
	told chan struct{}
}

func (s *slowToEnd) Run(_ context.Context, request runner.Request, emit func(runner.Event)) {
	test := runner.Test{ID: "x"}
	emit(runner.RunStarted{Run: request.Run, Tests: []runner.Test{test}})
	emit(runner.TestStarted{ID: test.ID})
	emit(runner.TestFinished{Test: test, Verdict: runner.Verdict{State: runner.Passed}})
	<-s.told
	emit(runner.RunFinished{Run: request.Run, Outcome: runner.Completed})
}

// paced is an engine with a beat.
type paced struct{ lsptest.Engine }

func (*paced) Run(_ context.Context, request runner.Request, emit func(runner.Event)) {
	for range 10 {
		emit(runner.TestStarted{ID: "x"})
		time.Sleep(10 * time.Millisecond) // of the bubble's clock
	}
	time.Sleep(time.Second)
	for range 3 {
		emit(runner.TestStarted{ID: "x"})
	}
	emit(runner.RunFinished{Run: request.Run, Outcome: runner.Completed})
}

func TestQueue(t *testing.T) {
	b := setup(t, nil)
	p := b.client(t)
	p.Request(wire.MethodRun, runParams("first", "block"))
	receive(t, b.blocked, "the block")
	p.Call(wire.MethodRun, map[string]any{"runId": "queued", "onBusy": "queue", "select": map[string]any{"labels": []string{"pass"}}})
	p.Call(wire.MethodRun, map[string]any{"runId": "given up", "onBusy": "queue", "select": map[string]any{"labels": []string{"pass"}}})
	p.Call(wire.MethodCancelRun, wire.CancelRunParams{RunID: "given up"})
	if f := finished(t, p, "given up"); f.Outcome != runner.CancelledRun {
		t.Errorf("got %+v", f)
	}
	if got := len(b.engine.Requests()); got != 2 {
		t.Errorf("%d runs were begun while the first was on", got-1)
	}
	p.Call(wire.MethodCancelRun, wire.CancelRunParams{RunID: "first"})
	if f := finished(t, p, "queued"); f.Outcome != runner.Completed {
		t.Errorf("got %+v", f)
	}
}
