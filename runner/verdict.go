package runner

// Phase is the part of a test's life in which a message arose.
type Phase string

const (
	PhaseImport         Phase = "import"
	PhaseSetUpModule    Phase = "setUpModule"
	PhaseSetUpClass     Phase = "setUpClass"
	PhaseSetUp          Phase = "setUp"
	PhaseCall           Phase = "call"
	PhaseTearDown       Phase = "tearDown"
	PhaseTearDownClass  Phase = "tearDownClass"
	PhaseTearDownModule Phase = "tearDownModule"
	PhaseSubtest        Phase = "subtest"
	PhaseWorker         Phase = "worker"   // the process died or was killed
	PhaseDatabase       Phase = "database" // its database could not be had
	PhaseTimeout        Phase = "timeout"  // the time limit of the test
)

// Verdict is what became of a test.
type Verdict struct {
	State      State     `json:"state"`
	DurationMs float64   `json:"durationMs,omitempty"`
	Messages   []Message `json:"messages,omitempty"`
	Reason     string    `json:"reason,omitempty"` // of a skip, a cancellation, or why it was not run
	Worker     string    `json:"worker,omitempty"`
	Generation string    `json:"generation,omitempty"`
	Queries    int       `json:"queries,omitempty"`  // SQL statements sent, on all connections and threads
	Subtests   []Subtest `json:"subtests,omitempty"` // in the order in which they ended; the first 200 at most
}

// Subtest is what became of one subtest; what went wrong in it is told by a Message of the test.
type Subtest struct {
	Description string `json:"description"` // as unittest has it: "(i=3)"
	State       State  `json:"state"`
}

// Message is one failure, error or note of a verdict.
type Message struct {
	Text     string    `json:"text"` // the whole traceback as unittest formats it
	Summary  string    `json:"summary,omitempty"`
	Expected string    `json:"expected,omitempty"` // pretty-printed, for a diff; set together with Actual
	Actual   string    `json:"actual,omitempty"`
	Location *Location `json:"location,omitempty"` // the innermost frame of the project
	Frames   []Frame   `json:"frames,omitempty"`   // outermost first
	Phase    Phase     `json:"phase,omitempty"`
	Subtest  string    `json:"subtest,omitempty"` // unittest's description of the subtest, "(i=3)"
	SQL      string    `json:"sql,omitempty"`     // of --debug-sql
}

// Location is a line of a file; lines count from 1.
type Location struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

// Frame is one level of a traceback.
type Frame struct {
	Label string `json:"label"` // the function
	File  string `json:"file,omitempty"`
	Line  int    `json:"line,omitempty"`
	Own   bool   `json:"own"` // project code, not the standard library or site-packages
}
