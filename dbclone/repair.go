package dbclone

import (
	"context"
	"errors"
	"fmt"
)

// server is the lease's engine where that is one with servers, else nil.
func (l *Lease) server() ServerEngine {
	engine, _ := l.template.engine.(ServerEngine)
	return engine
}

// Dirty reports whether the clone, on a server, holds anything committed since it was leased, last
// restored or last accepted.
func (l *Lease) Dirty(ctx context.Context) (dirty bool, err error) {
	err = l.use(ctx, func(ctx context.Context, engine ServerEngine) error {
		dirty, err = engine.Dirty(ctx, l.template.spot, l.clone)
		return err
	})
	return dirty, err
}

// Accept takes what the clone, on a server, holds as clean, until it is restored.
func (l *Lease) Accept(ctx context.Context) error {
	return l.use(ctx, func(ctx context.Context, engine ServerEngine) error {
		return engine.Accept(ctx, l.template.spot, l.clone)
	})
}

// Identify names the rows that the clone, on a server, holds: the same name for the same rows.
func (l *Lease) Identify(ctx context.Context) (name string, err error) {
	err = l.use(ctx, func(ctx context.Context, engine ServerEngine) error {
		identifier, can := engine.(Identifier)
		if !can {
			return fmt.Errorf("what a database of alias %q holds can't be recognised on %s", l.schema.Alias, l.schema.Engine)
		}
		name, err = identifier.Identify(ctx, l.template.spot, l.clone)
		return err
	})
	return name, err
}

// Capture keeps what the clone, on a server, holds as an image, for all clones of its template.
func (l *Lease) Capture(ctx context.Context, image Image) error {
	return l.use(ctx, func(ctx context.Context, engine ServerEngine) error {
		return engine.Capture(ctx, l.template.spot, l.clone, image)
	})
}

// Restore puts the clone, on a server, back to an image. Idle connections to it stay, unless it
// says that the clone was replaced. ErrNoImage leaves the clone as it is; other failures condemn
// the lease.
func (l *Lease) Restore(ctx context.Context, image Image) (restored Restored, err error) {
	err = l.use(ctx, func(ctx context.Context, engine ServerEngine) error {
		l.move(Resetting)
		restored, err = engine.Restore(ctx, l.template.spot, l.clone, image)
		if err != nil && !errors.Is(err, ErrNoImage) {
			l.move(Condemned)
			return l.explain(err)
		}
		l.move(Leased)
		return err
	})
	return restored, err
}

// use does something with a leased clone on a server.
func (l *Lease) use(ctx context.Context, do func(context.Context, ServerEngine) error) error {
	return l.turn(ctx, func(ctx context.Context) error {
		engine := l.server()
		if engine == nil {
			return fmt.Errorf("%w on a server: %s of alias %q", ErrNoEngine, l.schema.Engine, l.schema.Alias)
		}
		return do(ctx, engine)
	})
}
