package affected

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hotclub/runner"
	"hotclub/runner/worker"
)

// desk is a project on the disk and a store that knows what its tests have executed.
type desk struct {
	t     testing.TB
	root  string
	state string
	store *Store
}

func newDesk(t testing.TB, files map[string]string) *desk {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, root: root, state: t.TempDir()}
	for name, text := range files {
		d.write(name, text)
	}
	d.store = Open(d.state, "key", root)
	return d
}

func (d *desk) write(name, text string) {
	d.t.Helper()
	path := d.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) path(name string) string { return filepath.Join(d.root, filepath.FromSlash(name)) }

func (d *desk) paths(names ...string) (paths []string) {
	for _, name := range names {
		paths = append(paths, d.path(name))
	}
	return paths
}

// read is a file as a worker tells of it; written just now, so with its digest.
func (d *desk) read(name string) worker.Read { return see(d.t, d.path(name)) }

// tried is one test of a unit and what it called, "file:function".
type tried struct {
	label string
	mark  worker.Mark
	calls []worker.Function
}

// record has a process run tests.
func (d *desk) record(base, own worker.Lasting, reads []string, inputs map[string]string, tests ...tried) {
	p := NewProcess(&worker.Base{Lasting: base}, inputs)
	report := &worker.Footprint{Functions: true, Process: own}
	unit := runner.Unit{Databases: []string{"default"}}
	for i, test := range tests {
		for _, call := range test.calls {
			test.mark.Functions = append(test.mark.Functions, len(report.Table))
			report.Table = append(report.Table, call)
		}
		report.Marks = append(report.Marks, test.mark)
		report.Tests = append(report.Tests, worker.Steps{Test: i, Marks: []int{i}})
		unit.Tests = append(unit.Tests, runner.Test{Label: test.label})
	}
	p.Add(report, unit)
	var seen []worker.Read
	for _, name := range reads {
		seen = append(seen, d.read(name))
	}
	p.End(seen)
	for _, test := range tests {
		d.store.Ran(test.label, "it was not observed")
	}
	d.store.Record(p)
}

// A test that nobody remembers takes with it what only it has needed, in memory and on the disk.
func TestForgottenTestsLeaveNothing(t *testing.T) {
	d := newDesk(t, map[string]string{"shop/old.py": "def price():\n    return 1\n", "shop/new.py": "def price():\n    return 1\n"})
	for _, name := range []string{"old", "new"} {
		file := d.path("shop/" + name + ".py")
		own := worker.Lasting{Executed: []string{file}}
		calls := []worker.Function{{Path: file, Name: "price"}}
		d.record(worker.Lasting{}, own, []string{"shop/" + name + ".py"}, nil, tried{label: "tests." + name, calls: calls})
	}
	kept := func() string {
		if err := d.store.Save(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(d.state, "key.footprints.json"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if text := kept(); !strings.Contains(text, "tests.old") || !strings.Contains(text, "tests.new") {
		t.Fatalf("not kept: %s", text)
	}
	d.store.Forget(func(label string) bool { return label == "tests.old" })
	if text := kept(); strings.Contains(text, "tests.old") || !strings.Contains(text, "tests.new") {
		t.Errorf("kept: %s", text)
	}
	if len(d.store.tables.sights) != 1 || len(d.store.tables.marks) != 1 {
		t.Errorf("in memory: %d files, %d marks", len(d.store.tables.sights), len(d.store.tables.marks))
	}
	if got := d.affected("tests.old", "tests.new"); got["tests.old"] == "" || got["tests.new"] != "" {
		t.Errorf("affected: %v", got)
	}
}

// affected are the reasons of the tests that are, by label, of a store that has been saved and
// opened again.
func (d *desk) affected(labels ...string) map[string]string {
	d.t.Helper()
	if err := d.store.Save(); err != nil {
		d.t.Fatal(err)
	}
	again := Open(d.state, "key", d.root)
	warm, cold := d.store.Decide(), again.Decide()
	reasons := make(map[string]string)
	for _, label := range labels {
		if why := cold.Reason(label); why != "" {
			reasons[label] = why
		}
		if warm.Reason(label) != cold.Reason(label) {
			d.t.Errorf("%s: %q in memory, %q from the disk", label, warm.Reason(label), cold.Reason(label))
		}
	}
	return reasons
}

var project = map[string]string{
	"shop/__init__.py":        "",
	"shop/cart.py":            "LIMIT = 3\n\ndef total():\n    return 1\n\ndef tax():\n    return 2\n",
	"shop/signals.py":         "from .cart import total\n\ndef issue():\n    return 3\n",
	"shop/tests/__init__.py":  "",
	"shop/tests/test_a.py":    "from .helpers import make\n\nclass A(TestCase):\n    def test(self):\n        make()\n",
	"shop/tests/test_b.py":    "class B(TestCase):\n    def test(self):\n        pass\n",
	"shop/tests/test_c.py":    "from importlib import import_module\n\nclass C(TestCase):\n    def test(self):\n        import_module(name())\n",
	"shop/tests/helpers.py":   "N = 1\n\ndef make():\n    return N\n",
	"shop/templates/cart.txt": "{{ total }}",
	"shop/fixtures/data.json": "{}",
	"shop/sql/load.py":        "def load():\n    return 1\n",
}

// recorded is that project after a run: A calls make and total, B nothing, C renders a template.
func recorded(t testing.TB) *desk {
	d := newDesk(t, project)
	base := worker.Lasting{
		Executed:  d.paths("shop/__init__.py", "shop/cart.py", "shop/signals.py"),
		Functions: []worker.Function{{Path: d.path("shop/signals.py"), Name: "issue"}},
		Missed:    []string{"json", "shop.local"},
	}
	tests := []string{"shop/tests/__init__.py", "shop/tests/test_a.py", "shop/tests/test_b.py", "shop/tests/test_c.py", "shop/tests/helpers.py"}
	own := worker.Lasting{
		Executed: d.paths(tests...), Loaded: d.paths("shop/templates/cart.txt"), Opened: d.paths("shop/fixtures/data.json"),
	}
	reads := append(slices.Clone(tests), "shop/__init__.py", "shop/cart.py", "shop/signals.py", "shop/templates/cart.txt", "shop/fixtures/data.json", "shop/", "shop/fixtures")
	at := func(name string) worker.Mark { return worker.Mark{Modules: d.paths("shop/tests/" + name)} }
	c := at("test_c.py")
	c.Templates = d.paths("shop/templates/cart.txt")
	load, _ := os.ReadFile(d.path("shop/sql/load.py"))
	d.record(base, own, reads, map[string]string{d.path("shop/sql/load.py"): digest(load), d.path("shop/sql"): "of another kind"},
		tried{"A", at("test_a.py"), []worker.Function{{Path: d.path("shop/cart.py"), Name: "total"}, {Path: d.path("shop/tests/helpers.py"), Name: "make"}}},
		tried{"B", at("test_b.py"), nil},
		tried{"C", c, nil},
	)
	return d
}

func TestRules(t *testing.T) {
	all := func(why string) map[string]string { return map[string]string{"A": why, "B": why, "C": why} }
	for name, c := range map[string]struct {
		file, text string
		want       map[string]string
	}{
		"nothing":                      {"", "", map[string]string{}},
		"a comment":                    {"shop/cart.py", "# limits\n" + project["shop/cart.py"], map[string]string{}},
		"a function":                   {"shop/cart.py", "LIMIT = 3\n\ndef total():\n    return 9\n\ndef tax():\n    return 2\n", map[string]string{"A": "shop/cart.py: total changed"}},
		"a function that none called":  {"shop/cart.py", "LIMIT = 3\n\ndef total():\n    return 1\n\ndef tax():\n    return 9\n", map[string]string{}},
		"a function called at boot":    {"shop/signals.py", "from .cart import total\n\ndef issue():\n    return 4\n", all("shop/signals.py: issue changed")},
		"a module":                     {"shop/cart.py", "LIMIT = 4\n\ndef total():\n    return 1\n\ndef tax():\n    return 2\n", all("shop/cart.py changed at module level")},
		"a test module":                {"shop/tests/test_b.py", project["shop/tests/test_b.py"] + "\n    def test_more(self):\n        pass\n", map[string]string{"B": "shop/tests/test_b.py changed at module level", "C": "shop/tests/test_b.py changed at module level"}},
		"a helper":                     {"shop/tests/helpers.py", "N = 2\n\ndef make():\n    return N\n", map[string]string{"A": "shop/tests/helpers.py changed at module level", "C": "shop/tests/helpers.py changed at module level"}},
		"a helper that registers":      {"shop/tests/helpers.py", "N = 1\nregister(N)\n\ndef make():\n    return N\n", all("shop/tests/helpers.py changed at module level")},
		"a function of a helper":       {"shop/tests/helpers.py", "N = 1\n\ndef make():\n    return N + 1\n", map[string]string{"A": "shop/tests/helpers.py: make changed"}},
		"a template":                   {"shop/templates/cart.txt", "{{ tax }}", map[string]string{"C": "shop/templates/cart.txt changed"}},
		"a data file":                  {"shop/fixtures/data.json", "[]", all("shop/fixtures/data.json changed")},
		"what a database is made of":   {"shop/sql/load.py", "def load():\n    return 2\n", all("shop/sql/load.py changed, which the database was built from")},
		"a folder that it was made of": {"shop/sql/more.py", "", all("shop/sql has other names in it, which the database was built from")},
		"a remark in such a file":      {"shop/sql/load.py", "# all\ndef load():\n    return 1\n", map[string]string{}},
		"a file nobody asked for":      {"shop/new.py", "", map[string]string{}},
		"a module that was missed":     {"shop/local.py", "", all("shop/local.py is new")},
		"one that shadows another":     {"shop/json.py", "", all("shop/json.py is new")},
		"a package before a module":    {"shop/cart/x", "", all("shop/cart is new")},
		"a file in a listed folder":    {"shop/fixtures/more.json", "", map[string]string{}},
	} {
		d := recorded(t)
		if c.file != "" {
			if d.affected("A", "B", "C"); t.Failed() {
				return
			}
			d.write(c.file, c.text)
		}
		got := d.affected("A", "B", "C")
		if !mapsEqual(c.want, got) {
			t.Errorf("%s: want %v, got %v", name, c.want, got)
		}
	}
}

func mapsEqual(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

func TestWhatIsNotKnownIsAffected(t *testing.T) {
	d := recorded(t)
	d.record(worker.Lasting{}, worker.Lasting{}, nil, nil, tried{label: "D", mark: worker.Mark{Unknown: "it started another process"}})
	d.store.Ran("E", "it ran cold")
	d.record(worker.Lasting{Executed: d.paths("shop/cart.py")}, worker.Lasting{}, []string{"shop/cart.py"}, nil,
		tried{label: "F", calls: []worker.Function{{Path: d.path("shop/cart.py"), Name: "made_up"}}})
	for label, want := range map[string]string{
		"A": "", "D": "unknown: it started another process", "E": "unknown: it ran cold", "G": NeverRun,
		"F": "unknown: " + d.path("shop/cart.py") + " does not show where made_up is",
	} {
		if got := d.affected(label)[label]; got != want {
			t.Errorf("%s: %q, want %q", label, got, want)
		}
	}
}

// What was edited before it could be looked at is not known.
func TestEditedBeforeItWasLookedAt(t *testing.T) {
	d := recorded(t)
	d.write("shop/cart.py", "LIMIT = 3\n")
	if got := d.affected("B")["B"]; got != "shop/cart.py was edited while tests ran" {
		t.Errorf("got %q", got)
	}
}

// A broken file is worth no more than none.
func TestBrokenStore(t *testing.T) {
	d := recorded(t)
	d.affected("A")
	path := filepath.Join(d.state, "key.footprints.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range []string{"", string(text[:len(text)/2]), `{"version":1,"tests":{"A":{"p":7}}}`, `{"version":1,"tests":{"A":{"p":-1}}}`} {
		if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := Open(d.state, "key", d.root).Decide().Reason("A"); got != NeverRun {
			t.Errorf("got %q", got)
		}
	}
}
