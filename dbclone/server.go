package dbclone

import (
	"context"
	"encoding/json"
	"time"
)

// ServerEngine is an engine whose databases lie on servers, which others use as well. The suite in
// clonetest says it in tests.
//
// Every database that it makes bears a [Label], by which everybody who looks at the server can tell
// whose it is. It drops or changes nothing on a server that bears no label of this home, except
// under the very name of a [Spot] that this home has written down before it was made.
type ServerEngine interface {
	Engine

	// Meet connects to a server, makes the owner known there as alive until [ServerEngine.Leave] or
	// the end of the process, and finds out whether templates and clones can be had. Further calls
	// for the same server are cheap, and notice that it was restarted. A [ServerError] says what
	// the user can do when they can't.
	Meet(ctx context.Context, server Server, owner Owner) (Met, error)

	// Leave ends the connections to all servers.
	Leave()

	// Strays lists the databases of a server that bear a label of anybody's.
	Strays(ctx context.Context, server string) ([]Stray, error)

	// Touch notes with a template that it was used just now, for other homes that wonder whether
	// anybody needs it.
	Touch(ctx context.Context, template Spot, label Label) error

	// Dirty reports whether a clone holds anything committed that it did not hold when it was made,
	// last restored or last accepted.
	Dirty(ctx context.Context, template, clone Spot) (bool, error)

	// Accept takes what a clone holds as clean, until it is restored.
	Accept(ctx context.Context, template, clone Spot) error

	// Restore puts a clone back to an image, while a worker has idle connections to it that go on
	// being used, unless Replaced says that they are gone. ErrNoImage when there is none of this name.
	Restore(ctx context.Context, template, clone Spot, image Image) (Restored, error)

	// Capture keeps what a clone holds as an image of its template, for as long as this process
	// uses the template.
	Capture(ctx context.Context, template, clone Spot, image Image) error
}

// Identifier is what a [ServerEngine] may be able to do as well: to recognise what a clone holds.
type Identifier interface {
	// Identify names the rows that a clone holds: the same name for the same rows in the same order,
	// wherever the sequences stand. An error where that can't be said.
	Identify(ctx context.Context, template, clone Spot) (string, error)
}

// Server says how to reach a database server: the connection parameters of Django's backend
// as text, by the names that the engine documents. It may hold passwords, so it is neither written
// down nor logged.
type Server map[string]string

// Met is what an engine knows about a server that it has met.
type Met struct {
	ID     string // names the server without secrets, the same in every process: "user@host:port"
	Traits string // what the contents of any database there depend on: version, encoding, collation
}

// Image names contents that a clone can be put back to.
type Image string

// Pristine is the image of every template that needs no capture: what the template holds.
const Pristine Image = ""

// Restored says what it took to restore a clone.
type Restored struct {
	Clean    bool   // it was so already
	Replaced bool   // it was made anew: connections to it are gone
	Why      string // it had to be made anew
	Tables   int    // whose contents were put back
}

// labelFormat is the version of [Label]. What bears another one is left alone.
const labelFormat = 1

// Label is what a database bears on a server with others.
type Label struct {
	Format  int       `json:"hotclub"`
	Home    string    `json:"home"`  // id of the state directory that has the record of the database
	Owner   string    `json:"owner"` // id of the process that made it
	Project string    `json:"project"`
	Alias   string    `json:"alias"`
	Kind    Kind      `json:"kind"`
	Created time.Time `json:"created"`
	Used    time.Time `json:"used"` // to the day
}

// String is the label as it stands on a server.
func (l Label) String() string {
	text, _ := json.Marshal(l) // strings, numbers and times
	return string(text)
}

// ParseLabel reads what [Label.String] wrote; false for what is none of ours.
func ParseLabel(text string) (label Label, ok bool) {
	err := json.Unmarshal([]byte(text), &label)
	return label, err == nil && label.Format != 0 && label.Home != ""
}

// Stray is a labelled database on a server.
type Stray struct {
	Name     string
	Label    Label
	Live     bool // its owner is alive
	Sessions int  // connections to it
	Size     int64
}
