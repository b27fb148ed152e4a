package wire

import (
	"hotclub/runner"
	"hotclub/runner/explain"
)

// ExplainParams asks why tests stand where they do: one item, what a label names, or without either
// what became of the project's workers.
type ExplainParams struct {
	ID      runner.TestID    `json:"id,omitempty"`
	Label   string           `json:"label,omitempty"` // as on the command line, paths included
	Project runner.Overrides `json:"project,omitzero"`
}

// ExplainAnswer says it in words and by parts.
type ExplainAnswer struct {
	Text string `json:"text"`
	explain.Explanation
}

// DidChangeStatus is hotclub/didChangeStatus: where the warm workers of a project stand.
type DidChangeStatus struct {
	Project    runner.TestID      `json:"project"` // id of the project's item
	Root       string             `json:"root"`
	State      runner.PoolState   `json:"state"`
	Generation string             `json:"generation,omitempty"`
	Workers    runner.WorkerCount `json:"workers"`
	Change     *runner.PoolChange `json:"change,omitempty"`    // the latest step that led there
	Unwatched  string             `json:"unwatched,omitempty"` // why saves are noticed only when somebody asks
}

// DidChangeWorkers is hotclub/didChangeWorkers: all processes of a project.
type DidChangeWorkers struct {
	Project runner.TestID         `json:"project"`
	Workers []runner.WorkerStatus `json:"workers"`
}

// Invalidated is hotclub/invalidated: a generation on which nothing runs any more.
type Invalidated struct {
	Project    runner.TestID  `json:"project"`
	Generation string         `json:"generation"`
	Cause      []runner.Cause `json:"cause"`            // empty where no file is the cause
	Reason     string         `json:"reason,omitempty"` // then
	Workers    int            `json:"workers"`          // that were lost by it
}
