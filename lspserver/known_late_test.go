package lspserver_test

import (
	"path/filepath"
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
)

// What is found to be a test only after its file was opened has the same verdicts as one that was
// known from the beginning: here another file loads it, elsewhere a worker has generated it.
func TestTestsThatBecomeKnown(t *testing.T) {
	w := newWindow(t, nil)
	cases := filepath.Join(w.root, "shop", "cases.py")
	const text = "from django.test import TestCase\n\n\nclass Cases(TestCase):\n    def test_pass(self):\n        pass\n"
	write(t, cases, text)
	e := w.open(t, lsptest.Options{})
	e.WaitRegistered("workspace/didChangeWatchedFiles")
	e.Open(cases, text)
	if lenses := e.Lenses(cases); len(lenses) > 0 {
		t.Fatalf("nobody loads it, and yet: %q", titles(lenses))
	}
	write(t, w.file, "from .cases import Cases\n")
	e.DiskChanged(lsptest.FileChanged, w.file)
	title := func() (title string) {
		e.WaitLenses(cases, func(lenses []lsptest.Lens) bool {
			lens := lensOf(e, lenses, cases, "test_pass", "hotclub.run")
			if lens != nil {
				title = lens.Title()
			}
			return strings.HasPrefix(title, "▶ Run")
		})
		return title
	}
	title()
	if m := e.Execute("hotclub.runFile", map[string]any{"uri": e.URI(cases)}); m.Error != nil {
		t.Fatal(m.Error.Message)
	}
	if got := title(); !strings.HasPrefix(got, "▶ Run · ✔") {
		t.Errorf("it has just passed: %q", got)
	}
}
