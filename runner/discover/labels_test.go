package discover

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const cart = `import unittest

HELPER = 1


def helper():
    return 1


class CartTests(unittest.TestCase):
    def setUp(self):
        pass

    @unittest.skip("x")
    def test_add(self):
        def inner():
            return 2

        class Local:
            pass

    class Nested(unittest.TestCase):
        def test_deep(self): pass


def test_function():
    class T:
        def test_x(self): pass
`

func project(t *testing.T) string {
	root := t.TempDir()
	for name, text := range map[string]string{
		"shop/__init__.py": "", "shop/tests/__init__.py": "", "shop/tests/test_cart.py": cart,
		"top.py": cart, "my-tests/test_a.py": "", "shop/deep/data.txt": "", "sub/shop/x.py": "", "only/here/x.py": "",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestLabels(t *testing.T) {
	root := project(t)
	for _, c := range []struct{ cwd, label, want string }{
		{"", "shop.tests.test_cart.CartTests", "shop.tests.test_cart.CartTests"},
		{"", "shop", "shop"},
		{"", "shop/tests", "shop/tests"},
		{"", ".", "."},
		{"", "nothing.of.the.kind", "nothing.of.the.kind"},
		{"", "shop/tests/test_cart.py", "shop.tests.test_cart"},
		{"", "./shop/tests/test_cart.py", "shop.tests.test_cart"},
		{"", "shop/tests/__init__.py", "shop.tests"},
		{"", "shop/tests/test_cart.py::CartTests::test_add", "shop.tests.test_cart.CartTests.test_add"},
		{"", "top.py", "top"},
		{"", "top.py:15", "top.CartTests.test_add"},
		{"shop", "tests/test_cart.py:10", "shop.tests.test_cart.CartTests"},
		{"shop", "tests", "ROOT/shop/tests"},
		{"shop", ".", "ROOT/shop"},
		{"shop", "shop", "shop"},
		{"sub", "shop", "shop"},
		{"sub", "./shop", "ROOT/sub/shop"},
		{"only", "here", "ROOT/only/here"},
		{"shop", "ROOT/top.py:3:7", "top"},
	} {
		cwd := filepath.Join(root, c.cwd)
		got, err := Labels(root, cwd, []string{strings.Replace(c.label, "ROOT", root, 1)})
		if err != nil {
			t.Errorf("%s in %q: %v", c.label, c.cwd, err)
			continue
		}
		if want := strings.Replace(c.want, "ROOT", root, 1); got[0] != want {
			t.Errorf("%s in %q: got %s, want %s", c.label, c.cwd, got[0], want)
		}
	}
}

func TestLabelsThatNameNothing(t *testing.T) {
	root := project(t)
	for label, want := range map[string]string{
		"shop/tests/test_no.py":        "shop/tests/test_no.py: no such file or directory",
		"shop/tests/test_no.py::Cart":  "shop/tests/test_no.py: no such file or directory",
		"shop/tests/test_no.py:3":      "shop/tests/test_no.py: no such file or directory",
		"shop/nothing":                 "shop/nothing: no such file or directory",
		"shop::Cart":                   "shop is a directory, not a test file",
		"shop/deep/data.txt":           "shop/deep/data.txt is not a Python file",
		"my-tests/test_a.py":           `my-tests/test_a.py cannot be imported: "my-tests" is not a Python name`,
		"top.py:0":                     "top.py has no line 0",
		"top.py:4000":                  "top.py has no line 4000",
		"top.py:99999999999999999999":  "top.py has no line 99999999999999999999",
		filepath.Join(root, "..", "x"): filepath.Join(root, "..", "x") + ": no such file or directory",
	} {
		got, err := Labels(root, root, []string{label})
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, %v; want %q", label, got, err, want)
		}
	}
}

func TestModuleOutside(t *testing.T) {
	root := project(t)
	if m, err := Module(filepath.Join(root, "shop"), filepath.Join(root, "top.py")); err == nil {
		t.Errorf("got %s, want an error", m)
	}
}

func TestModuleThroughLink(t *testing.T) {
	root := project(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Skip(err)
	}
	got, err := Module(link, filepath.Join(root, "shop", "tests", "test_cart.py"))
	if err != nil || got != "shop.tests.test_cart" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestNearest(t *testing.T) {
	for line, want := range map[int]string{
		1: "", 3: "", 6: "", 10: "CartTests", 12: "CartTests", 14: "CartTests.test_add", 15: "CartTests.test_add",
		17: "CartTests.test_add", 19: "CartTests.test_add", 22: "CartTests.Nested", 23: "CartTests.Nested.test_deep", 26: "", 28: "",
	} {
		if got := strings.Join(Nearest([]byte(cart), line-1), "."); got != want {
			t.Errorf("line %d: got %q, want %q", line, got, want)
		}
	}
}
