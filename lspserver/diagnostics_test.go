package lspserver_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/runner"
)

func some(list []lsptest.Diagnostic) bool { return len(list) > 0 }
func none(list []lsptest.Diagnostic) bool { return len(list) == 0 }

func runFile(t *testing.T, e *lsptest.Editor, file string) {
	t.Helper()
	if m := e.Execute("hotclub.runFile", map[string]any{"uri": e.URI(file)}); m.Error != nil {
		t.Fatal(m.Error.Message)
	}
}

func TestFailureIsADiagnosticAtItsLine(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	runFile(t, e, w.file)
	found := e.WaitDiagnostics(w.file, some)
	// The engine's traceback names the line behind the definition, which is the decorator's here.
	if d := found[0]; len(found) != 1 || d.Message != "AssertionError: 3 != 4" || d.Severity != 1 || d.Source != "hotclub" || d.Range != e.Find(w.file, "def test_fail(self):") {
		t.Errorf("got %+v", found)
	}
}

func TestRelatedFrames(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	runFile(t, e, w.file)
	d := e.WaitDiagnostics(w.file, some)[0]
	if len(d.Related) != 1 || d.Related[0].Location.URI != e.URI(w.file) || d.Related[0].Message != "test_fail" || d.Related[0].Location.Range.Start.Line != 8 {
		t.Errorf("got %+v", d.Related)
	}
}

// Editors that do not know of related locations or versions get none: the fake editor objects.
func TestDiagnosticsOfAModestEditor(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{Capabilities: map[string]any{"textDocument": map[string]any{"publishDiagnostics": nil}}})
	runFile(t, e, w.file)
	e.WaitDiagnostics(w.file, some)
}

func TestDiagnosticsMoveWithEdits(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	runFile(t, e, w.file)
	before := e.WaitDiagnostics(w.file, some)[0].Range
	e.Replace(w.file, "class CartTests", "# 🎸\n# more\n\nclass CartTests")
	e.WaitDiagnostics(w.file, func(list []lsptest.Diagnostic) bool {
		return len(list) == 1 && list[0].Range.Start.Line == before.Start.Line+3
	})
}

func TestDiagnosticGoesWithItsText(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	runFile(t, e, w.file)
	e.WaitDiagnostics(w.file, some)
	text := e.Text(w.file)
	e.Replace(w.file, "    @tag(\"slow\")\n    def test_fail(self):\n        self.assertEqual(3, 4)\n\n", "")
	e.WaitDiagnostics(w.file, none)
	e.SetText(w.file, text) // undo: nothing was saved
	e.WaitDiagnostics(w.file, some)
}

func TestDiagnosticGoesWhenTheTestIsRemoved(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	runFile(t, e, w.file)
	e.WaitDiagnostics(w.file, some)
	e.Replace(w.file, "def test_fail", "def test_pass2")
	e.Save(w.file)
	e.WaitDiagnostics(w.file, none)
	e.Close(w.file)
	e.WaitDiagnostics(w.file, none)
}

func TestDiagnosticGoesWhenTheTestPasses(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	runFile(t, e, w.file)
	e.WaitDiagnostics(w.file, some)
	w.engine.Mend("test_fail")
	click(t, e, w.waitTitle(t, e, "test_fail", "▶ Run"))
	e.WaitDiagnostics(w.file, none)
	w.waitTitle(t, e, "test_fail", "▶ Run · ✔")
}

// A file that is not open has diagnostics too, by its text on the disk.
func TestDiagnosticsOfAFileThatIsNotOpen(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	e.Close(w.file)
	if m := e.Execute("hotclub.run", map[string]any{"id": w.id("test_fail")}); m.Error != nil {
		t.Fatal(m.Error)
	}
	if d := e.WaitDiagnostics(w.file, some)[0]; d.Range.Start.Line != 8 || d.Range.Start.Character != 4 {
		t.Errorf("got %+v", d)
	}
}

func TestDiagnosticsGoWhenTheFolderLeaves(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	runFile(t, e, w.file)
	e.WaitDiagnostics(w.file, some)
	e.Notify("workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{
		"added": []any{}, "removed": []any{map[string]any{"uri": e.URI(w.root), "name": "web"}},
	}})
	e.WaitDiagnostics(w.file, none)
	e.WaitLenses(w.file, func(lenses []lsptest.Lens) bool { return len(lenses) == 0 })
}

// An error of a fixture, whose traceback does not enter the file, stands at the definition.
func TestDiagnosticWithoutAFrame(t *testing.T) {
	w := newWindow(t, nil)
	text := strings.ReplaceAll(shop, "test_fail", "test_error")
	write(t, w.file, text)
	e := w.editor(t, lsptest.Options{Folders: []string{w.root}})
	e.Open(w.file, text)
	runFile(t, e, w.file)
	found := e.WaitDiagnostics(w.file, some)
	if d := found[0]; d.Message != "setUp: ValueError: no" || d.Range != e.Find(w.file, "def test_error(self):") {
		t.Errorf("got %+v", found)
	}
}

// A folder that the editor reaches by a symbolic link keeps the editor's spelling.
func TestFolderBehindALink(t *testing.T) {
	w := newWindow(t, nil)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(w.root, link); err != nil {
		t.Skip(err)
	}
	e := w.editor(t, lsptest.Options{Folders: []string{link}})
	file := filepath.Join(link, "shop", "tests.py")
	e.Open(file, shop)
	runFile(t, e, file)
	if d := e.WaitDiagnostics(file, some)[0]; d.Related[0].Location.URI != e.URI(file) {
		t.Errorf("got %+v", d)
	}
	if d := e.Diagnostics(w.file); len(d) > 0 {
		t.Errorf("by the real path: %+v", d)
	}
	e.Replace(file, "def test_fail", "def test_fine")
	e.Save(file)
	e.WaitDiagnostics(file, none)
}

// A file that cannot be read is a problem of its own, for whoever comes first and for others.
func TestFileThatIsNotUTF8(t *testing.T) {
	w := newWindow(t, nil)
	broken := filepath.Join(w.root, "shop", "test_latin.py")
	write(t, broken, "# gr\xfc\xdfe\n"+shop)
	for range 2 {
		e := w.open(t, lsptest.Options{})
		if d := e.WaitDiagnostics(broken, some); len(d) != 1 || d[0].Range.Start.Line > 1 {
			t.Errorf("got %+v", d)
		}
		e.Quit()
	}
	e := w.open(t, lsptest.Options{})
	e.WaitDiagnostics(broken, some)
	e.WaitRegistered("workspace/didChangeWatchedFiles")
	write(t, broken, "# -*- coding: latin-1 -*-\n# gr\xfc\xdfe\n"+shop)
	e.DiskChanged(lsptest.FileChanged, broken)
	e.WaitDiagnostics(broken, none)
}

// Errors of fixtures belong to the class, and go when its tests pass.
func TestFixtureErrors(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	w.engine.TearDown = map[string]runner.Message{"CartTests": {
		Text: "Traceback\nValueError: no", Summary: "ValueError: no", Phase: runner.PhaseTearDownClass,
		Location: &runner.Location{File: filepath.Join(w.root, "shop", "__init__.py"), Line: 1},
	}}
	elsewhere := filepath.Join(w.root, "shop", "__init__.py")
	click(t, e, w.waitTitle(t, e, "test_pass", "▶ Run"))
	if d := e.WaitDiagnostics(elsewhere, some)[0]; d.Message != "tearDownClass: ValueError: no" {
		t.Errorf("got %+v", d)
	}
	w.engine.TearDown = nil
	click(t, e, w.waitTitle(t, e, "test_pass", "▶ Run"))
	e.WaitDiagnostics(elsewhere, none)
}

// Short values follow their names; of longer ones the first lines must be in line with the others.
func TestComparedValues(t *testing.T) {
	for want, values := range map[string][2]string{
		"\nexpected: 4\nactual: 3":                      {"4", "3"},
		"\nexpected:\n[1,\n 2]\nactual:\n[1,\n 2,\n 3]": {"[1,\n 2]", "[1,\n 2,\n 3]"},
	} {
		w := newWindow(t, nil)
		e := w.open(t, lsptest.Options{})
		elsewhere := filepath.Join(w.root, "shop", "__init__.py")
		w.engine.TearDown = map[string]runner.Message{"CartTests": {
			Summary: "no", Phase: runner.PhaseTearDownClass, Location: &runner.Location{File: elsewhere, Line: 1},
			Expected: values[0], Actual: values[1],
		}}
		click(t, e, w.waitTitle(t, e, "test_pass", "▶ Run"))
		if d := e.WaitDiagnostics(elsewhere, some)[0]; d.Message != "tearDownClass: no"+want {
			t.Errorf("got %q", d.Message)
		}
	}
}
