package discover

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"hotclub/runner"
)

const shop = `
-- shop/__init__.py --
-- shop/cases.py --
from django.test import TestCase
class Base(TestCase):
    def test_base(self): pass
-- shop/tests/__init__.py --
-- shop/tests/test_cart.py --
from shop.cases import Base
class CartTests(Base):
    def test_total(self): pass
    def test_empty(self): pass
-- shop/tests/test_list.py --
import unittest
class ListTests(unittest.TestCase):
    def test_list(self):
        pass
`

// following keeps a copy of the tree by applying each change to it.
type following struct {
	t        *testing.T
	catalog  *Catalog
	items    map[runner.TestID]runner.Item
	revision int
	changes  []Change
}

func follow(t *testing.T, c *Catalog) *following {
	revision, items := c.Items()
	f := &following{t: t, catalog: c, items: make(map[runner.TestID]runner.Item), revision: revision}
	for _, item := range items {
		f.items[item.ID] = item
	}
	c.Subscribe(f.apply)
	return f
}

func (f *following) apply(change Change) {
	if change.Revision != f.revision+1 {
		f.t.Errorf("revision %d follows %d", change.Revision, f.revision)
	}
	f.revision = change.Revision
	f.changes = append(f.changes, change)
	for _, id := range change.Removed {
		if _, ok := f.items[id]; !ok {
			f.t.Errorf("%s is removed and was not there", id)
		}
		delete(f.items, id)
	}
	for _, item := range change.Items {
		if old, ok := f.items[item.ID]; ok && cmp.Equal(old, item) {
			f.t.Errorf("%s is told although it is as before", item.ID)
		}
		if _, ok := f.items[item.Parent]; !ok {
			f.t.Errorf("%s is told before its parent", item.ID)
		}
		f.items[item.ID] = item
	}
}

// check compares the copy with the tree, and the tree with that of a catalog that starts anew.
func (f *following) check(anew bool) {
	f.t.Helper()
	revision, items := f.catalog.Items()
	consistent(f.t, items)
	if revision != f.revision || len(items) != len(f.items) {
		f.t.Errorf("revision %d with %d items, followed to %d with %d", revision, len(items), f.revision, len(f.items))
	}
	for _, item := range items {
		if diff := cmp.Diff(item, f.items[item.ID]); diff != "" {
			f.t.Errorf("%s: -tree +followed\n%s", item.ID, diff)
		}
	}
	if anew {
		_, want := scanned(f.t, f.catalog.site.Root).Items()
		if diff := cmp.Diff(want, items); diff != "" {
			f.t.Errorf("-anew +tree\n%s", diff)
		}
	}
}

func TestSaved(t *testing.T) {
	root := plant(t, txtar.Parse([]byte(shop)).Files)
	c := scanned(t, root)
	f := follow(t, c)
	f.check(true)
	cart := filepath.Join(root, "shop/tests/test_cart.py")
	cases := filepath.Join(root, "shop/cases.py")
	steps := []struct {
		what string
		do   func() []string
		want string // of the change: ids, - for those removed, short
	}{
		{"nothing", func() []string { return []string{cart} }, ""},
		{"a test more", func() []string {
			put(t, cart, "from shop.cases import Base\nclass CartTests(Base):\n    def test_total(self): pass\n    def test_empty(self): pass\n    def test_new(self): pass\n")
			return []string{cart}
		}, "test_cart.py test_cart.py::CartTests test_cart.py::CartTests::test_new"},
		{"the base loses its test", func() []string {
			put(t, cases, "from django.test import TestCase\nclass Base(TestCase):\n    pass\n")
			return []string{cases}
		}, "-cases.py::Base::test_base -cases.py::Base -cases.py -test_cart.py::CartTests::test_base"},
		{"the base is none", func() []string {
			put(t, cases, "class Base: pass\n")
			return []string{cases}
		}, "-test_cart.py::CartTests::test_new -test_cart.py::CartTests::test_empty -test_cart.py::CartTests::test_total -test_cart.py::CartTests -test_cart.py"},
		{"the base is gone", func() []string {
			if err := os.Remove(cases); err != nil {
				t.Fatal(err)
			}
			return []string{cases}
		}, ""},
		{"the base comes as a package", func() []string {
			path := filepath.Join(root, "shop/cases/__init__.py")
			put(t, path, "from django.test import TestCase as Base\n")
			return []string{path}
		}, "test_cart.py test_cart.py::CartTests test_cart.py::CartTests::test_total test_cart.py::CartTests::test_empty test_cart.py::CartTests::test_new"},
		{"the file is renamed", func() []string {
			to := filepath.Join(root, "shop/tests/test_basket.py")
			if err := os.Rename(cart, to); err != nil {
				t.Fatal(err)
			}
			return []string{cart, to}
		}, "-test_cart.py::CartTests::test_new -test_cart.py::CartTests::test_empty -test_cart.py::CartTests::test_total -test_cart.py::CartTests -test_cart.py " +
			"test_basket.py test_basket.py::CartTests test_basket.py::CartTests::test_total test_basket.py::CartTests::test_empty test_basket.py::CartTests::test_new"},
		{"the package is none any more", func() []string {
			path := filepath.Join(root, "shop/tests/__init__.py")
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			return []string{path}
		}, "-test_basket.py::CartTests::test_new -test_basket.py::CartTests::test_empty -test_basket.py::CartTests::test_total -test_basket.py::CartTests -test_basket.py " +
			"-test_list.py::ListTests::test_list -test_list.py::ListTests -test_list.py -tests -shop"},
		{"and is again", func() []string {
			path := filepath.Join(root, "shop/tests/__init__.py")
			put(t, path, "")
			return []string{path}
		}, "shop tests test_basket.py test_basket.py::CartTests test_basket.py::CartTests::test_total test_basket.py::CartTests::test_empty test_basket.py::CartTests::test_new " +
			"test_list.py test_list.py::ListTests test_list.py::ListTests::test_list"},
		{"a directory goes", func() []string {
			if err := os.RemoveAll(filepath.Join(root, "shop/tests")); err != nil {
				t.Fatal(err)
			}
			return []string{filepath.Join(root, "shop/tests")}
		}, "-test_basket.py::CartTests::test_new -test_basket.py::CartTests::test_empty -test_basket.py::CartTests::test_total -test_basket.py::CartTests -test_basket.py " +
			"-test_list.py::ListTests::test_list -test_list.py::ListTests -test_list.py -tests -shop"},
	}
	for _, step := range steps {
		f.changes = nil
		c.Saved(step.do()...)
		if got := told(f.changes); got != step.want {
			t.Errorf("%s:\n got %s\nwant %s", step.what, got, step.want)
		}
		f.check(true)
	}
}

// told lists what changes say, by the last names of ids.
func told(changes []Change) string {
	var words []string
	for _, change := range changes {
		for _, id := range change.Removed {
			words = append(words, "-"+baseName(id))
		}
		for _, item := range change.Items {
			words = append(words, baseName(item.ID))
		}
	}
	return strings.Join(words, " ")
}

func TestText(t *testing.T) {
	root := plant(t, txtar.Parse([]byte(shop)).Files)
	c := scanned(t, root)
	_, before := c.Items()
	for _, each := range []struct{ file, text, want string }{
		{
			"shop/tests/test_cart.py", "from shop.cases import Base\nclass CartTests(Base):\n  def test_typed(self, \n  def test_b(self): pass\n",
			"shop/tests/test_cart.py 0-4\n  CartTests 1-3 django.test.TestCase\n    test_typed 2-2\n    test_b 3-3\n    test_base 1-1 dynamic\n",
		},
		{"shop/tests/test_cart.py", "", ""},
		{"shop/tests/test_unsaved.py", "from .test_list import ListTests\nclass T(ListTests): pass\n", "shop/tests/test_unsaved.py 0-2\n  T 1-1 unittest.TestCase\n    test_list 1-1 dynamic\n"},
		{"shop/tests/helper.py", "from unittest import TestCase\nclass T(TestCase):\n def test_a(self): pass\n", ""},
		{
			"shop/cases.py", "from django.test import TestCase\nclass Base(TestCase):\n    def test_a(self): pass\nclass Other(Base): pass\n",
			"shop/cases.py 0-4\n  Base 1-2 django.test.TestCase\n    test_a 2-2\n",
		},
		{"nothing/test_no.py", "from unittest import TestCase\nclass T(TestCase):\n def test_a(self): pass\n", ""},
	} {
		items := c.Text(filepath.Join(root, each.file), []byte(each.text), -1)
		if diff := cmp.Diff(each.want, drawing(items)); diff != "" {
			t.Errorf("%s: -want +got\n%s", each.file, diff)
		}
	}
	for _, file := range []string{"shop/tests/test_cart.py", "shop/cases.py", "shop/tests/test_list.py"} {
		path := filepath.Join(root, file)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.File(path), c.Text(path, text, -1)); diff != "" {
			t.Errorf("%s: -saved +text\n%s", file, diff)
		}
	}
	if _, after := c.Items(); cmp.Diff(before, after) != "" {
		t.Error("Text changed the catalog")
	}
}

func TestFind(t *testing.T) {
	root := plant(t, txtar.Parse([]byte(shop)).Files)
	c := scanned(t, root)
	_, items := c.Items()
	for _, item := range items {
		if found, ok := c.Find(item.ID); !ok || !cmp.Equal(found, item) {
			t.Errorf("%s: found %+v", item.ID, found)
		}
	}
	if _, ok := c.Find("k//shop/tests/test_cart.py::CartTests::test_no"); ok {
		t.Error("found what is not there")
	}
	labels := make(map[runner.TestID]string)
	for _, item := range items {
		labels[item.ID] = item.Label
	}
	for id, want := range map[runner.TestID]string{"k//": ".", "k//shop": "shop", "k//shop/tests": "shop.tests", "k//shop/cases.py": "shop.cases", "k//shop/cases.py::Base::test_base": "shop.cases.Base.test_base"} {
		if labels[id] != want {
			t.Errorf("%s: label %q, want %q", id, labels[id], want)
		}
	}
}

// The directory of manage.py may lie below the root, or in a package.
func TestDirBelowRoot(t *testing.T) {
	root := plant(t, []txtar.File{
		{Name: "backend/shop/__init__.py"},
		{Name: "backend/shop/test_a.py", Data: []byte("from unittest import TestCase\nclass T(TestCase):\n    def test_a(self): pass\n")},
		{Name: "test_outside.py", Data: []byte("from unittest import TestCase\nclass T(TestCase):\n    def test_a(self): pass\n")},
		{Name: "pkg/__init__.py"},
		{Name: "pkg/base.py", Data: []byte("from unittest import TestCase\nclass B(TestCase): pass\n")},
		{Name: "pkg/test_b.py", Data: []byte("from pkg.base import B\nclass T(B):\n    def test_a(self): pass\n")},
	})
	for dir, want := range map[string]string{
		"backend": "k// . k//backend . k//backend/shop shop k//backend/shop/test_a.py shop.test_a k//backend/shop/test_a.py::T shop.test_a.T k//backend/shop/test_a.py::T::test_a shop.test_a.T.test_a",
		"pkg":     "k// . k//pkg . k//pkg/test_b.py pkg.test_b k//pkg/test_b.py::T pkg.test_b.T k//pkg/test_b.py::T::test_a pkg.test_b.T.test_a",
	} {
		c := Open(Place{Key: "k", Root: root, Dir: filepath.Join(root, dir)})
		if err := c.Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []string
		_, items := c.Items()
		for _, item := range items {
			got = append(got, string(item.ID), item.Label)
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Error(diff)
		}
	}
}

func TestSubscribe(t *testing.T) {
	root := plant(t, txtar.Parse([]byte(shop)).Files)
	c := scanned(t, root)
	list := filepath.Join(root, "shop/tests/test_list.py")
	var got []int
	cancel := c.Subscribe(func(change Change) {
		revision, _ := c.Items() // no lock is in the way
		got = append(got, change.Revision, revision)
		if len(got) == 2 {
			put(t, list, "")
			c.Saved(list) // a change within a change is told after it
			got = append(got, 0)
		}
	})
	put(t, list, "import unittest\nclass ListTests(unittest.TestCase):\n    def test_other(self): pass\n")
	c.Saved(list)
	if want := []int{2, 2, 0, 3, 3}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	cancel()
	cancel()
	put(t, list, "import unittest\nclass ListTests(unittest.TestCase):\n    def test_other(self): pass\n")
	c.Saved(list)
	if len(got) != 5 {
		t.Errorf("told after cancel: %v", got)
	}
}

// Several editors at once; the race detector looks on.
func TestConcurrent(t *testing.T) {
	root := plant(t, txtar.Parse([]byte(shop)).Files)
	c := scanned(t, root)
	f := follow(t, c)
	cart := filepath.Join(root, "shop/tests/test_cart.py")
	text, err := os.ReadFile(cart)
	if err != nil {
		t.Fatal(err)
	}
	var editors sync.WaitGroup
	for editor := range 4 {
		editors.Go(func() {
			for round := range 20 {
				switch (editor + round) % 4 {
				case 0:
					put(t, cart, string(text)+"\n    def test_more(self): pass\n"+strings.Repeat("\n", round%2))
					c.Saved(cart)
				case 1:
					consistent(t, c.Text(cart, text[:len(text)-round], -1)[:0])
				case 2:
					if err := c.Scan(t.Context()); err != nil {
						t.Error(err)
					}
				case 3:
					_, items := c.Items()
					consistent(t, items)
					c.Collected(Collection{Filtered: true})
				}
			}
		})
	}
	editors.Wait()
	c.Saved(cart)
	f.check(false)
}
