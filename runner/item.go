package runner

// Item is one node of a project's tree of tests. Its id is that of runs and verdicts: the
// project is "<key>//", a directory "<key>//shop/tests", a file
// "<key>//shop/tests/test_cart.py", a class and a test "…::CartTests" and
// "…::CartTests::test_total".
type Item struct {
	ID     TestID `json:"id"`
	Parent TestID `json:"parent,omitempty"` // "" for the project alone
	Kind   Kind   `json:"kind"`
	Name   string `json:"name"`  // last part of the id, for people
	Label  string `json:"label"` // what manage.py test takes, where it can be addressed at all

	File    string   `json:"file,omitempty"`    // absolute; "" for projects and directories
	Range   Lines    `json:"range"`             // of the definition with its decorators; of the class's first line for a test that it inherits
	NameAt  Position `json:"nameAt"`            // where the name stands, for a cursor or a lens
	Defined bool     `json:"defined,omitempty"` // Range is its own definition: there is something to hang a lens on

	Tags     []string `json:"tags,omitempty"`     // of django.test.tag: sorted, those of its class and bases included
	Base     string   `json:"base,omitempty"`     // of a class: the first base outside of the project that makes it a test, "django.test.TestCase"
	Runnable bool     `json:"runnable"`           // a run of it runs something
	Dynamic  bool     `json:"dynamic,omitempty"`  // not, or not surely, to be read off its own text: inherited, generated, in an if, of a load_tests
	Fidelity Fidelity `json:"fidelity"`           // who says that it exists
	Disabled string   `json:"disabled,omitempty"` // why it is skipped, as far as its decorators tell
	Error    *Message `json:"error,omitempty"`    // of a file: why it could not be read or imported
}

// Lines is a range of lines, counted from 0, both ends included.
type Lines struct {
	First int `json:"first"`
	Last  int `json:"last"`
}

// Holds reports whether a line is one of them.
func (l Lines) Holds(line int) bool { return l.First <= line && line <= l.Last }

// Position is a place in a text: line and column count from 0, columns are bytes of UTF-8.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// Fidelity is how much is known of an item.
type Fidelity string

const (
	Static    Fidelity = "static"    // read off the text
	Collected Fidelity = "collected" // found by the project's own loader
)
