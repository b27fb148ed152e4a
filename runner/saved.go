package runner

import "context"

// Saved tells that files have changed that the project's processes had read, or that this is told
// only later from now on.
type Saved struct {
	Changes  []Cause  `json:"changes"`            // sorted by file; absolute
	Fault    string   `json:"fault,omitempty"`    // news: the file watcher does not tell at once, and why; the disk is looked at each second instead
	Restless []string `json:"restless,omitempty"` // files that each run changes itself: what happens to them in a run no longer counts
}

// Saves are the changes of one project since they were last asked for.
type Saves interface {
	// Await returns at the next change, or with a fault that has not been told yet. It may only wait once at a time.
	Await(ctx context.Context) (Saved, error)

	// Close ends the watch and waits for it.
	Close()
}
