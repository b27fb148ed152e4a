package wire

import "hotclub/runner"

// TestItem is one node of the tree of tests.
type TestItem struct {
	ID             runner.TestID   `json:"id"`
	Parent         runner.TestID   `json:"parent,omitempty"` // absent for a project
	Kind           runner.Kind     `json:"kind"`
	Name           string          `json:"name"`
	Label          string          `json:"label"` // what manage.py test takes
	URI            string          `json:"uri,omitempty"`
	Range          *Range          `json:"range,omitempty"`          // of the definition, decorators included
	SelectionRange *Range          `json:"selectionRange,omitempty"` // of its name
	Tags           []string        `json:"tags,omitempty"`
	Base           string          `json:"base,omitempty"`     // of a class: what makes it a test
	Runnable       bool            `json:"runnable"`           // false: a run of it runs nothing
	Dynamic        bool            `json:"dynamic,omitempty"`  // not to be read off its own text
	Fidelity       runner.Fidelity `json:"fidelity"`           // "static" or "collected"
	Disabled       *Disabled       `json:"disabled,omitempty"` // it will be skipped
	Error          *runner.Message `json:"error,omitempty"`    // of a file that cannot be read or imported
}

// Disabled is why a test will be skipped, as far as its text tells.
type Disabled struct {
	Reason string `json:"reason"`
}

// Range is LSP's, in the encoding that was negotiated.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// DiscoverParams asks for the tree; from then on hotclub/didChangeTests keeps it current.
type DiscoverParams struct {
	Scope *DiscoverScope `json:"scope,omitempty"` // default: all projects of the workspace
}

// DiscoverScope is a part of the tree: a file or directory, or an item and what is inside of it.
type DiscoverScope struct {
	URI string        `json:"uri,omitempty"`
	ID  runner.TestID `json:"id,omitempty"`
}

// Tests answers hotclub/discover, and is hotclub/didChangeTests. In the answer nothing is removed.
type Tests struct {
	Revision int             `json:"revision"` // rises with every change, by project
	Project  runner.TestID   `json:"project,omitempty"`
	Items    []TestItem      `json:"items"` // parents before children
	Removed  []runner.TestID `json:"removed"`
	Errors   []FileError     `json:"errors"`
}

// FileError is why the tests of a file are not to be had.
type FileError struct {
	URI     string         `json:"uri"`
	Message runner.Message `json:"message"`
}

// TestsAtParams asks what is at a place, for a cursor.
type TestsAtParams struct {
	URI      string    `json:"uri"`
	Position *Position `json:"position,omitempty"` // absent: all of the file
}

// TestsAtAnswer lists the innermost test or class at the place and what is around it, innermost
// first; without a position all items of the file.
type TestsAtAnswer struct {
	Items []TestItem `json:"items"`
}

// ResultsParams asks for last verdicts.
type ResultsParams struct {
	IDs []runner.TestID `json:"ids,omitempty"` // of tests, or of what they are in
	URI string          `json:"uri,omitempty"` // of a file
}

// ResultsAnswer lists the tests that have ever run.
type ResultsAnswer struct {
	Results []Result `json:"results"`
}

// Result is the last verdict of a test.
type Result struct {
	ID    runner.TestID `json:"id"`
	Label string        `json:"label"`
	At    string        `json:"at"`              // RFC 3339
	Stale bool          `json:"stale,omitempty"` // its text has changed since
	runner.Verdict
}

// OutputParams asks for what a test printed when it last ran.
type OutputParams struct {
	RunID  runner.RunID  `json:"runId,omitempty"` // for clients that keep it; the last run counts
	ID     runner.TestID `json:"id"`
	Offset int           `json:"offset,omitempty"` // in bytes
	Limit  int           `json:"limit,omitempty"`  // in bytes; 0: all
}

// OutputAnswer is a part of it; what is not UTF-8 was replaced.
type OutputAnswer struct {
	Text  string `json:"text"`
	Total int    `json:"total"` // bytes that are there in all
	Next  int    `json:"next"`  // offset of what follows this part
}

// IDsParams names some items.
type IDsParams struct {
	IDs []runner.TestID `json:"ids"`
}

// TextAnswer is something for people to read.
type TextAnswer struct {
	Text string `json:"text"`
}

// CommandAnswer is the plain command that gives the same verdicts without hotclub.
type CommandAnswer struct {
	Command []string          `json:"command"`
	CWD     string            `json:"cwd"`
	Env     map[string]string `json:"env,omitempty"` // beside the client's own
	Text    string            `json:"text"`          // for a shell
}

// Configuration is what a client chooses about its projects; see the README for the keys. It
// arrives by hotclub/configure, in initializationOptions, or as the section "hotclub" of the
// client's settings. Where it is silent, what initializationOptions said stands.
type Configuration struct {
	Trusted *bool `json:"trusted,omitempty"` // not from settings: a folder may bring some of its own
	FolderChoice
	Folders  []FolderConfiguration `json:"folders,omitempty"`
	Parallel Parallel              `json:"parallel,omitempty"` // a number or "auto"
	Lenses   string                `json:"lenses,omitempty"`   // "on" or "off"
}

// FolderConfiguration is for the projects in one folder. Where it is silent, what holds for all stands.
type FolderConfiguration struct {
	URI string `json:"uri"`
	FolderChoice
}

// FolderChoice is what can be another in each folder.
type FolderChoice struct {
	Python      string `json:"python,omitempty"`
	Settings    string `json:"settings,omitempty"`
	StartMethod string `json:"startMethod,omitempty"`
}

// WatchParams switches on that a file's tests run whenever something is saved.
type WatchParams struct {
	URI string `json:"uri"`
}

// WatchAnswer lists what is watched.
type WatchAnswer struct {
	URIs []string `json:"uris"`
}
