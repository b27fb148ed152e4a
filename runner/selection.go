package runner

import (
	"slices"
	"time"
)

// Selection says which tests a run is asked for. The zero value asks for all.
type Selection struct {
	Labels      []string `json:"labels,omitempty"`   // as manage.py test takes them: dotted names and directories
	IDs         []TestID `json:"ids,omitempty"`      // these, and what is inside of them
	Exclude     []TestID `json:"exclude,omitempty"`  // not these, nor what is inside of them
	Patterns    []string `json:"patterns,omitempty"` // -k
	Tags        []string `json:"tags,omitempty"`
	ExcludeTags []string `json:"excludeTags,omitempty"`
	Failed      bool     `json:"failed,omitempty"` // those that failed when last run
	Last        bool     `json:"last,omitempty"`   // the selection of the previous run
	// Affected leaves those that edits can have changed since they last ran: [SinceLastRun], and
	// else also those that what differs from a revision of git can have changed.
	Affected string `json:"affected,omitempty"`
}

// SinceLastRun is the value of [Selection.Affected] that needs no git.
const SinceLastRun = "sinceLastRun"

// Chooses reports whether a test is meant as far as ids tell: by its own, or by that of a class, file
// or directory that it is in.
func (s Selection) Chooses(id TestID) bool {
	holds := func(each TestID) bool { return each.Holds(id) }
	return (len(s.IDs) == 0 || slices.ContainsFunc(s.IDs, holds)) && !slices.ContainsFunc(s.Exclude, holds)
}

// Filters reports whether patterns or tags leave tests out of what was named.
func (s Selection) Filters() bool { return len(s.Patterns)+len(s.Tags)+len(s.ExcludeTags) > 0 }

// Options say how a run is to be carried out.
type Options struct {
	Parallel   int           `json:"parallel,omitempty"` // workers at most; 0 lets the project's setting decide
	FailFast   bool          `json:"failFast,omitempty"`
	Shuffle    bool          `json:"shuffle,omitempty"`
	Seed       *int64        `json:"seed,omitempty"` // of the shuffle; nil draws one
	Reverse    bool          `json:"reverse,omitempty"`
	BadFirst   bool          `json:"badFirst,omitempty"` // classes with tests that failed when they last ran come first
	Buffer     bool          `json:"buffer,omitempty"`
	DebugSQL   bool          `json:"debugSql,omitempty"`
	Verbosity  int           `json:"verbosity"`
	Timeout    time.Duration `json:"timeout,omitempty"`    // for each test, in nanoseconds; 0 lets the setting decide, negative means none
	Cold       bool          `json:"cold,omitempty"`       // once without anything warm
	RunnerArgs []string      `json:"runnerArgs,omitempty"` // options that only the project's own test runner knows
	Measure    *Measure      `json:"coverage,omitempty"`   // nil: nothing is measured
	Debug      *Debug        `json:"debug,omitempty"`      // under a debugger, with one worker and no time limit; nil without one
}

// Debug says how a run is debugged.
type Debug struct {
	// StopOnFailure stops where a test fails or errors, whatever exceptions the debugger is asked to
	// stop at.
	StopOnFailure bool `json:"stopOnFailure,omitempty"`
	// Debugpy is a folder that holds the package "debugpy", for environments that have none.
	Debugpy string `json:"debugpy,omitempty"`
}
