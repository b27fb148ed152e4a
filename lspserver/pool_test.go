package lspserver_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// pooled is an editor that wants to hear where workers stand, and has the project.
func (w *window) pooled(t *testing.T) *lsptest.Editor {
	t.Helper()
	return w.open(t, lsptest.Options{Hotclub: map[string]any{"poolEvents": true}})
}

// key is that of the window's project.
func (w *window) key() string { return "fake" + filepath.Base(w.root) }

// said are the notifications of a method so far.
func said[P any](t *testing.T, e *lsptest.Editor, method string) (list []P) {
	t.Helper()
	for _, m := range e.Log() {
		if m.Method == method {
			var p P
			if err := json.Unmarshal(m.Params, &p); err != nil {
				t.Fatal(err)
			}
			list = append(list, p)
		}
	}
	return list
}

// waitSaid waits for a notification.
func waitSaid[P any](t *testing.T, e *lsptest.Editor, method string, wanted func(P) bool) (found P) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		list := said[P](t, e, method)
		if at := slices.IndexFunc(list, wanted); at >= 0 {
			return list[at]
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("no %s as wanted: %+v", method, said[P](t, e, method))
	return found
}

// A start that takes long is shown, with its cause and how long it took last time; a quick one is not.
func TestProgressOfStarts(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		w := newWindow(t, nil)
		e := w.open(t, lsptest.Options{})
		file := filepath.Join(w.root, "shop", "models.py")
		booting := runner.PoolChange{Kind: runner.Booting, Cause: &runner.Cause{File: file, Rule: "changed"}, LastMs: 180}
		w.engine.Tell(w.key(), booting)
		w.engine.Tell(w.key(), runner.PoolChange{Kind: runner.Booted, Generation: "g1"})
		w.engine.Tell("fakeother", booting) // of no project of this window
		w.engine.Tell(w.key(), booting)
		w.engine.Tell(w.key(), runner.PoolChange{Kind: runner.Superseded, Cause: &runner.Cause{File: file, Rule: "is gone"}})
		if shown := e.WaitProgress("Starting web"); shown.Ended {
			t.Errorf("got %+v", shown)
		}
		w.engine.Tell(w.key(), booting)
		w.engine.Tell(w.key(), runner.PoolChange{Kind: runner.BootFailed, Fault: &runner.Message{Text: "x", Location: &runner.Location{File: file, Line: 1}}})
		shown := e.WaitProgressEnd("Starting web")
		if !slices.Contains(shown.Messages, "shop/models.py changed (180 ms last time)") || shown.Messages[len(shown.Messages)-1] != "it does not start" {
			t.Errorf("got %q", shown.Messages)
		}
		if got := heard(e, "window/workDoneProgress/create"); got != 1 {
			t.Errorf("%d were shown, want 1", got)
		}
	})
}

// Where the workers stand is told to who wants to hear it, a storm of saves in a few messages.
func TestWhereWorkersStand(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		w := newWindow(t, nil)
		e, deaf := w.pooled(t), w.open(t, lsptest.Options{})
		waitSaid(t, e, wire.MethodDidChangeStatus, func(s wire.DidChangeStatus) bool { return s.State == runner.PoolCold }) // as it is met
		stand := runner.ProjectStatus{State: runner.PoolReady, Generation: "g7", Workers: []runner.WorkerStatus{
			{Name: "f3", Kind: "forked", State: "ready", PID: 12, MemoryMB: 14, Generation: "g7", Loaded: []string{"shop.tests"}},
		}}
		w.engine.Stand(stand)
		for i := range 500 {
			cause := runner.Cause{File: filepath.Join(w.root, fmt.Sprintf("m%d.py", i%3)), Rule: "changed"}
			w.engine.Tell(w.key(), runner.PoolChange{Kind: runner.Invalidated, Generation: fmt.Sprintf("g%d", i), Cause: &cause, Workers: 2})
			w.engine.Tell(w.key(), runner.PoolChange{Kind: runner.WorkersChanged})
		}
		w.engine.Tell(w.key(), runner.PoolChange{Kind: runner.WorkersReady, Generation: "g7"})
		id := runner.TestID(w.key() + "//")
		status := waitSaid(t, e, wire.MethodDidChangeStatus, func(s wire.DidChangeStatus) bool {
			return s.Change != nil && s.Change.Kind == runner.WorkersReady
		})
		if status.Project != id || status.Root != w.root || status.State != runner.PoolReady || status.Generation != "g7" || status.Workers.Ready != 2 {
			t.Errorf("got %+v", status)
		}
		workers := waitSaid(t, e, wire.MethodDidChangeWorkers, func(c wire.DidChangeWorkers) bool { return len(c.Workers) == 1 })
		if got := workers.Workers[0]; workers.Project != id || got.Name != "f3" || got.Generation != "g7" || got.MemoryMB != 14 || !slices.Equal(got.Loaded, []string{"shop.tests"}) {
			t.Errorf("got %+v", workers)
		}
		lost, causes := 0, map[runner.Cause]bool{}
		for _, one := range said[wire.Invalidated](t, e, wire.MethodInvalidated) {
			lost += one.Workers
			for _, cause := range one.Cause {
				causes[cause] = true
			}
		}
		if lost != 1000 || len(causes) != 3 {
			t.Errorf("%d workers lost by %v", lost, causes)
		}
		if got := heard(e, "hotclub/invalidated") + heard(e, "hotclub/didChange"); got > 15 {
			t.Errorf("%d messages for one storm", got)
		}
		if got := heard(deaf, "hotclub/invalidated") + heard(deaf, "hotclub/didChangeStatus") + heard(deaf, "hotclub/didChangeWorkers"); got != 0 {
			t.Errorf("%d messages to an editor that did not ask", got)
		}
	})
}

// The test that a worker runs is told.
func TestWhatAWorkerRuns(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		w := newWindow(t, nil)
		e := w.openBlocking(t, lsptest.Options{Hotclub: map[string]any{"poolEvents": true}})
		discover(t, e)
		waitTree(t, e, w.id("test_block"), true)
		w.engine.Stand(runner.ProjectStatus{State: runner.PoolReady, Workers: []runner.WorkerStatus{{Name: "w1", State: "running"}}})
		e.Run(map[string]any{"runId": "r", "select": map[string]any{"ids": []any{w.id("test_block")}}})
		receive(t, w.blocked, "the block")
		waitSaid(t, e, wire.MethodDidChangeWorkers, func(c wire.DidChangeWorkers) bool {
			return len(c.Workers) == 1 && c.Workers[0].Test == "shop.tests.CartTests.test_block"
		})
		e.Call(wire.MethodCancelRun, wire.CancelRunParams{RunID: "r"})
		e.WaitRunFinished("r")
		waitSaid(t, e, wire.MethodDidChangeWorkers, func(c wire.DidChangeWorkers) bool { return len(c.Workers) == 1 && c.Workers[0].Test == "" })
	})
}
