package discover

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"hotclub/runner"
)

const plainTest = "from unittest import TestCase\nclass T(TestCase):\n    def test_a(self): pass\n"

func TestLinkLoops(t *testing.T) {
	root := plant(t, []txtar.File{{Name: "pkg/__init__.py"}, {Name: "pkg/test_a.py", Data: []byte(plainTest)}})
	for link, to := range map[string]string{"pkg/self": ".", "pkg/up": "..", "test_loop.py": "test_loop.py", "pkg/test_gone.py": "nothing.py", "pkg/test_linked.py": "test_a.py"} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Skip(err)
		}
	}
	c := scanned(t, root)
	if want, got := "k//pkg/test_a.py k//pkg/test_linked.py", files(c); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	c.Saved(filepath.Join(root, "pkg/self"), filepath.Join(root, "test_loop.py"), filepath.Join(root, "pkg/self/test_a.py"))
	if want, got := "k//pkg/test_a.py k//pkg/test_linked.py", files(c); got != want {
		t.Errorf("after a save: got %s, want %s", got, want)
	}
}

func files(c *Catalog) string {
	var names []string
	for _, item := range itemsOf(c) {
		if item.Kind == runner.KindFile {
			names = append(names, string(item.ID))
		}
	}
	return strings.Join(names, " ")
}

// An editor may reach the project through a link.
func TestPathThroughLink(t *testing.T) {
	root := plant(t, []txtar.File{{Name: "test_a.py", Data: []byte(plainTest)}})
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Skip(err)
	}
	c := scanned(t, root)
	path := filepath.Join(link, "test_a.py")
	if len(c.File(path)) != 3 || len(c.Text(path, []byte(plainTest), -1)) != 3 {
		t.Error("the file is not known by its other name")
	}
	put(t, path, plainTest+"    def test_b(self): pass\n")
	c.Saved(path)
	if got := c.File(path); len(got) != 4 || got[0].File != filepath.Join(root, "test_a.py") {
		t.Errorf("%+v", got)
	}
}

func TestUnreadable(t *testing.T) {
	root := plant(t, []txtar.File{
		{Name: "test_bytes.py", Data: []byte(plainTest + "# \xff\n")},
		{Name: "test_latin.py", Data: []byte("# -*- coding: latin-1 -*-\n" + strings.ReplaceAll(plainTest, "test_a", "test_\xe9"))},
		{Name: "test_null.py", Data: []byte(plainTest + "\x00")},
		{Name: "test_utf16.py", Data: []byte("\xff\xfec\x00l\x00")},
		{Name: "test_closed.py", Data: []byte(plainTest)},
		{Name: "test_dir.py/x", Data: nil},
	})
	if err := os.Chmod(filepath.Join(root, "test_closed.py"), 0); err != nil {
		t.Fatal(err)
	}
	huge := filepath.Join(root, "test_huge.py")
	put(t, huge, plainTest)
	if err := os.Truncate(huge, sizeLimit+1); err != nil {
		t.Fatal(err)
	}
	c := scanned(t, root)
	want := map[string]string{
		"test_bytes.py": "it is not UTF-8", "test_null.py": "null bytes", "test_utf16.py": "null bytes", "test_huge.py": "more than the 16 MB",
		"test_closed.py": "permission denied", "test_latin.py": "",
	}
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		want["test_closed.py"] = "" // nothing is closed to root
	}
	for name, problem := range want {
		items := c.File(filepath.Join(root, name))
		switch {
		case len(items) == 0:
			t.Errorf("%s is missing", name)
		case problem == "" && (items[0].Error != nil || len(items) != 3):
			t.Errorf("%s: %+v", name, items)
		case problem != "" && (items[0].Error == nil || !strings.Contains(items[0].Error.Text, problem)):
			t.Errorf("%s: %+v, want %q", name, items[0].Error, problem)
		}
	}
	if items := c.File(filepath.Join(root, "test_bytes.py")); len(items) != 3 {
		t.Errorf("what can be read is lost: %+v", items)
	}
	if item, ok := c.Find("k//test_latin.py::T::test_é"); !ok {
		t.Errorf("%+v", item)
	}
}

func TestLongFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("from unittest import TestCase\nclass T(TestCase):\n")
	for i := range 25_000 {
		fmt.Fprintf(&b, "    def test_%d(self):\n        pass\n", i)
	}
	root := plant(t, []txtar.File{{Name: "test_a.py", Data: []byte(b.String())}})
	start := time.Now()
	c := scanned(t, root)
	if n := len(c.File(filepath.Join(root, "test_a.py"))); n != 25_002 {
		t.Errorf("%d items", n)
	}
	t.Logf("50,000 lines with 25,000 tests in %v", time.Since(start))
}

// What no person writes takes no longer than its length, and no more memory.
func TestMonsters(t *testing.T) {
	chain := strings.Builder{}
	chain.WriteString("from unittest import TestCase as C0\n")
	for i := range 20_000 {
		fmt.Fprintf(&chain, "class C%d(C%d): pass\n", i+1, i)
	}
	aliases := strings.Builder{}
	for i := range 20_000 {
		fmt.Fprintf(&aliases, "A%d = A%d\n", i, i+1)
	}
	root := t.TempDir()
	c := Open(Place{Key: "k", Root: root})
	for name, text := range map[string]string{
		"classes": chain.String(), "aliases": aliases.String() + "class T(A0):\n    def test_a(self): pass\n",
		"equal signs": strings.Repeat("a=", 500_000), "decorators": strings.Repeat("@tag('a')\n", 50_000) + "class T(TestCase):\n    def test_a(self): pass\n",
		"brackets": "class T(" + strings.Repeat("(", 500_000), "nested": nested(2000), "quotes": strings.Repeat("\"\"\"\n", 100_001),
		"bases": "class T(" + strings.Repeat("A, TestCase, B.C,", 2000) + "):\n    def test_a(self): pass\n",
	} {
		start := processorTime(t)
		c.Text(filepath.Join(root, "test_a.py"), []byte(text), len(text)/2)
		if took := processorTime(t) - start; took > 5*time.Second {
			t.Errorf("%s: %v", name, took)
		} else {
			t.Logf("%s: %v", name, took)
		}
	}
}

func nested(depth int) string {
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "%sclass C(TestCase):\n", strings.Repeat(" ", i))
	}
	return b.String() + strings.Repeat(" ", depth) + "def test_a(self): pass\n"
}

func TestScanErrors(t *testing.T) {
	root := plant(t, []txtar.File{{Name: "test_a.py", Data: []byte(plainTest)}})
	c := scanned(t, root)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	put(t, filepath.Join(root, "test_b.py"), plainTest)
	if err := c.Scan(ctx); err == nil || files(c) != "k//test_a.py" {
		t.Errorf("%v %s", err, files(c))
	}
	gone := Open(Place{Key: "k", Root: filepath.Join(root, "nothing")})
	if err := gone.Scan(t.Context()); err == nil || !strings.Contains(err.Error(), "cannot list the tests of") {
		t.Errorf("%v", err)
	}
	if revision, items := gone.Items(); revision != 0 || len(items) != 1 || items[0].Kind != runner.KindProject {
		t.Errorf("%d %+v", revision, items)
	}
}

// fragments are what half-typed and circular projects are made of.
var fragments = []string{
	"from unittest import TestCase\n", "from .a import *\n", "from .b import *\n", "from . import a, b\n", "import pkg.test_a as a\n",
	"class T(TestCase):\n", "class T(T):\n", "class U(T, b.T, a.U):\n", "class T(U):\n", "class V(a.T, b.U): pass\n",
	"    def test_a(self): pass\n", "    async def test_b(self):\n        x = '''\n", "    test_a = None\n", "    test_c = test_a\n    test_a = test_c\n",
	"    class T(TestCase):\n        def test_in(self): pass\n", "@tag('a', \"\"\"b\"\"\", x)\n", "@skip(\n", "del T, U\n", "T = U\nU = T\n", "load_tests = T\n",
	"if TYPE_CHECKING:\n", "__all__ = ['T', U]\n", "x = (\n", "\"\"\"\n", "from .test_a import T as U\n", "\\\n", "#\n", "\xff\x00\n",
}

// Whatever is written, the tree stays one, and equal to that of a catalog that starts anew.
func TestAnyProject(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root, err := os.MkdirTemp("", "hotclub-any")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(root)
		if root, err = filepath.EvalSymlinks(root); err != nil {
			t.Fatal(err)
		}
		c := Open(Place{Key: "k", Root: root})
		clock := time.Now()
		names := []string{"pkg/__init__.py", "pkg/test_a.py", "pkg/a.py", "pkg/b.py", "pkg/tests/__init__.py", "pkg/tests/test_b.py", "test_c.py"}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			path := filepath.Join(root, rapid.SampledFrom(names).Draw(t, "file"))
			text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(fragments), 0, 12).Draw(t, "text"), "")
			consistent(t, c.Text(path, []byte(text), rapid.IntRange(-1, len(text)).Draw(t, "edited"))[:0])
			if rapid.IntRange(0, 4).Draw(t, "deleted") == 0 {
				os.Remove(path)
			} else if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			} else if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			if clock = clock.Add(time.Second); exists(path) && os.Chtimes(path, clock, clock) != nil {
				t.Fatal("no time can be set")
			}
			if rapid.Bool().Draw(t, "scan") {
				err = c.Scan(context.Background())
			} else {
				c.Saved(path)
			}
			if err != nil {
				t.Fatal(err)
			}
			consistent(t, itemsOf(c))
		}
		anew := Open(Place{Key: "k", Root: root})
		if err := anew.Scan(context.Background()); err != nil {
			t.Fatal(err)
		}
		if want, got := drawing(itemsOf(anew)), drawing(itemsOf(c)); want != got {
			t.Errorf("anew\n%s\nstep by step\n%s", want, got)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, fragment := range fragments {
		f.Add([]byte(plainTest+fragment+plainTest), 20)
	}
	f.Add([]byte("@tag('a\\\n', r\"b\"'c')\nclass T(unittest.TestCase): test_a = skip('x')(lambda: 1)\n"), -1)
	root := f.TempDir()
	c := Open(Place{Key: "k", Root: root})
	path := filepath.Join(root, "test_a.py")
	f.Fuzz(func(t *testing.T, text []byte, edited int) {
		items := c.Text(path, text, edited)
		lines := strings.Split(string(text), "\n")
		seen := make(map[runner.TestID]bool)
		for i, item := range items {
			if seen[item.ID] || i > 0 && !seen[item.Parent] {
				t.Errorf("%s stands twice or without a parent", item.ID)
			}
			seen[item.ID] = true
			if item.Range.First < 0 || item.Range.Last < item.Range.First || item.Range.Last >= len(lines) ||
				item.NameAt.Line >= len(lines) || item.NameAt.Column > len(lines[item.NameAt.Line]) {
				t.Errorf("%s is outside of the text: %+v %+v", item.ID, item.Range, item.NameAt)
			}
		}
	})
}
