package lspserver

import (
	"errors"
	"testing"

	"go.lsp.dev/uri"

	"hotclub/lspserver/text"
	"hotclub/runner/project"
)

// A project that is met while an edit is taken is that of the edited buffer: the edit must not bring
// back what was known before.
func TestEditDuringARenewal(t *testing.T) {
	var met *project.Project
	docs := documents{around: func(string) (*project.Project, error) {
		if met == nil {
			return nil, errors.New("no project yet")
		}
		return met, nil
	}}
	u := uri.File("/web/tests.py")
	d := docs.opened(u, "/web/tests.py", text.New(1, "x = 1\n", text.UTF16))
	docs.put(d)
	if d.project() != nil {
		t.Fatal("there is no project yet")
	}
	edited := text.New(2, "x = 2\n", text.UTF16) // of the version that was there, when ...
	met = &project.Project{}
	docs.renew()
	if next := docs.changed(u, edited, text.Whole); next.project() != met || docs.get(u) != next || next.buffer != edited {
		t.Errorf("the edit has undone the renewal: %v", next.project())
	}
	docs.drop(u)
	if docs.changed(u, edited, text.Whole) != nil {
		t.Error("a buffer that is not open was edited")
	}
}
