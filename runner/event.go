package runner

import (
	"fmt"
	"strings"
	"time"
)

// RunID names a run. The client that asks for the run makes it, so that no event can
// precede it.
type RunID string

// Event is one step in the story of a run. For one run they come in this order: any
// number of Notice, RunStarted once, then TestStarted, TestFinished, ClassErrored,
// DebuggerReady and Notice in any mixture, at most one Covered, RunFinished once, nothing after it.
type Event interface{ event() }

// Notice tells what the run waits for or has to say: a boot, a migration, a fallback.
type Notice struct {
	Text    string `json:"text"`
	Warning bool   `json:"warning,omitempty"` // worth showing on a quiet terminal
}

// RunStarted lists the tests, in the order in which they are dealt.
type RunStarted struct {
	Run         RunID    `json:"runId"`
	Tests       []Test   `json:"tests"`
	Workers     int      `json:"workers"`     // that are to run them; fewer where a database server has no room for all, which a Notice tells
	StartMethod string   `json:"startMethod"` // "fork", "spawn", or "cold" for a run without warm workers
	Generation  string   `json:"generation"`
	ShuffleSeed *int64   `json:"shuffleSeed,omitempty"`
	Aliases     []string `json:"databases,omitempty"` // aliases that the tests need
}

// DebuggerReady says that a worker waits for a debugger: a server of the Debug Adapter Protocol
// listens there.
type DebuggerReady struct {
	Host string `json:"host"`
	Port int    `json:"port"`
	PID  int    `json:"pid"` // of the worker
}

// TestStarted says that a worker began a test.
type TestStarted struct {
	ID     TestID    `json:"id"`
	Worker string    `json:"worker"`
	At     time.Time `json:"at"`
}

// TestFinished brings the one verdict of a test.
type TestFinished struct {
	Test    Test    `json:"test"`
	Verdict Verdict `json:"verdict"`
	Output  string  `json:"output,omitempty"` // what the test printed, at any level; long output loses its middle
}

// ClassErrored is a verdict that belongs to a class or a file rather than to any test
// under it: an error in tearDownClass or tearDownModule.
type ClassErrored struct {
	ID      TestID  `json:"id"`
	Kind    Kind    `json:"kind"`
	Label   string  `json:"label"` // "shop.tests.test_cart.CartTests"
	Verdict Verdict `json:"verdict"`
	Output  string  `json:"output,omitempty"`
}

// Outcome is how a run as a whole ended.
type Outcome string

const (
	Completed       Outcome = "completed" // every test has the verdict that it earned, or failfast stopped it
	CancelledRun    Outcome = "cancelled" // somebody stopped it
	ErrorRun        Outcome = "error"     // it could not be carried out: Error says why
	NothingSelected Outcome = "nothing"   // no test matched
)

// RunFinished is the last event of a run.
type RunFinished struct {
	Run          RunID         `json:"runId"`
	Outcome      Outcome       `json:"outcome"`
	Counts       map[State]int `json:"counts"`
	ClassErrors  int           `json:"classErrors,omitempty"` // ClassErrored events
	DurationMs   float64       `json:"durationMs"`
	Error        string        `json:"error,omitempty"`
	ProjectError bool          `json:"projectError,omitempty"` // the project could not be started: exit status 3
	Unaffected   bool          `json:"unaffected,omitempty"`   // nothing was selected because no edit can have changed a test: exit status 0
	Failed       bool          `json:"failed"`                 // what the project's runner makes of the result: exit status 1
	Timings      []Timing      `json:"timings,omitempty"`      // from request to first verdict, in order
	Comparison   *Comparison   `json:"comparison,omitempty"`   // of a run that was asked to be cold
}

// Timing is one stretch of the way from a request to its verdict.
type Timing struct {
	Name string  `json:"name"`
	Ms   float64 `json:"ms"`
}

// Chain writes timings for people.
func Chain(timings []Timing) string {
	var b strings.Builder
	for i, t := range timings {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %.1f ms", t.Name, t.Ms)
	}
	return b.String()
}

func (Notice) event()        {}
func (RunStarted) event()    {}
func (DebuggerReady) event() {}
func (TestStarted) event()   {}
func (TestFinished) event()  {}
func (ClassErrored) event()  {}
func (RunFinished) event()   {}
