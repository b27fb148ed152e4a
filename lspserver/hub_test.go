package lspserver_test

import (
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

var all = lsptest.Options{Hotclub: map[string]any{"runEvents": "all"}}

// shellRun is what `hotclub run` asks for.
func shellRun(w *window, id string) map[string]any {
	return map[string]any{"runId": id, "project": map[string]any{"root": w.root}, "select": map[string]any{"ids": []string{"fakeweb//"}}}
}

// A run of the shell is seen by every editor of the project that wants to: with its id, all of its
// events, and on the screen.
func TestRunOfTheShellIsSeen(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, all)
	own := w.open(t, lsptest.Options{})
	p := w.client(t)
	p.Call(wire.MethodRun, shellRun(w, "shell-1"))
	finished(t, p, "shell-1")
	r := e.WaitRunFinished("shell-1")
	if len(r.Verdicts) != 3 || r.Started.Origin != "test" || r.Verdicts[w.id("test_fail")].State != runner.Failed {
		t.Errorf("got %+v", r)
	}
	for _, each := range []*lsptest.Editor{e, own} {
		w.waitTitle(t, each, "test_fail", "▶ Run · ✘ 3 != 4")
		each.WaitDiagnostics(w.file, some)
	}
	if n := heard(own, "hotclub/"); n > 0 {
		t.Errorf("the other editor, which wants its own runs only, got %d messages", n)
	}
}

// Two clients may have chosen the same id.
func TestRunsOfTheSameID(t *testing.T) {
	w := newWindow(t, nil)
	e := w.openBlocking(t, all)
	discover(t, e)
	waitTree(t, e, w.id("test_block"), true)
	e.Run(map[string]any{"runId": "r", "select": map[string]any{"ids": []any{w.id("test_block")}}})
	receive(t, w.blocked, "the block")
	other := w.editor(t, lsptest.Options{Folders: []string{w.root}})
	other.Run(map[string]any{"runId": "r", "select": map[string]any{"ids": []any{w.id("test_fail")}}})
	other.WaitRunFinished("r")
	if got := e.WaitRunFinished("r~"); len(got.Verdicts) != 1 {
		t.Errorf("got %+v", got)
	}
	e.Call(wire.MethodCancelRun, wire.CancelRunParams{RunID: "r"})
	e.WaitRunFinished("r")
}

// So may two others.
func TestOverheardRunsOfTheSameID(t *testing.T) {
	w := newWindow(t, nil)
	e := w.openBlocking(t, all)
	discover(t, e)
	waitTree(t, e, w.id("test_block"), true)
	first, second := w.client(t), w.client(t)
	first.Call(wire.MethodRun, shellRun(w, "shell"))
	receive(t, w.blocked, "the block")
	second.Call(wire.MethodRun, shellRun(w, "shell"))
	receive(t, w.blocked, "the other block")
	first.Close() // whoever asked for a run may leave: it ends, and others hear so
	if got := e.WaitRunFinished("shell"); got.Finished.Outcome != runner.CancelledRun {
		t.Errorf("got %+v", got)
	}
	second.Call(wire.MethodCancelRun, wire.CancelRunParams{RunID: "shell"})
	if got := e.WaitRunFinished("shell~"); got.Finished.Outcome != runner.CancelledRun {
		t.Errorf("got %+v", got)
	}
}

// A client that came during a run hears nothing of it; one whose project leaves hears its end.
func TestOverheardRunsEnd(t *testing.T) {
	w := newWindow(t, nil)
	e := w.openBlocking(t, all)
	other := w.editor(t, lsptest.Options{Folders: []string{w.root}})
	discover(t, e)
	waitTree(t, e, w.id("test_block"), true)
	id := other.StartCommand("hotclub.run", map[string]any{"ids": []any{w.id("test_block")}})
	receive(t, w.blocked, "the block")
	late := w.editor(t, all)
	late.Open(w.file, blocking)
	w.waitTitle(t, late, "test_fail", "▶ Run")
	folders(e, nil, []string{w.root})
	waitTree(t, e, "fakeweb//", false)
	other.Execute("hotclub.cancel")
	other.Answer(id)
	if got := e.WaitNextRun(1); len(got.Verdicts) != 1 || got.Finished.Outcome != runner.CancelledRun {
		t.Errorf("got %+v", got)
	}
	if n := heard(late, "hotclub/run") + heard(late, "hotclub/testEvents"); n > 0 {
		t.Errorf("the late one got %d messages", n)
	}
}

// Whoever does not read does not hold up a run of somebody else's, and has it whole afterwards.
func TestSlowReaderHoldsUpNobody(t *testing.T) {
	w := newWindow(t, nil)
	write(t, w.file, manyTests(5000))
	slow := w.editor(t, lsptest.Options{Folders: []string{w.root}, Hotclub: map[string]any{"runEvents": "all", "maxEventBatchMs": 50}})
	discover(t, slow)
	waitTree(t, slow, w.id("test_"+word(4999)), true)
	slow.Pause()
	p := w.client(t)
	p.Call(wire.MethodRun, shellRun(w, "shell"))
	if f := finished(t, p, "shell"); f.Counts[runner.Passed] != 5000 {
		t.Errorf("got %v", f.Counts)
	}
	slow.Resume()
	if r := slow.WaitRunFinished("shell"); len(r.Verdicts) != 5000 {
		t.Errorf("got %d verdicts", len(r.Verdicts))
	}
}

// word is a name of letters for a number.
func word(n int) string {
	text := ""
	for range 4 {
		text = string(rune('a'+n%26)) + text
		n /= 26
	}
	return "x" + text
}

// Output and batches are as each client wants them, whoever asked for the run.
func TestOverheardAsTheClientWants(t *testing.T) {
	w := newWindow(t, nil)
	quiet := w.open(t, lsptest.Options{Hotclub: map[string]any{"runEvents": "all", "output": "none"}})
	e := w.open(t, lsptest.Options{})
	discover(t, quiet)
	waitTree(t, quiet, w.id("test_pass"), true)
	e.Run(map[string]any{"runId": "r", "select": map[string]any{"ids": []any{w.id("test_pass")}}})
	for _, c := range []struct {
		e    *lsptest.Editor
		want string
	}{{e, "test_pass\n"}, {quiet, ""}} {
		for _, event := range c.e.WaitRunFinished("r").Events {
			if f, ok := event.(runner.TestFinished); ok && f.Output != c.want {
				t.Errorf("got %q", f.Output)
			}
		}
	}
}

// A client that falls behind without end is let go, and the run of the other goes on.
func TestReaderTooFarBehind(t *testing.T) {
	w := newWindow(t, nil)
	write(t, w.file, manyTests(100))
	e := w.editor(t, all)
	e.Open(w.file, manyTests(100))
	discover(t, e)
	waitTree(t, e, w.id("test_"+word(99)), true)
	w.engine.Print = strings.Repeat("x", 1<<20)
	e.Pause()
	p := lsptest.NewPeer(t, w.dial(t))
	initialize(t, p, map[string]any{"version": 1, "output": "none"})
	p.Call(wire.MethodRun, shellRun(w, "shell"))
	if f := finished(t, p, "shell"); f.Counts[runner.Passed] != 100 {
		t.Errorf("got %v", f.Counts)
	}
	e.Resume()
	e.WaitEnd()
	e.HangUp()
}
