package runner

import (
	"context"
	"strings"
	"time"
)

// Client is who asks: its working directory and its environment reach the workers, the
// daemon's own never do.
type Client struct {
	Name string   `json:"name"` // "hotclub run", "VS Code"
	Dir  string   `json:"dir"`  // absolute working directory
	Env  []string `json:"env"`  // "NAME=value"
}

// Terminal reports whether the client is one of hotclub's own commands, whose overrides are flags. All
// others are editors.
func (c Client) Terminal() bool { return strings.HasPrefix(c.Name, "hotclub ") }

// Overrides are the client's choices about the project itself, stronger than its
// configuration files. Empty fields choose nothing.
type Overrides struct {
	Root        string `json:"root,omitempty"`   // -C of a command: a directory inside the project
	Python      string `json:"python,omitempty"` // --python of a command, a setting of an editor; so are the next two
	Settings    string `json:"settings,omitempty"`
	StartMethod string `json:"startMethod,omitempty"` // auto, fork or spawn
}

// Request asks for a run.
type Request struct {
	Run       RunID     `json:"runId"`
	Client    Client    `json:"client"`
	Project   Overrides `json:"project"`
	Selection Selection `json:"select"`
	Options   Options   `json:"options"`

	Asked   time.Time `json:"-"` // when it came in; default: when the engine gets it
	Timings []Timing  `json:"-"` // its way from there to the engine
}

// Engine is what a server needs of the machinery: runs, and a look at its inside.
type Engine interface {
	// Run carries out a request and returns after its RunFinished, which is always the
	// last event. It calls emit from one goroutine at a time. The end of ctx cancels the
	// run: what is not finished becomes Cancelled.
	Run(ctx context.Context, request Request, emit func(Event))

	// Status describes the pools of all projects.
	Status(ctx context.Context) []ProjectStatus

	// Stop ends the pool of the project around dir and forgets it; with dir "" all of them.
	// It returns the roots that it stopped.
	Stop(ctx context.Context, dir string) ([]string, error)

	// Restart replaces every worker of the project around dir.
	Restart(ctx context.Context, dir string) ([]string, error)

	// Databases carries out an action of `hotclub db`.
	Databases(ctx context.Context, action DatabaseAction, client Client, project Overrides) ([]DatabaseStatus, error)

	// Idle reports whether no project has a pool, so that a daemon may end.
	Idle() bool

	// Close ends all workers and waits for them.
	Close(ctx context.Context) error
}

// DatabaseAction is what `hotclub db` does.
type DatabaseAction string

const (
	ListDatabases    DatabaseAction = "list"
	RebuildDatabases DatabaseAction = "rebuild" // forget the project's templates; they are migrated anew
	SweepDatabases   DatabaseAction = "sweep"   // drop what dead owners left and what is out of date
)
