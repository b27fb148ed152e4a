package lspserver_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// debugging is a request to debug one test of the window's project.
func debugging(w *window, id runner.RunID, how runner.Debug) wire.DebugParams {
	return wire.DebugParams{RunParams: wire.RunParams{RunID: id, Select: wire.Select{IDs: []runner.TestID{w.id("test_pass")}}}, Debug: how}
}

// A run under a debugger is a run like any other, which waits for none.
func TestDebug(t *testing.T) {
	w := newWindow(t, nil)
	e := w.openBlocking(t, lsptest.Options{})
	discover(t, e)
	waitTree(t, e, w.id("test_block"), true)
	e.Run(map[string]any{"runId": "before", "select": map[string]any{"ids": []any{w.id("test_block")}}})
	receive(t, w.blocked, "the block")
	params := debugging(w, "debugged", runner.Debug{StopOnFailure: true, Debugpy: "/opt/debugpy"})
	params.Select.IDs = []runner.TestID{w.id("test_fail")}
	params.OnBusy = "queue"
	if answer := e.Debug(params); answer.RunID != "debugged" || answer.Total != 1 || answer.Position != 1 {
		t.Errorf("got %+v", answer)
	}
	r := e.WaitRunFinished("debugged")
	want := []wire.DebuggerReady{{RunID: "debugged", DebuggerReady: runner.DebuggerReady{Host: "127.0.0.1", Port: 5678, PID: 4712}}}
	if diff := cmp.Diff(want, r.Debugger); diff != "" || r.Finished.Outcome != runner.Completed {
		t.Errorf("%s %s", r.Finished.Outcome, diff)
	}
	requests := w.engine.Requests()
	if diff := cmp.Diff(&params.Debug, requests[len(requests)-1].Options.Debug); diff != "" {
		t.Error(diff)
	}
	e.Call(wire.MethodCancelRun, wire.CancelRunParams{RunID: "before"})
	e.WaitRunFinished("before")
}

// What cannot be debugged is refused, and no run is left of it.
func TestDebugIsRefused(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	measured := debugging(w, "r", runner.Debug{})
	measured.Coverage = &runner.Measure{}
	gone := debugging(w, "r", runner.Debug{})
	gone.Fresh = []wire.Fresh{{URI: e.URI(w.file), SHA256: strings.Repeat("0", 64)}}
	for _, c := range []struct {
		params  any
		missing string // why the engine says no
		code    int
		says    string
	}{
		{debugging(w, "r", runner.Debug{}), "debugpy is not installed in /usr/bin/python3", -32803, "debugpy is not installed in /usr/bin/python3"},
		{debugging(w, "", runner.Debug{}), "", -32602, "runId"},
		{map[string]any{"runId": "r", "select": map[string]any{}, "stopOnFailure": "yes"}, "", -32602, "stopOnFailure"},
		{measured, "", -32602, "coverage"},
		{gone, "", -32801, "save it"},
	} {
		w.engine.Undebuggable = c.missing
		if m := e.Call(wire.MethodDebug, c.params); m.Code() != c.code || !strings.Contains(m.Error.Message, c.says) {
			t.Errorf("got %+v, want %d %s", m.Error, c.code, c.says)
		}
	}
	w.engine.Undebuggable = ""
	e.Debug(debugging(w, "r", runner.Debug{}))
	if r := e.WaitRunFinished("r"); r.Finished.Outcome != runner.Completed {
		t.Errorf("got %+v", r.Finished)
	}
	if untrusted := w.editor(t, lsptest.Options{Folders: []string{w.root}, Untrusted: true}).Call(wire.MethodDebug, debugging(w, "u", runner.Debug{})); untrusted.Code() != -32803 {
		t.Errorf("got %+v", untrusted)
	}
}

// Others see the run, and are not told where its debugger waits: there is room for one.
func TestDebuggerOfAnother(t *testing.T) {
	w := newWindow(t, nil)
	watcher := w.open(t, all)
	e := w.open(t, lsptest.Options{})
	e.Debug(debugging(w, "debugged", runner.Debug{}))
	e.WaitDebugger("debugged", 1)
	if r := watcher.WaitRunFinished("debugged"); len(r.Verdicts) != 1 || len(r.Debugger) != 0 {
		t.Errorf("got %+v", r)
	}
}

// The command takes what hotclub.run takes, and the test at a place; a client that hears nothing of
// hotclub/* is told in words where to attach.
func TestDebugCommand(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	place := map[string]any{"uri": e.URI(w.file), "position": e.Find(w.file, "def test_pass").Start}
	for i, argument := range []any{
		w.id("test_pass"),
		map[string]any{"ids": []any{w.id("test_pass")}, "stopOnFailure": true},
		map[string]any{"uri": e.URI(w.file), "id": w.id("test_pass"), "command": "hotclub.debug"}, // as a lens has it
		map[string]any{"labels": []any{"shop.tests.CartTests.test_pass"}},
		place,
	} {
		if m := e.Execute("hotclub.debug", argument); m.Error != nil {
			t.Fatalf("%v: %s", argument, m.Error.Message)
		}
		if got := ran(e, i+1); !cmp.Equal(got, []string{"CartTests.test_pass"}) {
			t.Errorf("%v ran %q", argument, got)
		}
		asked := w.engine.Requests()[i].Options.Debug
		if asked == nil || asked.StopOnFailure != (i == 1) {
			t.Errorf("%v: got %+v", argument, asked)
		}
	}
	if n := heard(e, wire.MethodDebuggerReady); n != 5 {
		t.Errorf("heard of %d debuggers", n)
	}
	for _, argument := range []any{map[string]any{}, map[string]any{"uri": e.URI(w.file)}} {
		if m := e.Execute("hotclub.debug", argument); m.Code() != -32602 || !strings.Contains(m.Error.Message, "{uri, position}") {
			t.Errorf("%v: got %+v", argument, m.Error)
		}
	}

	plain := w.open(t, lsptest.Options{Plain: true})
	plain.Execute("hotclub.debug", w.id("test_pass"))
	if shown := plain.Shown(); len(shown) != 1 || !strings.Contains(shown[0].Message, "127.0.0.1:5678") {
		t.Errorf("got %+v", shown)
	}
	w.engine.Undebuggable = "debugpy is not installed"
	if m := plain.Execute("hotclub.debug", w.id("test_pass")); m.Code() != -32803 {
		t.Errorf("got %+v", m)
	}
}

// A client that debugs itself keeps its command.
func TestDebugCommandOfTheClient(t *testing.T) {
	b := setup(t, nil)
	p := b.connect(t)
	answer := initialize(t, p, map[string]any{"version": 1, "commands": []string{"hotclub.debug"}})
	if text := string(answer.Result); strings.Contains(text, `"hotclub.debug"`) || !strings.Contains(text, `"hotclub.run"`) {
		t.Errorf("got %s", text)
	}
}
