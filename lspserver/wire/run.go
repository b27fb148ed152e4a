package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"hotclub/runner"
)

// RunParams asks for a run.
type RunParams struct {
	RunID   runner.RunID     `json:"runId"` // made by the client, so that no event can precede it
	Select  Select           `json:"select"`
	Exclude []runner.TestID  `json:"exclude,omitempty"` // not these, nor what is inside of them
	Fresh   []Fresh          `json:"fresh,omitempty"`   // what the client has saved: if the disk has something else, nothing runs
	Project runner.Overrides `json:"project,omitzero"`

	Parallel   Parallel `json:"parallel,omitempty"`
	FailFast   bool     `json:"failFast,omitempty"`
	Shuffle    bool     `json:"shuffle,omitempty"`
	Seed       *int64   `json:"seed,omitempty"` // of the shuffle, and implies it
	Reverse    bool     `json:"reverse,omitempty"`
	BadFirst   bool     `json:"badFirst,omitempty"` // classes with tests that failed when they last ran come first
	Buffer     bool     `json:"buffer,omitempty"`
	DebugSQL   bool     `json:"debugSql,omitempty"`
	Verbosity  *int     `json:"verbosity,omitempty"` // default: 1
	TimeoutMs  int64    `json:"timeoutMs,omitempty"` // of each test; 0: the setting decides, negative: none
	Cold       bool     `json:"cold,omitempty"`
	RunnerArgs []string `json:"runnerArgs,omitempty"`

	Coverage *runner.Measure `json:"coverage,omitempty"` // asks which lines are executed; see CoverageParams

	Env    []string `json:"env,omitempty"`    // "NAME=value", on top of the client's environment
	OnBusy string   `json:"onBusy,omitempty"` // "parallel" (default), "queue" behind the client's earlier runs, or "cancelPrevious"
}

// Select says what to run. Empty: all tests.
type Select struct {
	IDs         []runner.TestID `json:"ids,omitempty"`
	Labels      []string        `json:"labels,omitempty"` // as on the command line, paths included
	URI         string          `json:"uri,omitempty"`    // of a file
	Nearest     *Nearest        `json:"nearest,omitempty"`
	Patterns    []string        `json:"patterns,omitempty"`
	Tag         string          `json:"tag,omitempty"` // one more of tags
	Tags        []string        `json:"tags,omitempty"`
	ExcludeTags []string        `json:"excludeTags,omitempty"`
	Failed      bool            `json:"failed,omitempty"`
	Last        bool            `json:"last,omitempty"`
	Affected    string          `json:"affected,omitempty"` // "sinceLastRun", or a revision of git such as "HEAD"
	All         bool            `json:"all,omitempty"`
}

// UnmarshalJSON refuses what it does not know: a selection of a newer client must not be taken
// for all tests.
func (s *Select) UnmarshalJSON(data []byte) error {
	type plain Select
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode((*plain)(s)); err != nil {
		return fmt.Errorf("select: %w", err)
	}
	if s.Tag != "" {
		s.Tags, s.Tag = append(s.Tags, s.Tag), ""
	}
	return nil
}

// Fresh is a file as the client has saved it.
type Fresh struct {
	URI     string `json:"uri"`
	Version int    `json:"version,omitempty"` // of the document, for the client's own use
	SHA256  string `json:"sha256,omitempty"`  // of the file's bytes, in hexadecimal
}

// Nearest is a place in a file, whose innermost test or class is meant.
type Nearest struct {
	URI      string   `json:"uri"`
	Position Position `json:"position"`
}

// Position is LSP's; lines count from 0.
type Position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// RunAnswer answers hotclub/run at once; everything else comes as notifications.
type RunAnswer struct {
	RunID    runner.RunID `json:"runId"`
	Total    int          `json:"total"`    // as far as it is known; runStarted tells
	Position int          `json:"position"` // of this client's runs, how many are before it

	Unsaved []string           `json:"unsaved"` // URIs of documents whose text is not what is on the disk, and runs
	Workers runner.WorkerCount `json:"workers"`
}

// CancelRunParams stops a run of the same client.
type CancelRunParams struct {
	RunID runner.RunID `json:"runId"`
}

// Parallel is a number of workers; 0, when absent, lets the project's setting decide.
type Parallel int

// Auto asks for as many workers as the machine has processors; "auto" in JSON.
const Auto Parallel = -1

// MarshalJSON writes Auto as "auto".
func (p Parallel) MarshalJSON() ([]byte, error) {
	if p == Auto {
		return []byte(`"auto"`), nil
	}
	return strconv.AppendInt(nil, int64(p), 10), nil
}

// UnmarshalJSON reads a number from 0 or "auto".
func (p *Parallel) UnmarshalJSON(data []byte) error {
	if string(data) == `"auto"` {
		*p = Auto
		return nil
	}
	var n int
	if err := json.Unmarshal(data, &n); err != nil || n < 0 {
		return fmt.Errorf(`parallel: %s is neither "auto" nor a number`, data)
	}
	*p = Parallel(n)
	return nil
}
