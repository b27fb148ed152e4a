package lspserver_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.lsp.dev/uri"

	"hotclub/lspserver"
	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// ran are the labels of what the n-th run ran, without its module.
func ran(e *lsptest.Editor, n int) (tests []string) {
	for _, t := range e.WaitNextRun(n).Started.Tests {
		tests = append(tests, strings.TrimPrefix(t.Label, "shop.tests."))
	}
	return tests
}

func TestRunCommands(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	all := []string{"CartTests.test_pass", "CartTests.test_fail", "CartTests.test_skip"}
	place := func(text string) map[string]any {
		return map[string]any{"uri": e.URI(w.file), "position": e.Find(w.file, text).Start}
	}
	for i, c := range []struct {
		command  string
		argument any
		want     []string
	}{
		{"hotclub.run", w.id("test_pass"), all[:1]},
		{"hotclub.run", map[string]any{"ids": []runner.TestID{w.id("test_pass"), w.id("test_skip")}}, []string{all[0], all[2]}},
		{"hotclub.run", map[string]any{"labels": []string{"shop.tests.CartTests"}}, all},
		{"hotclub.run", nil, all},
		{"hotclub.runFile", place("class"), all},
		{"hotclub.runNearest", place("self.assertEqual"), all[1:2]},
		{"hotclub.runNearest", place("class CartTests"), all},
		{"hotclub.runNearest", place("class Helper"), all},
		{"hotclub.runFailed", nil, all[1:2]},
		{"hotclub.runFailed", place("class"), all[1:2]},
	} {
		var arguments []any
		if c.argument != nil {
			arguments = []any{c.argument}
		}
		if m := e.Execute(c.command, arguments...); m.Error != nil {
			t.Fatalf("%s %v: %s", c.command, c.argument, m.Error.Message)
		}
		if diff := cmp.Diff(c.want, ran(e, i+1)); diff != "" {
			t.Errorf("%s %v: %s", c.command, c.argument, diff)
		}
	}
	e.Execute("hotclub.runLast")
	if last := w.engine.Requests(); !last[len(last)-1].Selection.Last {
		t.Errorf("got %+v", last[len(last)-1])
	}
	for _, command := range []string{"hotclub.runNearest", "hotclub.runFile", "hotclub.showOutput", "hotclub.toggleWatch"} {
		if m := e.Execute(command); m.Code() != -32602 || !strings.Contains(m.Error.Message, "uri") && !strings.Contains(m.Error.Message, "{id}") {
			t.Errorf("%s without arguments: %+v", command, m.Error)
		}
	}
}

// The nearest test is that of the text before the person's eyes, saved or not.
func TestNearestInAnUnsavedText(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	e.Replace(w.file, "class CartTests", strings.Repeat("# line\n", 20)+"class CartTests")
	e.Execute("hotclub.runNearest", map[string]any{"uri": e.URI(w.file), "position": e.Find(w.file, "self.assertEqual").Start})
	if got := ran(e, 1); !cmp.Equal(got, []string{"CartTests.test_fail"}) {
		t.Errorf("got %q", got)
	}
}

func TestShowOutput(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	if m := e.Execute("hotclub.showOutput", map[string]any{"id": w.id("test_fail")}); m.Code() != -32803 || !strings.Contains(m.Error.Message, "has not run yet") {
		t.Errorf("got %+v", m.Error)
	}
	runFile(t, e, w.file)
	if m := e.Execute("hotclub.showOutput", map[string]any{"id": w.id("test_fail")}); m.Error != nil {
		t.Fatal(m.Error.Message)
	}
	text := shown(t, e.WaitShown(1))
	for _, part := range []string{"shop.tests.CartTests.test_fail\n✘ 3 != 4", "worker w1", "Traceback", "── output ──\ntest_fail\n"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in %s", part, text)
		}
	}
}

func shown(t *testing.T, document string) string {
	t.Helper()
	text, err := os.ReadFile(uri.URI(document).FsPath())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// An editor that cannot open a file, or does not, is told where it is.
func TestShowOutputElsewhere(t *testing.T) {
	refuse := func(json.RawMessage) any { return map[string]any{"success": false} }
	for name, options := range map[string]lsptest.Options{
		"cannot":  {Capabilities: map[string]any{"window": map[string]any{"showDocument": nil}}},
		"did not": {Answers: map[string]func(json.RawMessage) any{"window/showDocument": refuse}},
	} {
		w := newWindow(t, nil)
		e := w.open(t, options)
		runFile(t, e, w.file)
		if m := e.Execute("hotclub.showOutput", map[string]any{"id": w.id("test_pass")}); m.Error != nil {
			t.Errorf("%s: %s", name, m.Error.Message)
		}
		e.WaitMessage("shop.tests.CartTests.test_pass.log: " + string(filepath.Separator))
	}
}

func TestOtherCommands(t *testing.T) {
	w := newWindow(t, func(o *lspserver.Options) {
		o.Diagnose = func(_ context.Context, client runner.Client, _ runner.Overrides) string {
			return "examined " + client.Dir
		}
	})
	e := w.open(t, lsptest.Options{})
	runFile(t, e, w.file)
	for i, command := range []string{"hotclub.status", "hotclub.showWorkers", "hotclub.diagnose"} {
		if m := e.Execute(command); m.Error != nil {
			t.Errorf("%s: %s", command, m.Error.Message)
		}
		text := shown(t, e.WaitShown(i+1))
		if want := map[string]string{
			"hotclub.diagnose": "examined " + w.root, "hotclub.showWorkers": "w1      forked  ready", "hotclub.status": "What became of the workers",
		}[command]; !strings.Contains(text, want) || text == "" {
			t.Errorf("%s: %s", command, text)
		}
	}
	if m := e.Execute("hotclub.restart"); string(m.Result) != `{"roots":["`+filepath.ToSlash(w.root)+`"]}` {
		t.Errorf("restart: %s", m.Result)
	}
	if m := e.Execute("hotclub.rebuildDatabase"); m.Code() != -32803 || m.Error.Message != "the database server refused" {
		t.Errorf("rebuildDatabase: %+v", m)
	}
	if m := e.Execute("hotclub.copyCommand", map[string]any{"ids": []runner.TestID{w.id("test_pass")}}); m.Error != nil {
		t.Error(m.Error.Message)
	}
	e.WaitMessage("manage.py test shop.tests.CartTests.test_pass")
	if m := e.Execute("hotclub.explain", map[string]any{"id": w.id("test_fail")}); m.Error != nil {
		t.Error(m.Error.Message)
	}
	e.WaitMessage("It last ran at")
	if m := e.Call("workspace/executeCommand", map[string]any{"command": "hotclub.dance"}); m.Code() != -32602 {
		t.Errorf("got %+v", m)
	}
}

// A run that could not be carried out is for a person to know, with the way out.
func TestBrokenRunIsToldToAPerson(t *testing.T) {
	w := newWindow(t, nil)
	e := w.editor(t, lsptest.Options{Folders: []string{t.TempDir()}, Plain: true})
	e.Execute("hotclub.run", map[string]any{"labels": []string{"broken"}})
	if note := e.WaitMessage("settings do not import"); !strings.Contains(note.Message, "doctor") || note.Type != 1 {
		t.Errorf("got %+v", note)
	}
	e.Execute("hotclub.run", map[string]any{"labels": []string{"nothing"}})
	e.WaitMessage("No test was run")
}

// An editor without our client hears nothing of hotclub/*, and still sees everything.
func TestPlainEditor(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{Plain: true})
	click(t, e, w.waitTitle(t, e, "test_fail", "▶ Run"))
	e.WaitDiagnostics(w.file, some)
	w.waitTitle(t, e, "test_fail", "▶ Run · ✘ 3 != 4")
	if m := e.Execute("hotclub.showOutput", map[string]any{"id": w.id("test_fail")}); m.Error != nil {
		t.Error(m.Error.Message)
	}
	if text := shown(t, e.WaitShown(1)); !strings.Contains(text, "Traceback") {
		t.Error(text)
	}
	w.client(t).Call(wire.MethodStatus, nil) // somebody else, and the shell below
	shell := w.client(t)
	shell.Call(wire.MethodRun, map[string]any{"runId": "shell", "project": map[string]any{"root": w.root}, "select": map[string]any{"labels": []string{"shop"}}})
	finished(t, shell, "shell")
	if n := heard(e, "hotclub/"); n > 0 {
		t.Errorf("%d messages", n)
	}
}
