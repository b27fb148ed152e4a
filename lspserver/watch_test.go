package lspserver_test

import (
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

func TestWatch(t *testing.T) {
	w := newWindow(t, nil)
	e := w.known(t)
	e.WaitRegistered("workspace/didChangeWatchedFiles")
	var answer wire.WatchAnswer
	unmarshal(t, e.Call(wire.MethodWatch, wire.WatchParams{URI: e.URI(w.file)}).Result, &answer)
	if len(answer.URIs) != 1 || answer.URIs[0] != e.URI(w.file) {
		t.Errorf("got %+v", answer)
	}
	if !contains(titles(e.Lenses(w.file)), "Watching · stop") {
		t.Errorf("got %q", titles(e.Lenses(w.file)))
	}
	e.Replace(w.file, "test_skip", "test_skipped")
	e.Save(w.file)
	e.DiskChanged(lsptest.FileChanged, w.file) // the same save, told by the watcher
	if got := ran(e, 1); len(got) != 3 || got[2] != "CartTests.test_skipped" {
		t.Errorf("got %q", got)
	}
	if !w.engine.Requests()[0].Options.BadFirst {
		t.Error("what failed last does not come first")
	}
	e.Call(wire.MethodUnwatch, wire.WatchParams{URI: e.URI(w.file)})
	e.Replace(w.file, "test_skipped", "test_skip")
	e.Save(w.file)
	waitTree(t, e, w.id("test_skip"), true)
	if got := w.engine.Requests(); len(got) != 1 {
		t.Errorf("%d runs", len(got))
	}
	for _, method := range []string{wire.MethodWatch, wire.MethodUnwatch} {
		if m := e.Call(method, wire.WatchParams{URI: "untitled:x"}); m.Code() != -32602 {
			t.Errorf("%s: %+v", method, m)
		}
	}
}

// The lens at the head of a file switches it on, which runs its tests at once, and off.
func TestToggleWatch(t *testing.T) {
	w := newWindow(t, nil)
	e := w.known(t)
	toggle := func(title string) {
		t.Helper()
		for _, lens := range e.Lenses(w.file) {
			if strings.HasPrefix(lens.Title(), title) {
				click(t, e, lens)
				return
			}
		}
		t.Errorf("no %s in %q", title, titles(e.Lenses(w.file)))
	}
	toggle("Watch")
	if got := ran(e, 1); len(got) != 3 {
		t.Errorf("got %q", got)
	}
	toggle("Watching")
	e.Replace(w.file, "test_skip", "test_skipped")
	e.Save(w.file)
	waitTree(t, e, w.id("test_skipped"), true)
	if got := w.engine.Requests(); len(got) != 1 {
		t.Errorf("%d runs", len(got))
	}
}

// A run of an earlier save is superseded by the next.
func TestWatchSupersedes(t *testing.T) {
	w := newWindow(t, nil)
	e := w.openBlocking(t, lsptest.Options{})
	discover(t, e)
	waitTree(t, e, w.id("test_block"), true)
	e.Execute("hotclub.toggleWatch", map[string]any{"uri": e.URI(w.file)})
	receive(t, w.blocked, "the block")
	e.Replace(w.file, "test_block", "test_pass")
	e.Save(w.file)
	if got := e.WaitNextRun(1).Finished.Outcome; got != runner.CancelledRun {
		t.Errorf("got %s", got)
	}
	if got := e.WaitNextRun(2).Finished.Outcome; got != runner.Completed {
		t.Errorf("got %s", got)
	}
}
