package lspserver_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"hotclub/lspserver/lsptest"
)

// What a worker had found in a file is looked for again when the file, or one that it inherits
// from, has another text; and only then.
func TestSavedFilesAreCollectedAgain(t *testing.T) {
	lsptest.Bubble(t, func(t *testing.T) {
		w := newWindow(t, nil)
		base := filepath.Join(w.root, "shop", "base.py")
		write(t, base, "class Base:\n    def test_inherited(self):\n        pass\n")
		other := filepath.Join(w.root, "shop", "test_other.py")
		write(t, other, "from django.test import TestCase\n\nfrom .base import Base\n\n\nclass OtherTests(Base, TestCase):\n    pass\n")
		collected := make(chan []string, 10)
		w.engine.Collected = func(labels []string) { collected <- labels }
		e := w.editor(t, lsptest.Options{Folders: []string{w.root}})
		e.WaitRegistered("workspace/didChangeWatchedFiles")
		if labels := receive(t, collected, "the first collection"); len(labels) != 0 {
			t.Errorf("the first is of %v", labels)
		}
		change := func(path, more string) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			write(t, path, string(data)+more)
			e.DiskChanged(2, path)
		}
		change(w.file, "\n# more\n")
		if labels := receive(t, collected, "a collection"); !slices.Equal(labels, []string{"shop.tests"}) {
			t.Errorf("got %v", labels)
		}
		change(base, "\n    def test_more(self):\n        pass\n")
		if labels := receive(t, collected, "a collection"); !slices.Equal(labels, []string{"shop.test_other"}) {
			t.Errorf("got %v", labels)
		}
	})
}
