package lspserver_test

import (
	"slices"
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
)

const blocking = "from django.test import TestCase\n\n\nclass CartTests(TestCase):\n    def test_fail(self):\n        pass\n\n    def test_zblock(self):\n        pass\n"

// openBlocking is an editor with a file of which one test does not end by itself.
func (w *window) openBlocking(t *testing.T, options lsptest.Options) *lsptest.Editor {
	t.Helper()
	text := strings.Replace(blocking, "test_zblock", "test_block", 1)
	write(t, w.file, text)
	options.Folders = []string{w.root}
	e := w.editor(t, options)
	e.Open(w.file, text)
	return e
}

func runWith(e *lsptest.Editor, w *window, token any) (id int) {
	params := map[string]any{"command": "hotclub.runFile", "arguments": []any{map[string]any{"uri": e.URI(w.file)}}}
	if token != nil {
		params["workDoneToken"] = token
	}
	return e.Request("workspace/executeCommand", params)
}

// The editor is asked to show a run that takes long, and its button cancels it.
func TestProgressOfALongRun(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		w := newWindow(t, nil)
		e := w.openBlocking(t, lsptest.Options{})
		id := runWith(e, w, nil)
		receive(t, w.blocked, "the block")
		p := e.WaitProgress("Running tests")
		e.CancelProgress(p)
		if m := e.Answer(id); !strings.Contains(string(m.Result), `"cancelled"`) {
			t.Errorf("got %s", m.Result)
		}
		p = e.WaitProgressEnd("Running tests")
		if !p.Cancellable || p.Messages[0] != "1/2, 1 failed" || p.Messages[len(p.Messages)-1] != "cancelled" {
			t.Errorf("got %+v", p)
		}
	})
}

// A token of the client's own is used at once, and cancels the same.
func TestProgressByToken(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		for _, token := range []any{"mine", 7} {
			w := newWindow(t, nil)
			e := w.openBlocking(t, lsptest.Options{})
			id := runWith(e, w, token)
			receive(t, w.blocked, "the block")
			e.Notify("window/workDoneProgress/cancel", map[string]any{"token": "somebody else's"})
			e.CancelProgress(e.WaitProgress("Running tests"))
			e.Answer(id)
			p := e.WaitProgressEnd("Running tests")
			if !slices.Contains(p.Messages, "booting a worker") || slices.Contains(p.Messages, "shop") {
				t.Errorf("got %+v", p)
			}
		}
	})
}

func TestNoProgressForAnEditorWithout(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{Capabilities: map[string]any{"window": nil}})
	runFile(t, e, w.file)
	if n := heard(e, "window/workDoneProgress") + heard(e, "$/progress"); n > 0 {
		t.Errorf("%d messages", n)
	}
}

// Short runs and boots do not flicker.
func TestNoProgressOfAShortRun(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		w := newWindow(t, nil)
		e := w.open(t, lsptest.Options{})
		click(t, e, w.waitTitle(t, e, "test_pass", "▶ Run"))
		for _, m := range e.Log() {
			if m.Method == "$/progress" && strings.Contains(string(m.Params), "Running tests") {
				t.Errorf("got %s", m.Params)
			}
		}
	})
}

// The three ways to cancel, and the fourth: the editor's end.
func TestCancelByRequestAndByEnd(t *testing.T) {
	w := newWindow(t, nil)
	e := w.openBlocking(t, lsptest.Options{})
	id := runWith(e, w, nil)
	receive(t, w.blocked, "the block")
	e.Notify("$/cancelRequest", map[string]any{"id": id})
	e.Answer(id)
	receive(t, w.ended, "the end of the run")

	runWith(e, w, nil)
	receive(t, w.blocked, "the block")
	e.HangUp()
	receive(t, w.ended, "the end of the run")
}

// An editor that stands still until a command is answered is answered before the tests have run,
// and hears of what goes wrong as a person does.
func TestDetachedCommands(t *testing.T) {
	w := newWindow(t, nil)
	e := w.openBlocking(t, lsptest.Options{Initialization: map[string]any{"detach": true}})
	id := runWith(e, w, "a token that ends with the answer")
	receive(t, w.blocked, "the block")
	if m := e.Answer(id); m.Error != nil || string(m.Result) != "null" {
		t.Errorf("got %s %+v", m.Result, m.Error)
	}
	e.Execute("hotclub.cancel")
	if outcome := e.WaitNextRun(1).Finished.Outcome; outcome != "cancelled" {
		t.Errorf("the run ended %s", outcome)
	}
	if m := e.Execute("hotclub.runNearest"); m.Error != nil {
		t.Errorf("got %+v", m.Error)
	}
	if note := e.WaitMessage("takes {uri, position}"); note.Type != 1 {
		t.Errorf("got %+v", note)
	}
}
