package runner

import "time"

// ProjectStatus is a snapshot of one project's pool.
type ProjectStatus struct {
	Root        string           `json:"root"`
	State       PoolState        `json:"state"`
	Settings    string           `json:"settings"`
	Python      string           `json:"python"`           // path of the interpreter
	Versions    string           `json:"versions"`         // "Python 3.11.7, Django 5.2.19"
	StartMethod string           `json:"startMethod"`      // "fork" or "spawn"
	Reason      string           `json:"reason,omitempty"` // why not the method that was asked for
	Rung        string           `json:"rung,omitempty"`   // step of the fallback ladder and the override that forced it, when not the top
	Generation  string           `json:"generation"`
	Boot        []Timing         `json:"boot,omitempty"` // phases of the generation's boot
	FilesRead   int              `json:"filesRead"`
	Workers     []WorkerStatus   `json:"workers"`
	Databases   []DatabaseStatus `json:"databases,omitempty"` // of all pools of the project, told of the last of them
	LastRun     []Timing         `json:"lastRun,omitempty"`   // from request to first verdict, likewise
	Error       string           `json:"error,omitempty"`     // why the project does not boot
	Changes     []PoolChange     `json:"changes,omitempty"`   // what became of the workers, and why; the oldest first
	Unwatched   string           `json:"unwatched,omitempty"` // why there is no head start on saves, "" when there is
	Measures    *Measure         `json:"coverage,omitempty"`  // what its workers measure, which serve runs with coverage alone; nil: nothing
}

// WorkerCount says how many workers of a project stand where.
type WorkerCount struct {
	Ready   int `json:"ready"`
	Booting int `json:"booting"`
	Running int `json:"running"`
}

// WorkerStatus is a snapshot of one worker.
type WorkerStatus struct {
	Name     string    `json:"name"`
	Kind     string    `json:"kind"` // "base", "layer", "forked" or "spawned"
	State    string    `json:"state"`
	PID      int       `json:"pid"`
	Since    time.Time `json:"since"`              // when it reached its state
	Test     string    `json:"test,omitempty"`     // label of the test that it runs
	MemoryMB float64   `json:"memoryMb,omitempty"` // its own share (PSS on Linux), when known

	Generation string   `json:"generation,omitempty"` // none for a base
	Loaded     []string `json:"loaded,omitempty"`     // labels of the tests that it has loaded, for whoever runs them next
}

// DatabaseStatus describes a template or a clone.
type DatabaseStatus struct {
	Alias   string    `json:"alias"`
	Engine  string    `json:"engine"`
	Kind    string    `json:"kind"`             // "template", "clone", "unfinished", or "parked": a clone for the next daemon
	Name    string    `json:"name"`             // file or database
	Server  string    `json:"server,omitempty"` // where the database lies
	Owner   string    `json:"owner,omitempty"`
	SizeKB  int64     `json:"sizeKb"`
	Created time.Time `json:"created"`
	Used    time.Time `json:"used,omitzero"`
	State   string    `json:"state"`         // "sealed", "stale", "building", "leased", "ready", "dead"
	Why     string    `json:"why,omitempty"` // of a template, why it is there or can't be used, for people
	// Of a template: whole files count of which only parts may matter. That is found out when nobody waits.
	Coarse bool `json:"coarse,omitempty"`
}
