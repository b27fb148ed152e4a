package lspserver_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotclub/lspserver"
	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// exampleProject is the project of the examples.
var exampleProject = map[string]string{
	"manage.py":         "",
	"tests/__init__.py": "",
	"tests/test_cart.py": `from django.test import TestCase


class CartTests(TestCase):
    def test_total(self):
        self.assertEqual(1 + 2, 3)

    def test_fail(self):
        self.assertEqual(1 + 2, 4)
`,
	"tests/test_price.py": `from django.test import TestCase


class PriceTests(TestCase):
    def test_loop(self):
        for i in range(5):
            with self.subTest(i=i):
                self.assertNotEqual(i, 3)
`,
	"tests/test_slow.py": `from django.test import TestCase


class SlowTests(TestCase):
    def test_block(self):
        pass
`,
}

// storyteller is the fake engine with more to tell: of a subtest, and of a class that cannot be
// torn down.
type storyteller struct{ *lsptest.Engine }

func (e storyteller) Run(ctx context.Context, request runner.Request, emit func(runner.Event)) {
	errors := 0
	e.Engine.Run(ctx, request, func(event runner.Event) {
		switch told := event.(type) {
		case runner.TestFinished:
			if told.Test.Name != "test_loop" {
				break
			}
			told.Verdict.Messages = []runner.Message{{
				Text: "Traceback (most recent call last):\n…\nAssertionError: 3 == 3\n", Summary: "AssertionError: 3 == 3",
				Phase: runner.PhaseSubtest, Subtest: "(i=3)", Location: &runner.Location{File: told.Test.File, Line: 8},
			}}
			told.Verdict.State = runner.Failed
			for i := range 5 {
				subtest := runner.Subtest{Description: fmt.Sprintf("(i=%d)", i), State: runner.Passed}
				if i == 3 {
					subtest.State = runner.Failed
				}
				told.Verdict.Subtests = append(told.Verdict.Subtests, subtest)
			}
			emit(told)
			class := runner.TestID(strings.TrimSuffix(string(told.Test.ID), "::"+told.Test.Name))
			errors++
			emit(runner.ClassErrored{
				ID: class, Kind: runner.KindClass, Label: "tests.test_price.PriceTests",
				Verdict: runner.Verdict{State: runner.Errored, Worker: "w1", Generation: "g1", Messages: []runner.Message{{
					Text: "Traceback (most recent call last):\n…\nRuntimeError: the till is open\n", Summary: "RuntimeError: the till is open",
					Phase: runner.PhaseTearDownClass,
				}}},
			})
			return
		case runner.RunFinished:
			if errors > 0 {
				told.ClassErrors, told.Failed = errors, true
				told.Counts = map[runner.State]int{runner.Failed: 1}
			}
			told.DurationMs = 21.5
			event = told
		}
		emit(event)
	})
}

// exampleSession is the session that the examples are taken from: every method once at least. It runs
// with a clock of its own, so that what travels together always does.
func exampleSession(t *testing.T) (said transcribed) {
	t.Helper()
	root := filepath.Join(t.TempDir(), "shop")
	past := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) // the bubble's clock begins in 2000
	for name, text := range exampleProject {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, past, past); err != nil {
			t.Fatal(err)
		}
	}
	recording := &tape{}
	reports := t.TempDir()
	lsptest.Bubble(t, func(t *testing.T) {
		saved := make(chan runner.Saved, 1)
		saved <- runner.Saved{Changes: []runner.Cause{{File: filepath.Join(root, "shop/models.py"), Rule: "changed"}}}
		a := exampleEditor{t: t, root: root, cart: filepath.Join(root, "tests/test_cart.py"), blocked: make(chan runner.RunID, 1)}
		a.engine = &lsptest.Engine{Blocked: a.blocked, Saved: saved}
		a.server = lspserver.New(lspserver.Options{
			Engine: storyteller{a.engine}, Reports: reports,
			Diagnose: func(context.Context, runner.Client, runner.Overrides) string {
				return "ok  manage.py: " + root + "/manage.py\n"
			},
			Info: wire.DaemonInfo{
				PID: 4711, Build: "3f9c2a51d07e", Version: "v0.2.0",
				Socket: "/run/user/1000/hotclub/3f9c2a51d07e.sock", Log: "/home/ana/.local/state/hotclub/daemon.log",
			},
		})
		a.Editor = a.connect(recording)
		a.settle()
		a.look()
		a.run()
		a.ask()
		a.command()
		a.change()
		a.stale()
		a.measure()
		a.control()
		a.debug()
		a.Quit()
	})
	return recording.read(t, strings.NewReplacer(root, "/home/ana/shop", reports, "/run/user/1000/hotclub/reports", "fakeshop", "0d1c7a93be52"))
}

// exampleEditor is the editor of the session, step by step.
type exampleEditor struct {
	*lsptest.Editor
	t          *testing.T
	server     *lspserver.Server
	engine     *lsptest.Engine
	root, cart string
	blocked    chan runner.RunID
}

func (a *exampleEditor) connect(recording *tape) *lsptest.Editor {
	ours, theirs := session.Duplex()
	served := make(chan struct{})
	go func() {
		defer close(served)
		a.server.Serve(context.Background(), ours)
	}()
	a.t.Cleanup(func() { <-served })
	recording.ReadWriteCloser = theirs
	hello := fmt.Sprintf(`{"jsonrpc":"2.0","method":%q,"params":{"cwd":%q,"environment":["LANG=C.UTF-8"]}}`, wire.MethodClient, a.root)
	fmt.Fprintf(recording, "Content-Length: %d\r\n\r\n%s", len(hello), hello) // what the forwarder says first
	return lsptest.NewEditor(a.t, recording, lsptest.Options{
		Name: "my-editor", Folders: []string{a.root}, Untrusted: true,
		Hotclub: map[string]any{"maxEventBatchMs": 50, "runEvents": "all", "poolEvents": true},
	})
}

// settle lets everything come that is on its way.
func (a *exampleEditor) settle() { time.Sleep(2 * time.Second) }

func (a *exampleEditor) id(rest string) runner.TestID {
	return runner.TestID("fakeshop//tests/" + rest)
}

func (a *exampleEditor) uri() string { return a.URI(a.cart) }

// refused is a request that the server must answer with an error.
func (a *exampleEditor) refused(method string, params any, code int) {
	a.t.Helper()
	if m := a.Call(method, params); m.Code() != code {
		a.t.Errorf("%s: got %+v, want the error %d", method, m, code)
	}
	a.settle()
}

// asks is a request that the server must answer.
func (a *exampleEditor) asks(method string, params any) {
	a.t.Helper()
	if m := a.Call(method, params); m.Error != nil {
		a.t.Errorf("%s: %d %s", method, m.Code(), m.Error.Message)
	}
	a.settle()
}

func (a *exampleEditor) look() {
	a.refused(wire.MethodRun, wire.RunParams{RunID: "run-0", Select: wire.Select{All: true}}, -32803)
	trusted := true
	a.asks(wire.MethodConfigure, wire.Configuration{Trusted: &trusted, Parallel: wire.Auto})
	a.Open(a.cart, exampleProject["tests/test_cart.py"])
	a.asks(wire.MethodDiscover, wire.DiscoverParams{Scope: &wire.DiscoverScope{URI: a.uri()}})
	a.asks(wire.MethodTestsAt, wire.TestsAtParams{URI: a.uri(), Position: &wire.Position{Line: 5, Character: 8}})
}

func (a *exampleEditor) run() {
	sum := sha256.Sum256([]byte(exampleProject["tests/test_cart.py"]))
	params := wire.RunParams{
		RunID: "run-1", Select: wire.Select{IDs: []runner.TestID{a.id("test_cart.py::CartTests")}},
		Fresh: []wire.Fresh{{URI: a.uri(), Version: 1, SHA256: hex.EncodeToString(sum[:])}},
	}
	a.asks(wire.MethodRun, params)
	lenses := a.Lenses(a.cart)
	a.asks("codeLens/resolve", lenses[len(lenses)-1])

	params.RunID, params.Fresh[0].SHA256 = "run-2", strings.Repeat("0", 64)
	a.refused(wire.MethodRun, params, -32801)

	a.asks(wire.MethodRun, wire.RunParams{RunID: "run-3", Select: wire.Select{IDs: []runner.TestID{a.id("test_slow.py")}}})
	<-a.blocked
	a.asks(wire.MethodCancelRun, wire.CancelRunParams{RunID: "run-3"})

	a.asks(wire.MethodRun, wire.RunParams{RunID: "run-4", Select: wire.Select{Labels: []string{"tests.test_price"}}})
}

// measure is a run with coverage.
func (a *exampleEditor) measure() {
	models, views := filepath.Join(a.root, "catalog/models.py"), filepath.Join(a.root, "catalog/views.py")
	a.engine.Coverage = runner.Coverage{Tool: "coverage 7.6.1", Files: []runner.FileCoverage{
		{
			File: models, Executed: 12, Total: 13, BranchesExecuted: 1, BranchesTotal: 2,
			ExecutedLines: []runner.LineRange{{1, 2}, {5, 9}, {11, 15}}, MissedLines: []runner.LineRange{{16, 16}},
			Branches: []runner.Branch{{Line: 15, To: -14, Taken: true}, {Line: 15, To: 16}},
		},
		{File: views, Total: 4, MissedLines: []runner.LineRange{{1, 4}}},
	}}
	a.asks(wire.MethodRun, wire.RunParams{
		RunID: "run-5", Select: wire.Select{IDs: []runner.TestID{a.id("test_cart.py::CartTests::test_total")}},
		Coverage: &runner.Measure{Branches: true},
	})
	a.asks(wire.MethodCoverage, wire.CoverageParams{RunID: "run-5"})
	a.asks(wire.MethodCoverage, wire.CoverageParams{RunID: "run-5", URI: a.URI(models)})
	a.refused(wire.MethodCoverage, wire.CoverageParams{RunID: "run-4"}, -32803)
}

func (a *exampleEditor) ask() {
	fail := a.id("test_cart.py::CartTests::test_fail")
	a.asks(wire.MethodResults, wire.ResultsParams{URI: a.uri()})
	a.asks(wire.MethodOutput, wire.OutputParams{ID: fail})
	a.asks(wire.MethodExplain, wire.ExplainParams{ID: fail})
	a.refused(wire.MethodExplain, wire.ExplainParams{ID: a.id("test_cart.py::CartTests::test_gone")}, -32803)
	a.asks(wire.MethodCommand, wire.IDsParams{IDs: []runner.TestID{fail}})
	a.asks(wire.MethodDiagnose, struct{}{})
}

func (a *exampleEditor) command() {
	a.asks("workspace/executeCommand", map[string]any{
		"command": "hotclub.run", "arguments": []any{map[string]any{"id": a.id("test_cart.py::CartTests")}},
	})
	slow := a.StartCommand("hotclub.run", map[string]any{"id": a.id("test_slow.py")})
	<-a.blocked
	a.settle()
	a.CancelProgress(a.WaitProgress("Running tests"))
	a.Answer(slow)
	a.settle()
	a.asks("workspace/executeCommand", map[string]any{
		"command": "hotclub.showOutput", "arguments": []any{map[string]any{"id": a.id("test_cart.py::CartTests::test_fail")}},
	})
}

// change adds a test.
func (a *exampleEditor) change() {
	at := a.Find(a.cart, "    def test_fail")
	at.End = at.Start
	a.Change(a.cart, lsptest.Edit{Range: at, Text: "    def test_empty(self):\n        pass\n\n"})
	a.Save(a.cart)
	a.settle()
}

// stale is a save of models.py, told by the pool.
func (a *exampleEditor) stale() {
	cause := runner.Cause{File: filepath.Join(a.root, "catalog/models.py"), Rule: "changed"}
	a.engine.Tell("fakeshop", runner.PoolChange{Kind: runner.Invalidated, Generation: "a16db580", Cause: &cause, Workers: 3})
	a.settle()
	since := time.Now()
	a.engine.Stand(runner.ProjectStatus{State: runner.PoolReady, Generation: "472cf8ec", Workers: []runner.WorkerStatus{
		{Name: "s16", Kind: "base", State: "ready", PID: 4720, Since: since, MemoryMB: 31.5},
		{Name: "l21", Kind: "layer", State: "ready", PID: 4731, Since: since, MemoryMB: 12.25, Generation: "472cf8ec"},
		{
			Name: "f22", Kind: "forked", State: "ready", PID: 4732, Since: since, MemoryMB: 14, Generation: "472cf8ec",
			Loaded: []string{"tests.test_cart"},
		},
	}})
	a.engine.Tell("fakeshop", runner.PoolChange{At: since, Kind: runner.Booted, Generation: "472cf8ec", TookMs: 181.5, Base: true, From: "s16"})
	a.settle()
}

func (a *exampleEditor) debug() {
	params := wire.DebugParams{
		RunParams: wire.RunParams{RunID: "run-9", Select: wire.Select{IDs: []runner.TestID{a.id("test_cart.py::CartTests::test_fail")}}},
		Debug:     runner.Debug{StopOnFailure: true},
	}
	a.engine.Undebuggable = "debugpy is not installed in /home/ana/shop/.venv/bin/python: /home/ana/shop/.venv/bin/python -m pip install debugpy, " +
		"or name a folder that holds it (an editor's own, say) with the member debugpy of the request"
	a.refused(wire.MethodDebug, params, -32803)
	a.engine.Undebuggable = ""
	a.asks(wire.MethodDebug, params)
}

func (a *exampleEditor) control() {
	a.asks(wire.MethodWatch, wire.WatchParams{URI: a.uri()})
	a.asks(wire.MethodUnwatch, wire.WatchParams{URI: a.uri()})
	a.asks(wire.MethodSaves, wire.SavesParams{Begin: true})
	a.asks(wire.MethodSaves, wire.SavesParams{})
	a.asks(wire.MethodStatus, struct{}{})
	a.asks(wire.MethodRestart, wire.RestartParams{})
	a.asks(wire.MethodDatabase, wire.DatabaseParams{Action: runner.ListDatabases})
	a.asks(wire.MethodStop, wire.StopParams{})
}
