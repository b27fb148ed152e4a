package discover

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"hotclub/runner"
)

const generating = `
-- shop/__init__.py --
-- shop/base.py --
from unittest import TestCase
class Base(TestCase):
    def test_base(self): pass
-- shop/test_a.py --
from .base import Base
class A(Base):
    @expand([1, 2])
    def test_many(self, n):
        pass
    def test_plain(self): pass
-- shop/test_b.py --
from .base import Base
class B(Base):
    def test_b(self): pass
-- shop/test_broken.py --
import nothing
from unittest import TestCase
class C(TestCase):
    def test_c(self): pass
`

// gathering builds collections as the dispatcher does.
type gathering struct {
	root  string
	units []runner.Unit
}

func (g *gathering) add(file, class, name string, line int, tags ...string) *gathering {
	id := runner.TestID("k//" + file)
	test := runner.Test{ID: id, File: filepath.Join(g.root, file), Label: "unittest.loader._FailedTest." + file}
	unit := runner.Unit{Class: "_FailedTest"}
	if class != "" {
		module := (&site{top: g.root}).module(test.File)
		test = runner.Test{
			ID: id + runner.TestID("::"+class+"::"+name), Label: module + "." + class + "." + name, Name: name,
			File: test.File, Line: line, Module: module, Class: class, Tags: tags,
		}
		unit = runner.Unit{Class: class}
	}
	unit.Tests = []runner.Test{test}
	g.units = append(g.units, unit)
	return g
}

func everything(root string) *gathering {
	g := &gathering{root: root}
	return g.add("shop/base.py", "Base", "test_base", 3).
		add("shop/test_a.py", "A", "test_base", 3).
		add("shop/test_a.py", "A", "test_many_0", 3).add("shop/test_a.py", "A", "test_many_1", 3).
		add("shop/test_a.py", "A", "test_made", 99).
		add("shop/test_a.py", "A", "test_plain", 6, "slow").
		add("shop/test_a.py", "Generated", "test_it", 1).
		add("shop/test_b.py", "B", "test_base", 3).add("shop/test_b.py", "B", "test_b", 3).
		add("shop/test_broken.py", "", "", 1)
}

const mergedTree = `shop
shop/base.py 0-3 collected
  Base 1-2 unittest.TestCase collected
    test_base 2-2 collected
shop/test_a.py 0-6 collected
  A 1-5 unittest.TestCase collected
    test_plain 5-5 slow collected
    test_base 1-1 dynamic collected
    test_many_0 2-4 case dynamic collected
    test_many_1 2-4 case dynamic collected
    test_made 1-1 dynamic collected
  Generated 0-0 dynamic collected
    test_it 0-0 dynamic collected
shop/test_b.py 0-3 collected
  B 1-2 unittest.TestCase collected
    test_b 2-2 collected
    test_base 1-1 dynamic collected
shop/test_broken.py 0-4 error: No module named 'nothing'
  C 2-3 unittest.TestCase
    test_c 3-3
`

func TestCollected(t *testing.T) {
	root := plant(t, txtar.Parse([]byte(generating)).Files)
	c := scanned(t, root)
	f := follow(t, c)
	broken := filepath.Join(root, "shop/test_broken.py")
	failure := runner.Message{Text: "Traceback", Summary: "No module named 'nothing'", Location: &runner.Location{File: broken, Line: 1}}
	all := Collection{Units: everything(root).units, Errors: map[string]runner.Message{broken: failure}}
	c.Collected(all)
	f.check(false)
	drawn(t, c, mergedTree)
	if len(f.changes) != 1 || len(f.changes[0].Errors) != 1 || !cmp.Equal(f.changes[0].Errors[0], Problem{broken, failure}) {
		t.Errorf("changes: %+v", f.changes)
	}
	c.Collected(all)
	if len(f.changes) != 1 {
		t.Error("the same collection again was a change")
	}
}

// Of a file that the worker met half written nothing is known: it may have been saved with the text that
// it had, which changes nothing.
func TestCollectedWhileWritten(t *testing.T) {
	root := plant(t, txtar.Parse([]byte(generating)).Files)
	file := filepath.Join(root, "shop/test_a.py")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, each := range map[string]struct {
		text      string // on the disk while it is told
		unchanged bool   // since the worker read it
		problem   bool
	}{
		"half written still":                 {"from .base import Base\n", true, false},
		"half written, which is no Python":   {"from .base imp", true, true},
		"whole by now":                       {string(whole), false, false},
		"whole by now, and had been no text": {string(whole), false, true},
	} {
		c := scanned(t, root)
		f := follow(t, c)
		put(t, file, each.text)
		collection := Collection{
			Labels: []string{"shop.test_a"},
			Unchanged: func(path string) bool {
				return path != file || each.unchanged
			},
		}
		if each.problem {
			collection.Errors = map[string]runner.Message{file: {Text: "SyntaxError"}}
		}
		c.Collected(collection)
		put(t, file, string(whole))
		c.Saved(file)
		if len(f.changes) != 0 {
			t.Errorf("%s: %+v", name, f.changes)
		}
	}
}

func drawn(t *testing.T, c *Catalog, want string) {
	t.Helper()
	_, items := c.Items()
	consistent(t, items)
	if diff := cmp.Diff(want, drawing(items)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// What was collected holds in an open buffer too, but for what the buffer does not have any more.
func TestCollectedInText(t *testing.T) {
	root := plant(t, txtar.Parse([]byte(generating)).Files)
	c := scanned(t, root)
	c.Collected(Collection{Units: everything(root).units})
	text := "from .base import Base\nclass A(Base):\n    @expand([1, 2])\n    def test_many(self, n): pass\n    def test_typed(self): pass\n    def test_made(self): pass\nclass Generated: pass\n"
	want := `shop/test_a.py 0-7 collected
  A 1-5 unittest.TestCase collected
    test_typed 4-4
    test_made 5-5
    test_base 1-1 dynamic collected
    test_many_0 2-3 case dynamic collected
    test_many_1 2-3 case dynamic collected
  Generated 6-6 dynamic collected
    test_it 6-6 dynamic collected
`
	if diff := cmp.Diff(want, drawing(c.Text(filepath.Join(root, "shop/test_a.py"), []byte(text), -1))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	text = "class Other: pass\n"
	if diff := cmp.Diff("shop/test_a.py 0-1 collected\n  Generated 0-0 dynamic collected\n    test_it 0-0 dynamic collected\n", drawing(c.Text(filepath.Join(root, "shop/test_a.py"), []byte(text), -1))); diff != "" {
		t.Errorf("without the class: -want +got\n%s", diff)
	}
}

// A collection speaks of its scope only, and not at all of what it was filtered by.
func TestCollectedInScope(t *testing.T) {
	for _, each := range []struct {
		name   string
		labels []string
		filter bool
		gone   []string // tests that an empty collection of that scope makes vanish
	}{
		{"all", nil, false, []string{"Base::test_base", "A::test_many", "A::test_plain", "A::test_base", "B::test_b", "B::test_base", "C::test_c"}},
		{"filtered", nil, true, nil},
		{"module", []string{"shop.test_a"}, false, []string{"A::test_many", "A::test_plain", "A::test_base"}},
		{"class", []string{"shop.test_b.B"}, false, []string{"B::test_b", "B::test_base"}},
		{"method", []string{"shop.test_a.A.test_plain"}, false, []string{"A::test_plain"}},
		{"directory", []string{"./shop"}, false, []string{"Base::test_base", "A::test_many", "A::test_plain", "A::test_base", "B::test_b", "B::test_base", "C::test_c"}},
		{"home of a base", []string{"shop.base"}, false, []string{"Base::test_base"}},
		{"others", []string{"shop.test_aa", "blog"}, false, nil},
	} {
		root := plant(t, txtar.Parse([]byte(generating)).Files)
		c := scanned(t, root)
		f := follow(t, c)
		before := len(f.items)
		c.Collected(Collection{Labels: each.labels, Filtered: each.filter})
		f.check(false)
		gone := make(map[string]bool)
		for _, change := range f.changes {
			for _, id := range change.Removed {
				gone[string(id)] = true
			}
		}
		tests := 0
		for _, name := range each.gone {
			found := false
			for id := range gone {
				found = found || len(id) > len(name) && id[len(id)-len(name)-2:] == "::"+name
			}
			if !found {
				t.Errorf("%s: %s is still there", each.name, name)
			}
		}
		for id := range gone {
			if filepath.Ext(id) != "" && len(id) > 0 && countColons(id) == 2 {
				tests++
			}
		}
		if tests != len(each.gone) {
			t.Errorf("%s: %d tests are gone, want %d; %d items before: %v", each.name, tests, len(each.gone), before, gone)
		}
	}
}

func countColons(id string) (n int) {
	for i := 1; i < len(id); i++ {
		if id[i-1:i+1] == "::" {
			n++
		}
	}
	return n
}

// Facts end with the text that they are about, or that it depends on.
func TestCollectedUntilSaved(t *testing.T) {
	root := plant(t, txtar.Parse([]byte(generating)).Files)
	c := scanned(t, root)
	f := follow(t, c)
	static := drawing(itemsOf(c))
	c.Collected(Collection{Units: everything(root).units})
	base := filepath.Join(root, "shop/base.py")
	put(t, base, "from unittest import TestCase\nclass Base(TestCase):\n    def test_base(self): pass # changed\n")
	c.Saved(base)
	f.check(false)
	want := `shop
shop/base.py 0-3
  Base 1-2 unittest.TestCase
    test_base 2-2
shop/test_a.py 0-6
  A 1-5 unittest.TestCase
    test_many 2-4 dynamic
    test_plain 5-5
    test_base 1-1 dynamic
shop/test_b.py 0-3
  B 1-2 unittest.TestCase
    test_b 2-2
    test_base 1-1 dynamic
shop/test_broken.py 0-4 error: it could not be imported
  C 2-3 unittest.TestCase
    test_c 3-3
`
	drawn(t, c, want)
	broken := filepath.Join(root, "shop/test_broken.py")
	put(t, broken, "from unittest import TestCase\n\nclass C(TestCase):\n    def test_c(self): pass\n")
	c.Saved(broken)
	f.check(true)
	drawn(t, c, static)
}

func itemsOf(c *Catalog) []runner.Item {
	_, items := c.Items()
	return items
}

// A module that skips itself is one thing to run, as unittest has it.
func TestCollectedSkippedModule(t *testing.T) {
	root := plant(t, txtar.Parse([]byte(generating)).Files)
	c := scanned(t, root)
	f := follow(t, c)
	file := filepath.Join(root, "shop/test_b.py")
	c.Collected(Collection{Labels: []string{"shop.test_b"}, Units: []runner.Unit{{Class: "ModuleSkipped", Tests: []runner.Test{{ID: "k//shop/test_b.py", File: file}}}}})
	f.check(false)
	if items := c.File(file); len(items) != 1 || items[0].Disabled == "" {
		t.Errorf("%+v", items)
	}
	c.Collected(Collection{Labels: []string{"shop.test_b"}, Units: (&gathering{root: root}).add("shop/test_b.py", "B", "test_b", 3).units})
	f.check(false)
	if got, want := drawing(c.File(file)), "shop/test_b.py 0-3 collected\n  B 1-2 unittest.TestCase collected\n    test_b 2-2 collected\n    test_base 1-1 dynamic\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// Tests may come from outside of the project: of an installed package's TestCase.
func TestCollectedOutside(t *testing.T) {
	root := plant(t, txtar.Parse([]byte(generating)).Files)
	c := scanned(t, root)
	f := follow(t, c)
	before := drawing(itemsOf(c))
	outside := filepath.Join(filepath.Dir(root), "elsewhere", "tests.py")
	id := runner.TestID("k//" + filepath.ToSlash(outside) + "::T::test_t")
	c.Collected(Collection{Filtered: true, Units: []runner.Unit{{Class: "T", Tests: []runner.Test{{ID: id, Label: "elsewhere.tests.T.test_t", Name: "test_t", Class: "T", File: outside, Line: 3}}}}})
	f.check(false)
	if item, ok := c.Find(id); !ok || item.Fidelity != runner.Collected || !item.Dynamic {
		t.Errorf("%+v", item)
	}
	c.Collected(Collection{Units: everything(root).units})
	f.check(false)
	if _, ok := c.Find(id); ok {
		t.Errorf("%s is still there after\n%s", id, before)
	}
}
