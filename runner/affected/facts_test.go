package affected

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const shop = `import os
from shop import models, prices as p
from . import helpers

LIMIT = 3  # items

@decorated(LIMIT)
class Cart(Base):
    """A cart."""
    size = 0

    def total(self, factor=1, *, by=lambda x: x) -> int:
        """The total."""
        def add(a, b):
            return a + b
        return add(1, 2)

    @property
    def name(self): return "cart"

    class Meta:
        def inner(self):
            pass

def free(a,
         b=None):
    return (a,
            b)

async def later():
    await free(1)
`

func TestWhatAnEditChanges(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		names    []string
		module   bool
	}{
		"comment":            {"# items", "# things", nil, false},
		"comment in a body":  {`return "cart"`, `return "cart"  # or so`, nil, false},
		"blank lines":        {"LIMIT = 3", "\n\nLIMIT = 3", nil, false},
		"body":               {"return add(1, 2)", "return add(1, 3)", []string{"Cart.total"}, false},
		"nested function":    {"return a + b", "return a - b", []string{"Cart.total"}, false},
		"docstring":          {"The total.", "The sum.", []string{"Cart.total"}, false},
		"on the line of def": {`return "cart"`, `return "basket"`, []string{"Cart.name"}, false},
		"nested class":       {"            pass", "            return 1", []string{"Cart.Meta.inner"}, false},
		"indentation":        {"        return add(1, 2)", "            return add(1, 2)", []string{"Cart.total"}, false},
		"coroutine":          {"await free(1)", "await free(2)", []string{"later"}, false},
		"two bodies":         {"a + b", "a * b\n        # twice", []string{"Cart.total"}, false},
		"default":            {"b=None", "b=1", nil, true},
		"lambda of a head":   {"lambda x: x", "lambda x: -x", nil, true},
		"annotation":         {"-> int", "-> str", nil, true},
		"decorator":          {"@property", "@cached", nil, true},
		"class body":         {"size = 0", "size = 1", nil, true},
		"docstring of class": {"A cart.", "The cart.", nil, true},
		"constant":           {"LIMIT = 3", "LIMIT = 4", nil, true},
		"new function":       {"async def later", "def new():\n    pass\n\nasync def later", nil, true},
		"out of a function":  {"    await free(1)", "    await free(1)\nfree(2)", nil, true},
	} {
		edited := strings.Replace(shop, c.old, c.new, 1)
		if edited == shop {
			t.Fatalf("%s: nothing to replace", name)
		}
		names, ok := Read([]byte(shop)).Changed(Read([]byte(edited)))
		if diff := cmp.Diff(c.names, names); diff != "" || ok == c.module {
			t.Errorf("%s: %v %s", name, ok, diff)
		}
	}
}

func TestMentions(t *testing.T) {
	text := shop + `
def lazily():
    import a.b.c as d, e; from ..up import (
        one,  # comment
        two as three,
    )
    if x: from x.y import *
    from z import \
        w
    raise Oops from cause
    return "shop.tests.urls", 'no module!'
`
	want := []string{
		".", "..up", "..up.one", "..up.two", ".helpers", "a.b.c", "cart", "e", "os",
		"shop", "shop.models", "shop.prices", "shop.tests.urls", "x.y", "z", "z.w",
	}
	if diff := cmp.Diff(want, Read([]byte(text)).Mentions); diff != "" {
		t.Error(diff)
	}
}

func TestLoud(t *testing.T) {
	for text, want := range map[string]bool{
		"x = 1\ny: int = f(1)\nz += 2\na, b = 1, 2":                             false,
		"class T(TestCase):\n    fixtures = ['a']\n    def test(self): f()":     false,
		"@override_settings(A=1)\n@tag('x')\nclass T(LiveServerTestCase): pass": false,
		"class T(TestCase):\n    @patch('a.b')\n    def test(self): f()":        false,
		"if __name__ == '__main__':\n    x = 1":                                 false,
		"DATA = {\n    'a': f(1),\n    'b': [2],\n}":                            false,
		"class M(models.Model): pass":                                           true,
		"register(M)":                                                           true,
		"post_save.connect(f)":                                                  true,
		"handler = receiver(post_save)(f)":                                      true,
		"@receiver(post_save)\ndef f(**kw): pass":                               true,
		"@unknown\ndef f(): pass":                                               true,
		"settings.X = 1":                                                        true,
		"os.environ['X'] = '1'":                                                 true,
		"try:\n    f()\nexcept E:\n    pass":                                    true,
		"with a.b():\n    x = 1":                                                true,
		"if A: f()":                                                             true,
		"x = (":                                                                 true,
		"x = 1; f()":                                                            true,
	} {
		if got := Read([]byte(text)).Loud; got != want {
			t.Errorf("%v for\n%s", got, text)
		}
	}
}

func TestDynamic(t *testing.T) {
	if Read([]byte(shop)).Dynamic || !Read([]byte("def load_tests(a, b, c): pass")).Dynamic || !Read([]byte("m = import_module(n)")).Dynamic {
		t.Error("who imports by names that it makes up is not known")
	}
}

// What looks like a comment in a format string of Python 3.12 is none.
func TestFormatStrings(t *testing.T) {
	old, edited := "def f():\n    return f\"{d[\"#a\"]}\"\n", "def f():\n    return f\"{d[\"#b\"]}\"\n"
	if names, _ := Read([]byte(old)).Changed(Read([]byte(edited))); len(names) != 1 {
		t.Error("the change is not seen")
	}
}
