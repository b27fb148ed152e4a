//go:build linux

package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

const readyApp = `from django.apps import AppConfig


class Shop(AppConfig):
    name = "shop"

    def ready(self):
        self.opened = True
`

// TestBrokenEdits breaks a project in an editor, file by file, and mends it again: the error stands
// at its line and nothing else is lost, a run says the same, and the next save brings all back.
func TestBrokenEdits(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) {
		c := newFaults(t)
		c.write("shop/apps.py", readyApp)
		e := c.editor(lsptest.Options{Initialization: map[string]any{"startMethod": method}})
		tree := collected(t, e, "tests.test_plain.Plain.test_first")
		runs := 0
		run := func() lsptest.RunLog {
			runs++
			return runOf(e, fmt.Sprintf("run-%d", runs), labels("tests.test_plain"))
		}
		passes := func(step string) {
			t.Helper()
			if r := run(); r.Finished.Counts[runner.Passed] != 3 {
				t.Errorf("%s: %+v", step, r.Finished)
			}
		}
		passes("before anything")
		for _, edit := range []struct{ step, file, from, to, line, text string }{
			{"a syntax error", "shop/models.py", "class Item(models.Model):", "class Item(models.Model:", "class Item(models.Model:", "SyntaxError: "},
			{"an import error in the settings", "conf.py", "import os\n", "import os\nimport gone_away\n", "import gone_away", "ModuleNotFoundError: No module named 'gone_away'"},
			{"a missing name", "shop/models.py", "models.CharField", "models.CharFeld", "    name = models.CharFeld(max_length=80)", "AttributeError: module 'django.db.models' has no attribute 'CharFeld'"},
			{"an error in ready", "shop/apps.py", "self.opened = True", "raise RuntimeError('closed')", "        raise RuntimeError('closed')", "RuntimeError: closed"},
		} {
			path := c.path(edit.file)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			c.replace(edit.file, edit.from, edit.to)
			e.DiskChanged(2, path)
			found := e.WaitDiagnostics(path, func(ds []lsptest.Diagnostic) bool { return len(ds) == 1 })[0]
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if line := strings.Split(string(text), "\n")[found.Range.Start.Line]; line != edit.line || !strings.HasPrefix(found.Message, edit.text) || found.Source != "hotclub" {
				t.Errorf("%s: %q at %q", edit.step, found.Message, line)
			}
			if edit.step != "a syntax error" && len(found.Related) == 0 {
				t.Errorf("%s: no frames", edit.step)
			}
			r := run()
			if r.Finished.Outcome != runner.ErrorRun || !r.Finished.ProjectError || !strings.Contains(r.Finished.Error, edit.text) || !strings.Contains(r.Finished.Error, path) {
				t.Errorf("%s: a run says %+v", edit.step, r.Finished)
			}
			if now := call[wire.Tests](t, e, wire.MethodDiscover, struct{}{}).Items; len(now) != len(tree) {
				t.Errorf("%s: %d of %d items are left", edit.step, len(now), len(tree))
			}
			if past := call[wire.ResultsAnswer](t, e, wire.MethodResults, wire.ResultsParams{}).Results; len(past) != 3 || past[0].State != runner.Passed {
				t.Errorf("%s: of the last results there is %+v", edit.step, past)
			}
			c.write(edit.file, string(before))
			e.DiskChanged(2, path)
			e.WaitDiagnostics(path, func(ds []lsptest.Diagnostic) bool { return len(ds) == 0 })
			passes("after " + edit.step)
		}
		for _, note := range e.Shown() {
			t.Errorf("a person was told: %s", note.Message)
		}
	})
}

// TestBrokenTestFile breaks a file of tests: its error stands at its line until it is mended.
func TestBrokenTestFile(t *testing.T) {
	t.Parallel()
	eachMethod(t, func(t *testing.T, method string) {
		c := newFaults(t)
		e := c.editor(lsptest.Options{Initialization: map[string]any{"startMethod": method}})
		collected(t, e, "tests.test_plain.Plain.test_first")
		path := c.open(e, "tests/test_plain.py")
		for _, edit := range []struct {
			from, to, text string
			line           int
		}{
			{"from shop.models import Item", "from shop.models import Itm", "ImportError: cannot import name 'Itm'", 2},
			{"class Plain(TestCase):", "class Plain(TestCas):", "NameError: name 'TestCas' is not defined", 5},
		} {
			e.Replace(path, edit.from, edit.to)
			e.Save(path)
			found := e.WaitDiagnostics(path, func(ds []lsptest.Diagnostic) bool { return len(ds) == 1 })[0]
			if found.Range.Start.Line != edit.line || !strings.Contains(found.Message, edit.text) || len(found.Related) == 0 {
				t.Errorf("got %+v", found)
			}
			e.Replace(path, edit.to, edit.from)
			e.Save(path)
			e.WaitDiagnostics(path, func(ds []lsptest.Diagnostic) bool { return len(ds) == 0 })
		}
		for _, note := range e.Shown() {
			t.Errorf("a person was told: %s", note.Message)
		}
		if r := runOf(e, "after", labels("tests.test_plain")); r.Finished.Counts[runner.Passed] != 3 {
			t.Errorf("got %+v", r.Finished)
		}
	})
}
