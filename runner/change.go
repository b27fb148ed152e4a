package runner

import "time"

// Cause is why something warm is stale: a file or folder that a process has read, and what has
// become of it.
type Cause struct {
	File string `json:"file"`
	Rule string `json:"rule"` // "changed", "is gone", "is new", "has other names in it", …
}

func (c Cause) String() string { return c.File + " " + c.Rule }

// PoolChange is one step in the life of a project's warm workers, and why it was taken.
type PoolChange struct {
	At         time.Time      `json:"at"`
	Kind       PoolChangeKind `json:"kind"`
	Generation string         `json:"generation,omitempty"` // that it is about, where it has a name yet
	Cause      *Cause         `json:"cause,omitempty"`
	Reason     string         `json:"reason,omitempty"`  // where no file is the cause
	Workers    int            `json:"workers,omitempty"` // that were lost by it
	TookMs     float64        `json:"tookMs,omitempty"`  // of Booted and WorkersReady: since the boot began
	LastMs     float64        `json:"lastMs,omitempty"`  // of Booting: what the boot before took, 0 when there was none
	Base       bool           `json:"base,omitempty"`    // of Booted: from a process that had the third-party imports already
	Fault      *Message       `json:"fault,omitempty"`   // of BootFailed
}

// PoolChangeKind says what a PoolChange is about.
type PoolChangeKind string

const (
	Invalidated  PoolChangeKind = "invalidated" // a generation is stale: nothing runs on it any more
	Booting      PoolChangeKind = "booting"     // a generation is on its way
	Superseded   PoolChangeKind = "superseded"  // the boot was begun again, because of a later change
	Booted       PoolChangeKind = "booted"      // the project is loaded
	WorkersReady PoolChangeKind = "ready"       // the first worker waits, with its databases
	BootFailed   PoolChangeKind = "failed"      // the project does not load
	WorkerLost   PoolChangeKind = "workerLost"  // one worker alone is stale or has ended
	BaseReady    PoolChangeKind = "baseReady"   // edits cost the project's own imports alone from now on
	BaseRefused  PoolChangeKind = "baseRefused" // they cost all imports: Reason says why
)
