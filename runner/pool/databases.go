package pool

import (
	"context"

	"hotclub/runner/worker"
)

// Databases is what the pool needs of those who keep templates and clones.
type Databases interface {
	// Templates returns a migrated template for each schema, in order. Those that are
	// missing are made by one call of build, which writes them to the places it is given
	// and returns what their contents depend on; facts by name are part of that.
	Templates(ctx context.Context, schemas []worker.Schema, facts map[string]string, build Build) ([]Template, error)
	// Refine has coarse templates built once more, to find out what they depend on.
	Refine(ctx context.Context, templates []Template, schemas []worker.Schema, facts map[string]string, build Build) error
	// Rehearse has templates built once more, from the beginning, and drops what comes out.
	Rehearse(ctx context.Context, templates []Template, schemas []worker.Schema, facts map[string]string, build Build) error
}

// Build makes the databases of some places.
type Build func(ctx context.Context, places []worker.Place) (*worker.Built, error)

// Template is a migrated database from which clones are made.
type Template interface {
	// Name is unique among all templates.
	Name() string
	// Serves reports whether its contents are still what a build would make now.
	Serves(ctx context.Context) bool
	// Inputs are the files that its contents depend on beyond its schema, with the SHA-256 of
	// what was in them, in hexadecimal; "?" where they depend on parts of the file only.
	Inputs() map[string]string
	// Coarse reports whether its inputs may be more than what it depends on.
	Coarse() bool
	// Room is how many connections the workers of this project can have on its server.
	Room(ctx context.Context) (Room, error)
	// Lease gives a worker a clone of its own.
	Lease(ctx context.Context, worker string) (Lease, error)
}

// Lease is a worker's hold on a clone.
type Lease interface {
	// Clone is what the worker has to attach.
	Clone() worker.Clone

	// What [worker.Databases] does, of this clone. Only those on servers need it.
	Dirty(ctx context.Context) (bool, error)
	Accept(ctx context.Context) error
	Identify(ctx context.Context) (string, error)
	Restore(ctx context.Context, image string) (worker.Restored, error)
	Capture(ctx context.Context, image string) error

	// Release gives the clone back. The worker must be gone.
	Release(ctx context.Context) error
}

// DatabaseError is an error of [Databases] about the project's own database server: it is not there,
// or refuses something. Its text says what to do about it.
type DatabaseError struct{ Err error }

func (e *DatabaseError) Error() string { return e.Err.Error() }

func (e *DatabaseError) Unwrap() error { return e.Err }
