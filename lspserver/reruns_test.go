package lspserver_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// passing is a file of tests of which none fails.
const passing = `from django.test import TestCase


class OtherTests(TestCase):
    def test_fine(self):
        pass
`

// The module that was run last is loaded for the next run, also when whoever ran it has left: at the
// run's end, in a new generation, and after an edit of it. Of a run of several it is the one in which
// tests failed.
func TestModuleThatRanLast(t *testing.T) {
	w := newWindow(t, nil)
	write(t, filepath.Join(w.root, "shop", "test_other.py"), passing)
	p, err := w.engine.Open(runner.Client{Dir: w.root}, runner.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Tests.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	wanted := make(chan runner.Request, 100)
	w.engine.Anticipated = func(_ context.Context, expected runner.Request) { wanted <- expected }
	next := func(what, label string) {
		t.Helper()
		expected := receive(t, wanted, what)
		if got := strings.Join(expected.Selection.Labels, " "); got != label {
			t.Errorf("%s: %s is loaded, want %s", what, got, label)
		}
		if !slices.Contains(expected.Client.Env, "A=1") || expected.Project.Root != w.root || !slices.Equal(expected.Options.RunnerArgs, []string{"--fast"}) {
			t.Errorf("%s: %+v is not as it was run", what, expected)
		}
	}
	none := func(what string) {
		t.Helper()
		select {
		case expected := <-wanted:
			t.Errorf("%s: %v is loaded", what, expected.Selection.Labels)
		case <-time.After(time.Second):
		}
	}
	runs := 0
	run := func(ids ...string) {
		t.Helper()
		runs++
		id := fmt.Sprint("run-", runs)
		shell := w.client(t)
		shell.Call(wire.MethodRun, map[string]any{
			"runId": id, "project": map[string]any{"root": w.root}, "select": map[string]any{"ids": ids}, "runnerArgs": []string{"--fast"},
		})
		finished(t, shell, id)
		shell.Close()
	}
	tell := func(kind runner.PoolChangeKind) { w.engine.Tell(w.key(), runner.PoolChange{Kind: kind}) }

	run("fakeweb//shop/test_other.py::OtherTests::test_fine")
	next("one test", "shop.test_other")
	tell(runner.WorkersReady)
	next("a new generation is ready", "shop.test_other")
	tell(runner.WorkerLost)
	next("its text has changed", "shop.test_other")
	tell(runner.WorkersChanged)
	next("a worker has another state, which may be the one that has it", "shop.test_other")
	run("fakeweb//shop/tests.py", "fakeweb//shop/test_other.py")
	next("some of all failed", "shop.tests")
	w.engine.Mend("test_fail")
	run("fakeweb//shop/tests.py", "fakeweb//shop/test_other.py")
	none("all passed")
	tell(runner.PoolEnded)
	tell(runner.WorkersReady)
	none("the pool has ended, and somebody else has begun another")
}

// A server that ends loads nothing any more.
func TestNothingIsLoadedAtTheEnd(t *testing.T) {
	w := newWindow(t, nil)
	begun, dropped := make(chan struct{}), make(chan struct{})
	w.engine.Anticipated = func(ctx context.Context, _ runner.Request) {
		close(begun)
		<-ctx.Done()
		close(dropped)
	}
	e := w.client(t)
	if _, err := w.engine.Open(runner.Client{Dir: w.root}, runner.Overrides{}); err != nil {
		t.Fatal(err)
	}
	e.Call(wire.MethodRun, shellRun(w, "one"))
	finished(t, e, "one")
	receive(t, begun, "the load")
	w.server.Shutdown(t.Context())
	select {
	case <-dropped:
	default:
		t.Error("the server has ended, and loads")
	}
}
