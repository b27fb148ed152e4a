package lspserver

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"hotclub/runner/discover"
	"hotclub/runner/project"
)

// What a save has changed is known to whoever looked at it, also where another change of the tree is
// being told meanwhile, by somebody else.
func TestSavedFilesAmongOtherChanges(t *testing.T) {
	root := t.TempDir()
	save := func(name, text string) string {
		path := filepath.Join(root, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	save("manage.py", "")
	const base = "class Base:\n    def test_inherited(self):\n        pass\n"
	save("base.py", base)
	const test = "from django.test import TestCase\n\nfrom base import Base\n\n\nclass Tests(Base, TestCase):\n    pass\n"
	save("test_heir.py", test)
	p := &project.Project{Root: root, Dir: root, Tests: discover.Open(discover.Place{Key: "p", Root: root, Dir: root})}
	if err := p.Tests.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	telling, held := make(chan struct{}), make(chan struct{})
	p.Tests.Subscribe(func(discover.Change) {
		telling <- struct{}{}
		<-held
	})
	other := save("test_other.py", test)
	told := make(chan struct{})
	go func() {
		defer close(told)
		p.Tests.Saved(other)
	}()
	<-telling
	r := recollecting{collect: func(*project.Project, []string) {}}
	r.saved(p, []string{save("base.py", base+"\n    def test_more(self):\n        pass\n")})
	r.mu.Lock()
	labels := slices.Sorted(slices.Values(r.labels[p]))
	r.mu.Unlock()
	r.end()
	if want := []string{"test_heir", "test_other"}; !slices.Equal(labels, want) {
		t.Errorf("%q are collected again, want %q", labels, want)
	}
	close(held)
	<-telling // the second change
	<-told
}
