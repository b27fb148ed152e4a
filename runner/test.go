package runner

import "strings"

// TestID names a test, a class, a file, a directory, a project or a subtest: "<project>//shop/tests.py::Cart::test_add".
// It is opaque to clients and byte-equal in trees, runs, results and lenses.
type TestID string

// Project is the key of the project that the id belongs to.
func (id TestID) Project() string {
	key, _, _ := strings.Cut(string(id), "//")
	return key
}

// Holds reports whether an item is this one or inside of it.
func (id TestID) Holds(inner TestID) bool {
	rest, ok := strings.CutPrefix(string(inner), string(id))
	return ok && (rest == "" || strings.HasSuffix(string(id), "//") || strings.HasPrefix(rest, "::") || strings.HasPrefix(rest, "/"))
}

// Kind is what an id stands for.
type Kind string

const (
	KindProject Kind = "project"
	KindDir     Kind = "dir"
	KindFile    Kind = "file"
	KindClass   Kind = "class"
	KindTest    Kind = "test"
	KindCase    Kind = "case" // one of several tests that a test method was multiplied to
)

// Test is one collected test method.
type Test struct {
	ID     TestID   `json:"id"`
	Label  string   `json:"label"` // unittest's test.id(): what manage.py test takes, where it can be addressed at all
	Name   string   `json:"name"`
	File   string   `json:"file,omitempty"` // absolute
	Line   int      `json:"line,omitempty"` // 1-based line of its definition, 0 when unknown
	Module string   `json:"module"`
	Class  string   `json:"class"` // qualified name within the module
	Tags   []string `json:"tags,omitempty"`
}

// Bin is a test's place in Django's order of kinds (DiscoverRunner.reorder_by): load
// failures first, then TestCase, then other SimpleTestCase, then plain unittest.
type Bin int

// Unit is the piece of work that one worker gets at a time: the tests of one class, in
// the order in which they are to run.
type Unit struct {
	ID        string   // unique within a run
	Label     string   // narrowest label by which a loader finds all of its tests
	Module    string   // units of one module prefer one worker: setUpModule runs once there
	Class     string   // qualified name of the class
	Bin       Bin      // units of a lower bin are dealt first
	Databases []string // aliases that its tests may use
	Tests     []Test
}
