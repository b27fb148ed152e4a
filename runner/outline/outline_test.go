package outline

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestScan(t *testing.T) {
	src := `
import unittest

@tag("slow")
@override_settings(
    DEBUG=True,
)
class Cart(Base,  metaclass=M):
    async def test_a(self):
        def inner(): pass

    def test_b(self): return 1  # comment


def helper(): ...
`
	want := []Def{
		{
			Kind: Class, Name: "Cart", Parent: -1, Line: 7, FirstLine: 3, EndLine: 11,
			Bases: "Base,  metaclass=M", Decorators: []string{`tag("slow")`, "override_settings(\n    DEBUG=True,\n)"},
		},
		{Kind: AsyncFunction, Name: "test_a", Parent: 0, Line: 8, FirstLine: 8, EndLine: 9},
		{Kind: Function, Name: "inner", Parent: 1, Line: 9, FirstLine: 9, EndLine: 9},
		{Kind: Function, Name: "test_b", Parent: 0, Line: 11, FirstLine: 11, EndLine: 11},
		{Kind: Function, Name: "helper", Parent: -1, Line: 14, FirstLine: 14, EndLine: 14},
	}
	got := Scan([]byte(src))
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Def{})); diff != "" {
		t.Error(diff)
	}
}

func TestBroken(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"open call", "class T:\n    def test_a(self):\n        foo(1, [2,\n\n    def test_b(self):\n        pass\n", "T test_a test_b"},
		{"half def", "class T:\n    def test_a(\n\n    def test_b(self): pass\n", "T test_a test_b"},
		{"bare class", "class \n\ndef test_x(): pass\n", "test_x"},
		{"bare def", "class T:\n    def \n    def test_b(self): pass\n", "T test_b"},
		{"open string", "x = 'abc\ndef test_x(): pass\n", "test_x"},
		{"open docstring", "class T:\n    def test_a(self):\n        \"\"\"half\n\n    def test_b(self):\n        \"\"\"Doc\n        more.\n        \"\"\"\n        x = 1\n\n    def test_c(self):\n        \"\"\"Doc c\n        \"\"\"\n", "T test_a test_b test_c"},
		{"open docstring at end", "def test_a():\n    \"\"\"half\n    x\n\ndef test_b(): pass\n", "test_a test_b"},
		{"fstring nest", "x = f\"{a[\"k\"]} def\"\ndef test_a(): pass\n", "test_a"},
		{"fstring brace", "x = f\"{{ {a!r:>{w}} }}\"\ndef test_a(): pass\n", "test_a"},
		{"backslash", "x = 1 + \\\n  2\ndef test_a(): pass\n", "test_a"},
		{"decorated half", "@pytest.mark.parametrize('a', [1,\ndef test_a(): pass\n", "test_a"},
		{"tabs", "class T:\n\tdef test_a(self):\n\t\tpass\n\tdef test_b(self): pass\n", "T test_a test_b"},
		{"crlf", "class T:\r\n    def test_a(self):\r\n        x = (1,\r\n          2)\r\n    def test_b(self): pass\r\n", "T test_a test_b"},
		{"byte order mark", "\xef\xbb\xbfdef test_a(): pass\n", "test_a"},
		{"def in a string", "x = '''\ndef test_no(): pass\n'''\ndef test_a(): pass\n", "test_a"},
		{"empty", "", ""},
	} {
		var names []string
		for _, d := range Scan([]byte(c.src)) {
			names = append(names, d.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// The edit opened the second docstring; without that hint the first one is as likely.
func TestReadEdited(t *testing.T) {
	src := "def a():\n    \"\"\"Doc\n    more.\n    \"\"\"\n\ndef b():\n    \"\"\"half\n\ndef c():\n    \"\"\"Doc\n    more.\n    \"\"\"\n"
	var names []string
	for _, d := range Read([]byte(src), strings.Index(src, "half")+4).Defs {
		names = append(names, d.Name)
	}
	if got := strings.Join(names, " "); got != "a b c" {
		t.Errorf("got %q", got)
	}
}

func TestEnclosing(t *testing.T) {
	defs := Scan([]byte("import x\n\nclass A:\n    @deco\n    def m(self):\n        def inner():\n            pass\n        return 1\n\n    y = 2\n\nz = 3\n"))
	for line, want := range map[int]string{0: "", 2: "A", 3: "m", 4: "m", 6: "inner", 7: "m", 9: "A", 11: "", 99: ""} {
		got := ""
		if i := Enclosing(defs, line); i >= 0 {
			got = defs[i].Name
		}
		if got != want {
			t.Errorf("line %d: got %q, want %q", line, got, want)
		}
	}
}

var fuzzSeeds = []string{
	"class A(b):\n  def c(self): '''x",
	"x = f'{a!r:{w}}'\r\n@d\nasync def t(): \\\n pass",
	"from .a import (b as c, # d\n *)\nimport e.f as",
	"if TYPE_CHECKING: import a; from b import c\nelse:\n  del d, e\n",
	"class T:\n  test_x = None # y\n  test_y: int = \"\"\"z\n",
	"\xef\xbb\xbfdef \xc3\xa9t\xc3\xa9(): pass\n\x0c\tclass \\\n  B: x += 1",
}

func FuzzScan(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) { possible(t, src, Read(src, -1)) })
}

func FuzzReadEdited(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed), -1)
		f.Add([]byte(seed), len(seed)/2)
	}
	f.Fuzz(func(t *testing.T, src []byte, edited int) { possible(t, src, Read(src, edited)) })
}

// possible reports what no text can hold.
func possible(t *testing.T, src []byte, m Module) {
	lines := strings.Split(string(src), "\n")
	for i, d := range m.Defs {
		if d.Parent >= i || d.EndLine < d.Line || d.EndLine >= len(lines) || d.FirstLine > d.Line {
			t.Errorf("impossible definition %d: %+v", i, d)
		}
		if line, column := d.NameAt(); !strings.HasPrefix(lines[line][column:], d.Name) {
			t.Errorf("the name of %+v is not at %d:%d", d, line, column)
		}
		if utf8.Valid(src) && !utf8.ValidString(d.Name) {
			t.Errorf("a name was cut: %q", d.Name)
		}
	}
	for _, i := range m.Imports {
		if i.Line < 0 || i.Line >= len(lines) || i.Module == "" && i.Level == 0 && i.Name == "" {
			t.Errorf("impossible import: %+v", i)
		}
	}
	for _, a := range m.Assigns {
		if a.Name == "" || a.Line >= len(lines) || a.Parent >= len(m.Defs) {
			t.Errorf("impossible assignment: %+v", a)
		}
	}
}
