package lspserver_test

import (
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
)

// asked answers the question of trust, and counts it.
func asked(button string, count *atomic.Int32) map[string]func(json.RawMessage) any {
	return map[string]func(json.RawMessage) any{"window/showMessageRequest": func(json.RawMessage) any {
		count.Add(1)
		if button == "" {
			return nil
		}
		return map[string]any{"title": button}
	}}
}

// Until a person has said so, nothing of the project is imported or started.
func TestUntrustedWindow(t *testing.T) {
	w := newWindow(t, nil)
	var count atomic.Int32
	e := w.open(t, lsptest.Options{Untrusted: true, Answers: asked("Not now", &count)})
	discover(t, e)
	waitTree(t, e, w.id("test_skip"), true)
	e.Hover(w.file, e.Find(w.file, "test_pass").Start)
	e.CodeActions(w.file, e.Find(w.file, "test_pass"))
	e.Replace(w.file, "test_pass", "test_passes")
	e.Save(w.file)
	waitTree(t, e, w.id("test_passes"), true)
	for method, params := range map[string]any{
		wire.MethodRun: map[string]any{"runId": "r"}, wire.MethodRestart: nil, wire.MethodDiagnose: nil,
		wire.MethodDatabase: map[string]any{"action": "rebuild"}, wire.MethodWatch: map[string]any{"uri": e.URI(w.file)}, wire.MethodSaves: nil,
	} {
		if m := e.Call(method, params); m.Error == nil || method != wire.MethodDiagnose && !strings.Contains(m.Error.Message, "not trusted") {
			t.Errorf("%s: %+v", method, m)
		}
	}
	if count.Load() != 0 {
		t.Error("a person was asked although nobody clicked")
	}
	for i, command := range []string{"hotclub.run", "hotclub.restart", "hotclub.rebuildDatabase"} {
		if m := e.Execute(command); m.Code() != -32803 || !strings.Contains(m.Error.Message, "not trusted") {
			t.Errorf("%s: %+v", command, m)
		}
		if got := count.Load(); got != int32(i+1) {
			t.Errorf("%s: asked %d times", command, got)
		}
	}
	if m := e.Execute("hotclub.toggleWatch", map[string]any{"uri": e.URI(w.file)}); m.Error == nil {
		t.Errorf("got %s", m.Result)
	}
	if r, c := w.engine.Requests(), w.engine.Collections(); len(r)+len(c) > 0 {
		t.Errorf("ran %v, collected %v", r, c)
	}
}

// However many clicks wait for the answer, it is asked for once, and then never again.
func TestTrustIsAskedOnce(t *testing.T) {
	w := newWindow(t, nil)
	var count atomic.Int32
	release := make(chan struct{})
	answers := asked("Trust and run", &count)
	answer := answers["window/showMessageRequest"]
	answers["window/showMessageRequest"] = func(p json.RawMessage) any { <-release; return answer(p) }
	e := w.open(t, lsptest.Options{Untrusted: true, Plain: true, Answers: answers})
	first := e.StartCommand("hotclub.run", w.id("test_pass"))
	second := e.StartCommand("hotclub.run", w.id("test_fail"))
	third := e.StartCommand("hotclub.run", w.id("test_skip"))
	e.Notify("$/cancelRequest", map[string]any{"id": third}) // a click that is taken back
	close(release)
	for _, id := range []int{first, second} {
		if m := e.Answer(id); m.Error != nil {
			t.Error(m.Error.Message)
		}
	}
	if m := e.Answer(third); m.Code() != -32800 {
		t.Errorf("got %+v", m)
	}
	click(t, e, w.waitTitle(t, e, "test_pass", "▶ Run · ✔"))
	if got := count.Load(); got != 1 {
		t.Errorf("asked %d times", got)
	}
	if note := e.WaitMessage("Do you trust it?"); len(note.Actions) != 2 {
		t.Errorf("got %+v", note)
	}
}

// An editor that closes the question has not said yes.
func TestTrustDismissed(t *testing.T) {
	w := newWindow(t, nil)
	var count atomic.Int32
	e := w.open(t, lsptest.Options{Untrusted: true, Answers: asked("", &count)})
	if m := e.Execute("hotclub.run"); m.Code() != -32803 {
		t.Errorf("got %+v", m)
	}
	if len(w.engine.Requests()) > 0 {
		t.Error("it ran")
	}
}

// Trust that is granted later warms what is there; a folder's own settings cannot grant it.
func TestTrustByConfigure(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{Untrusted: true, Configuration: map[string]any{"hotclub": map[string]any{"trusted": true}}})
	e.Notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"hotclub": map[string]any{"trusted": true}}})
	if m := e.Call(wire.MethodRun, runParams("r")); m.Code() != -32803 {
		t.Errorf("got %+v", m)
	}
	if m := e.Call(wire.MethodConfigure, map[string]any{"trusted": true}); m.Error != nil {
		t.Fatal(m.Error)
	}
	if m := e.Call(wire.MethodRun, map[string]any{"runId": "r", "select": map[string]any{"ids": []any{w.id("test_pass")}}}); m.Error != nil {
		t.Error(m.Error.Message)
	}
	e.WaitRunFinished("r")
}

// A project that cannot be started is one message with the way out, and its tests are still found.
func TestBrokenProject(t *testing.T) {
	w := newWindow(t, nil)
	w.engine.Broken = "no interpreter: create .venv or set python"
	e := w.open(t, lsptest.Options{})
	note := e.WaitMessage("no interpreter")
	if note.Type != 1 || !strings.Contains(note.Message, "hotclub doctor") {
		t.Errorf("got %+v", note)
	}
	e.Replace(w.file, "test_pass", "test_passes")
	e.Save(w.file)
	w.waitTitle(t, e, "test_passes", "▶ Run")
	if got := e.Shown(); len(got) != 1 {
		t.Errorf("got %+v", got)
	}
}
