package lspserver_test

import (
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
)

// The two sides of a diff are documents of their own: what is known of the file is shown in the
// file.
func TestDocumentThatIsNoFile(t *testing.T) {
	w := newWindow(t, nil)
	e := w.editor(t, lsptest.Options{Folders: []string{w.root}})
	diff := "git:" + w.file + "?HEAD"
	e.Open(diff, shop)
	e.Open(w.file, shop)
	runFile(t, e, w.file)
	e.WaitDiagnostics(w.file, some)
	if got := e.Diagnostics(diff); len(got) > 0 {
		t.Errorf("got %+v", got)
	}
	e.Save(diff)
	e.Close(diff)
}

// A buffer that is closed with its edits is the file again.
func TestClosingForgetsEdits(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	runFile(t, e, w.file)
	e.WaitDiagnostics(w.file, some)
	line := func(n int) func([]lsptest.Diagnostic) bool {
		return func(list []lsptest.Diagnostic) bool { return len(list) == 1 && list[0].Range.Start.Line == n }
	}
	e.Replace(w.file, "class CartTests", "\n\n\nclass CartTests")
	e.WaitDiagnostics(w.file, line(11))
	e.Close(w.file)
	e.WaitDiagnostics(w.file, line(8))
	e.Open(w.file, strings.Replace(shop, "class CartTests", "\nclass CartTests", 1)) // as a hot exit left it
	e.WaitDiagnostics(w.file, line(9))
}

// Every line end that LSP knows, and edits that split one.
func TestLineEnds(t *testing.T) {
	w := newWindow(t, nil)
	text := strings.ReplaceAll(shop, "\n", "\r\n")
	write(t, w.file, text)
	e := w.editor(t, lsptest.Options{Folders: []string{w.root}})
	e.Open(w.file, text)
	runFile(t, e, w.file)
	if d := e.WaitDiagnostics(w.file, some)[0]; d.Range != e.Find(w.file, "def test_fail(self):") {
		t.Errorf("got %+v", d)
	}
	e.Replace(w.file, "pass\r\n", "pass\n")
	e.Replace(w.file, "def test_skip", "def test_other")
	if lensOf(e, e.Lenses(w.file), w.file, "test_other", "hotclub.run") == nil {
		t.Errorf("got %q", titles(e.Lenses(w.file)))
	}
}

// Columns of diagnostics are in the client's encoding.
func TestColumnsOfDiagnostics(t *testing.T) {
	for _, encoding := range []string{"utf-8", "utf-16"} {
		w := newWindow(t, nil)
		text := "from django.test import TestCase\n\n\nclass CartTests(TestCase):\n    def test_fail(self):\n        self.x = '🎸é' * 3\n"
		write(t, w.file, text)
		e := w.editor(t, lsptest.Options{Folders: []string{w.root}, Encodings: []string{encoding}})
		e.Open(w.file, text)
		runFile(t, e, w.file)
		if d := e.WaitDiagnostics(w.file, some)[0]; d.Range != e.Find(w.file, "self.x = '🎸é' * 3") {
			t.Errorf("%s: got %+v", encoding, d)
		}
	}
}
