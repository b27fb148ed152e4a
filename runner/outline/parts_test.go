package outline

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// bodied is what CPython says of a function that stands in no other.
type bodied struct {
	Name               string
	FirstLine, EndLine int
	Start, End         int // offsets of its body without the docstring
}

// Other bodies than those in the file must change these functions and nothing else.
func compareParts(t *testing.T, file string, want []bodied) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parts := Split(src)
	if len(parts.Functions) != len(want) {
		t.Errorf("%s: %d functions, CPython finds %d", file, len(parts.Functions), len(want))
		return
	}
	var emptied strings.Builder
	at := 0
	for i, w := range want {
		if got := parts.Functions[i]; got.Name != w.Name || got.FirstLine != w.FirstLine || got.EndLine != w.EndLine {
			t.Errorf("%s: got %+v, CPython finds %+v", file, got, w)
		}
		if isString(src[w.Start:w.End]) { // it begins like a docstring, and is taken for one
			want[i].End = 0
		} else if w.End > 0 {
			emptied.Write(src[at:w.Start])
			emptied.WriteString("emptied")
			at = w.End
		}
	}
	emptied.Write(src[at:])
	other := Split([]byte(emptied.String()))
	if other.Module != parts.Module {
		t.Errorf("%s: bodies of functions are taken for the module's level", file)
	}
	for i, w := range want {
		if same := other.Functions[i].Digest == parts.Functions[i].Digest; same != (w.End == 0) {
			t.Errorf("%s: the body of %s is not what its digest covers", file, w.Name)
		}
	}
}

const shop = `"""Shop."""
import os

LIMIT = 3  # at most

def helper(a, b=LIMIT):
    return a + b

class Book(Model):
    """A book."""
    title = CharField(
        max_length=LIMIT,
    )

    @property
    def short(self):
        """Short one."""
        def inner():
            return 1
        return inner()

    @short.setter
    def short(self, value): self.title = value

    class Meta:
        def order(self):
            return 2
`

// Each edit changes the parts that it says, "module" being the module's level.
func TestSplit(t *testing.T) {
	for _, c := range []struct{ name, old, new, changes string }{
		{"a comment goes", "  # at most", "", ""},
		{"a comment in brackets", "max_length=LIMIT,", "max_length=LIMIT, # x", ""},
		{"a comment in a body", "return a + b", "return a + b # sum", ""},
		{"an empty line", "import os\n", "import os\n\n\n", ""},
		{"space at the end", "import os\n", "import os  \n", ""},
		{"a constant", "LIMIT = 3", "LIMIT = 4", "module"},
		{"a hash in a string", `"""A book."""`, `"""A # book."""`, "module"},
		{"a class attribute", "max_length=LIMIT", "max_length=9", "module"},
		{"a default", "b=LIMIT", "b=4", "module"},
		{"a decorator", "@property", "@cached", "module"},
		{"a docstring", "Short one.", "Shorter.", "module Book.short"},
		{"a body", "a + b", "a - b", "helper"},
		{"a method", "return inner()", "return inner", "Book.short"},
		{"a nested function", "return 1", "return 2", "Book.short"},
		{"a body behind the colon", "self.title = value", "pass", "Book.short"},
		{"an inner class", "return 2", "return 3", "Book.Meta.order"},
		{"another name", "def helper", "def helping", "module helper helping"},
		{"an encoding", `"""Shop."""`, "# coding: latin-1\n" + `"""Shop."""`, "module"},
		{"a new function", "class Book", "def new(): pass\nclass Book", "module new"},
		{"a lambda in the head", "b=LIMIT):", "b=LIMIT) -> lambda: 0:", "module"},
		{"indentation", "    return a + b", "      return a + b", "helper"},
	} {
		edited := strings.Replace(shop, c.old, c.new, 1)
		if edited == shop {
			t.Fatalf("%s: the edit changes nothing", c.name)
		}
		if got := strings.Join(changed(Split([]byte(shop)), Split([]byte(edited))), " "); got != c.changes {
			t.Errorf("%s: changes %q, want %q", c.name, got, c.changes)
		}
	}
}

// changed names the parts by which two texts differ.
func changed(a, b Parts) (names []string) {
	if a.Module != b.Module {
		names = append(names, "module")
	}
	var all []string
	for _, p := range slices.Concat(a.Functions, b.Functions) {
		all = append(all, p.Name)
	}
	slices.Sort(all)
	for _, name := range slices.Compact(all) {
		if !slices.Equal(bodies(a, name), bodies(b, name)) {
			names = append(names, name)
		}
	}
	return names
}

func bodies(p Parts, name string) (digests []string) {
	for _, f := range p.Functions {
		if f.Name == name {
			digests = append(digests, f.Digest)
		}
	}
	return digests
}

func TestPartsDigest(t *testing.T) {
	digest := func(text string, names ...string) string {
		d, ok := Split([]byte(text)).Digest(names)
		if !ok {
			return "unknown"
		}
		return d
	}
	body := strings.Replace(shop, "a + b", "a - b", 1)
	for _, c := range []struct {
		name  string
		names []string
		same  bool
	}{
		{"nothing was called", nil, true},
		{"another was called", []string{"Book.short"}, true},
		{"it was called", []string{"Book.short", "helper"}, false},
	} {
		if same := digest(shop, c.names...) == digest(body, c.names...); same != c.same {
			t.Errorf("%s: same is %v", c.name, same)
		}
	}
	if digest(shop, "helper", "Book.short", "helper") != digest(shop, "Book.short", "helper") {
		t.Error("the order of names matters")
	}
	if got := digest(shop, "helper", "Book.gone"); got != "unknown" {
		t.Errorf("a function that is not there: %s", got)
	}
	if digest("def f(): pass\ndef f(): x\n", "f") == digest("def f(): pass\ndef f(): y\n", "f") {
		t.Error("of two functions with one name only one counts")
	}
}

func BenchmarkSplit(b *testing.B) {
	src := corpus()
	for b.Loop() {
		Split(src)
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed))
	}
	f.Add([]byte(shop))
	f.Fuzz(func(_ *testing.T, src []byte) { Split(src) })
}
