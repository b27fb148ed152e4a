package dbclone

import "context"

// Engine is what a kind of database must be able to do for templates and clones. The suite in
// clonetest says it in tests. A manager calls an engine from several goroutines at once, but
// for one database one call at a time, except that many clones may be made of one template.
//
// Errors say what was tried on which database. An engine leaves nothing half-made when it
// fails or its context ends.
type Engine interface {
	// Vendor is Django's word for the kind (connection.vendor), such as "sqlite".
	Vendor() string

	// Locate returns how a Django process names the database at a spot: the path of a file, the
	// name of a database on a server. It does no I/O.
	Locate(at Spot) string

	// Prepare makes sure that nothing is at the spot and that a build may write there.
	Prepare(ctx context.Context, at Spot) error

	// Seal closes the database that a build wrote: nobody has it open, nobody writes to it any
	// more, and it is complete without the files beside it. ErrNotBuilt when there is none.
	Seal(ctx context.Context, at Spot) (Sealed, error)

	// Publish gives a sealed database its lasting name. The manager renames the folder
	// afterwards, so there is nothing to do for a database that is a file in it.
	Publish(ctx context.Context, from, to Spot) error

	// Check finds out, quickly, whether a sealed database is there as it was sealed.
	// ErrTemplateGone when it is not there at all.
	Check(ctx context.Context, at Spot, as Sealed) error

	// Clone copies a sealed template to a spot where nothing is.
	Clone(ctx context.Context, template, clone Spot) error

	// Reset puts a clone back to what its template holds. Nobody has the clone open.
	Reset(ctx context.Context, template, clone Spot) error

	// Drop removes a database in any state, also a half-made one. It is no error if it is gone.
	Drop(ctx context.Context, at Spot) error
}

// Spot is where one database lies. Engines whose databases are files use the folder, which
// exists and belongs to this database; engines with a server use the name.
type Spot struct {
	Dir    string // absolute
	Name   string // unique, [a-z][a-z0-9_]*, at most 30 bytes: Oracle's limit is the lowest
	Server string // [Met.ID], "" for engines without
	Label  Label  // that the database shall bear, or bears, on its server
}

// Sealed is what an engine says about a database that it sealed.
type Sealed struct {
	Size int64  `json:"size"` // bytes
	Mark string `json:"mark"` // by which the engine recognises the database unchanged
}
