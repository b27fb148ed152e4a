package dispatch

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/runner"
)

func units(ids ...runner.TestID) []runner.Unit {
	var list []runner.Unit
	for _, id := range ids {
		list = append(list, runner.Unit{ID: string(id), Tests: []runner.Test{{ID: id}}})
	}
	return list
}

func TestPick(t *testing.T) {
	all := units("k//shop/tests.py::A::test_x", "k//shop/tests.py::A::test_xy", "k//shop/tests.py::AB::test_x", "k//shop/tests/test_b.py::C::test_z", "k//broken.py")
	for name, test := range map[string]struct {
		ids, exclude  []runner.TestID
		want, missing []runner.TestID
	}{
		"a test is not another that begins like it": {
			ids: []runner.TestID{"k//shop/tests.py::A::test_x"}, want: []runner.TestID{"k//shop/tests.py::A::test_x"},
		},
		"a class":       {ids: []runner.TestID{"k//shop/tests.py::A"}, want: []runner.TestID{"k//shop/tests.py::A::test_x", "k//shop/tests.py::A::test_xy"}},
		"a directory":   {ids: []runner.TestID{"k//shop/tests"}, want: []runner.TestID{"k//shop/tests/test_b.py::C::test_z"}},
		"a broken file": {ids: []runner.TestID{"k//broken.py"}, want: []runner.TestID{"k//broken.py"}},
		"the project without a class": {
			ids: []runner.TestID{"k//"}, exclude: []runner.TestID{"k//shop/tests.py::A", "k//broken.py"},
			want: []runner.TestID{"k//shop/tests.py::AB::test_x", "k//shop/tests/test_b.py::C::test_z"},
		},
		"one that is gone": {
			ids: []runner.TestID{"k//shop/tests.py::AB", "k//shop/tests.py::Gone"}, want: []runner.TestID{"k//shop/tests.py::AB::test_x"},
			missing: []runner.TestID{"k//shop/tests.py::Gone"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			picked, missing := chosen{"k", runner.Selection{IDs: test.ids, Exclude: test.exclude}}.pick(all)
			var got []runner.TestID
			for _, unit := range picked {
				for _, each := range unit.Tests {
					got = append(got, each.ID)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.missing, missing); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLabelsOfIDs(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "src")
	if err := os.MkdirAll(filepath.Join(dir, "shop", "tests"), 0o700); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[runner.TestID]struct{ narrow, wide []string }{
		"k//src/shop/tests/test_a.py::A::test_x":         {[]string{"shop.tests.test_a.A.test_x"}, []string{"shop.tests.test_a"}},
		"k//src/shop/tests/test_a.py::Outer.Inner::test": {[]string{"shop.tests.test_a.Outer.Inner.test"}, []string{"shop.tests.test_a"}},
		"k//src/shop/tests/test_a.py":                    {[]string{"shop.tests.test_a"}, []string{"shop.tests.test_a"}},
		"k//src/shop/tests/__init__.py::A":               {[]string{"shop.tests.A"}, []string{"shop.tests"}},
		"k//src/shop/tests":                              {[]string{filepath.Join(dir, "shop", "tests")}, []string{filepath.Join(dir, "shop", "tests")}},
		"k//":                                            {nil, nil},
		"k//django.contrib.auth::A::test_x":              {[]string{"django.contrib.auth.A.test_x"}, []string{"django.contrib.auth"}},
	} {
		one := chosen{"k", runner.Selection{IDs: []runner.TestID{id}}}
		if diff := cmp.Diff(want.narrow, one.labels(root, dir, true)); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
		if diff := cmp.Diff(want.wide, one.labels(root, dir, false)); diff != "" {
			t.Errorf("%s, its module: %s", id, diff)
		}
	}
}
