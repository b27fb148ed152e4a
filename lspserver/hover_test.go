package lspserver_test

import (
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
)

func TestHover(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	hover := func(text string) string { return e.Hover(w.file, e.Find(w.file, text).Start) }
	if got := hover("test_fail"); got != "**shop.tests.CartTests.test_fail** has not run yet." {
		t.Errorf("got %q", got)
	}
	runFile(t, e, w.file)
	got := hover("test_fail")
	for _, part := range []string{"✘ 3 != 4", "worker w1, generation g1", "```text\nTraceback", "AssertionError: 3 != 4", "It printed:\n\n```text\ntest_fail\n```"} {
		if !strings.Contains(got, part) {
			t.Errorf("%q is not in %s", part, got)
		}
	}
	if got := hover("CartTests"); !strings.Contains(got, "1 of 3 failed") {
		t.Errorf("class: got %q", got)
	}
	for _, text := range []string{"        pass", "class Helper", "from django"} {
		if got := hover(text); got != "" {
			t.Errorf("%s: got %q", text, got)
		}
	}
	e.Replace(w.file, "self.assertEqual(3, 4)", "self.assertEqual(3, 5)")
	if got := hover("test_fail"); !strings.Contains(got, "Its text has changed since") {
		t.Errorf("got %q", got)
	}
	if got := e.Hover(w.file, lsptest.Position{Line: 9999, Character: 9999}); got != "" {
		t.Errorf("past the end: %q", got)
	}
}

func TestHoverInPlainText(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{Capabilities: map[string]any{"textDocument": map[string]any{"hover": map[string]any{"contentFormat": []string{"plaintext"}}}}})
	m := e.Call("textDocument/hover", map[string]any{"textDocument": map[string]any{"uri": e.URI(w.file)}, "position": e.Find(w.file, "test_fail").Start})
	if !strings.Contains(string(m.Result), `"kind":"plaintext"`) || strings.Contains(string(m.Result), "**") {
		t.Errorf("got %s", m.Result)
	}
}
