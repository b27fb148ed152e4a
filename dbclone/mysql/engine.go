package mysql

import (
	"context"
	"fmt"
	"sync"

	"hotclub/dbclone"
)

// Engine implements [dbclone.ServerEngine].
type Engine struct {
	mu      sync.Mutex
	servers map[string]*server // by id
}

var _ dbclone.ServerEngine = (*Engine)(nil)

// New returns an engine that has met no server.
func New() *Engine { return &Engine{servers: make(map[string]*server)} }

func (*Engine) Vendor() string { return "mysql" }

func (*Engine) Locate(at dbclone.Spot) string { return at.Name }

// Meet takes the keywords host, port, unix_socket, user, password, ssl_ca, ssl_cert, ssl_key,
// ssl_mode, read_default_file, read_default_group, init_command and sql_mode.
func (e *Engine) Meet(ctx context.Context, given dbclone.Server, owner dbclone.Owner) (dbclone.Met, error) {
	how, err := newSettings(given)
	if err != nil {
		return dbclone.Met{}, err
	}
	traits, err := e.known(how.id).meet(ctx, how, owner)
	return dbclone.Met{ID: how.id, Traits: traits}, err
}

func (e *Engine) known(id string) *server {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.servers[id]
	if s == nil {
		s = newServer(id)
		e.servers[id] = s
	}
	return s
}

// Leave ends the connections to all servers, and with them the names of the owners.
func (e *Engine) Leave() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.servers {
		s.leave()
	}
}

// on does something in a session on the server of a spot, which op says for errors.
func (e *Engine) on(ctx context.Context, id, op, database string, do func(s *server, on *session) error) error {
	e.mu.Lock()
	s := e.servers[id]
	e.mu.Unlock()
	if s == nil {
		return fmt.Errorf("%w: %q", dbclone.ErrUnmet, id)
	}
	on, err := s.open(ctx, home)
	if err == nil {
		defer on.close()
		err = do(s, on)
	}
	return s.failed(ctx, err, "%s %s", op, database)
}

func (e *Engine) Strays(ctx context.Context, id string) (list []dbclone.Stray, err error) {
	err = e.on(ctx, id, "list", "the labelled databases", func(_ *server, on *session) error {
		list, err = strays(ctx, on)
		return err
	})
	return list, err
}

func (e *Engine) Touch(ctx context.Context, at dbclone.Spot, label dbclone.Label) error {
	return e.on(ctx, at.Server, "note a use of", at.Name, func(_ *server, on *session) error {
		if _, err := ours(ctx, on, at); err != nil {
			return err
		}
		return on.run(ctx, "UPDATE "+labels+" SET label = "+text(label.String())+" WHERE name = "+text(at.Name))
	})
}

// Prepare labels the name: the build makes a database of it.
func (e *Engine) Prepare(ctx context.Context, at dbclone.Spot) error {
	return e.on(ctx, at.Server, "make room for", at.Name, func(s *server, on *session) error {
		if _, err := ours(ctx, on, at); err != nil {
			return err
		}
		if err := s.drop(ctx, on, at.Name); err != nil {
			return err
		}
		return s.putLabel(ctx, on, at, making)
	})
}

func (e *Engine) Seal(ctx context.Context, at dbclone.Spot) (sealed dbclone.Sealed, err error) {
	err = e.on(ctx, at.Server, "seal", at.Name, func(s *server, on *session) error {
		sealed, err = s.seal(ctx, on, at)
		return err
	})
	return sealed, err
}

// Publish copies: a database can't be renamed, only its tables can, without their triggers.
func (e *Engine) Publish(ctx context.Context, from, to dbclone.Spot) error {
	return e.on(ctx, to.Server, "publish "+from.Name+" as", to.Name, func(s *server, on *session) error {
		sealed, err := s.sealed(ctx, on, from)
		if err != nil {
			return err
		}
		if err := s.clone(ctx, on, sealed, to); err != nil {
			return err
		}
		return s.drop(ctx, on, from.Name)
	})
}

func (e *Engine) Check(ctx context.Context, at dbclone.Spot, as dbclone.Sealed) error {
	return e.on(ctx, at.Server, "check the template", at.Name, func(s *server, on *session) error {
		return s.check(ctx, on, at, as)
	})
}

func (e *Engine) Clone(ctx context.Context, template, clone dbclone.Spot) error {
	return e.on(ctx, clone.Server, "clone "+template.Name+" to", clone.Name, func(s *server, on *session) error {
		sealed, err := s.sealed(ctx, on, template)
		if err != nil {
			return err
		}
		return s.clone(ctx, on, sealed, clone)
	})
}

func (e *Engine) Reset(ctx context.Context, template, clone dbclone.Spot) error {
	return e.on(ctx, clone.Server, "reset", clone.Name, func(s *server, on *session) error {
		return s.reset(ctx, on, template, clone)
	})
}

// Drop ends the sessions that are in the database.
func (e *Engine) Drop(ctx context.Context, at dbclone.Spot) error {
	return e.on(ctx, at.Server, "drop", at.Name, func(s *server, on *session) error {
		if _, err := ours(ctx, on, at); err != nil {
			return err
		}
		return s.drop(ctx, on, at.Name)
	})
}

func (e *Engine) Dirty(ctx context.Context, template, clone dbclone.Spot) (dirty bool, err error) {
	err = e.on(ctx, clone.Server, "compare with its template", clone.Name, func(s *server, on *session) error {
		dirty, err = s.dirty(ctx, on, template, clone)
		return err
	})
	return dirty, err
}

func (e *Engine) Accept(ctx context.Context, _, clone dbclone.Spot) error {
	return e.on(ctx, clone.Server, "read", clone.Name, func(s *server, on *session) error {
		return s.accept(ctx, on, clone)
	})
}

func (e *Engine) Restore(ctx context.Context, template, clone dbclone.Spot, image dbclone.Image) (restored dbclone.Restored, err error) {
	err = e.on(ctx, clone.Server, "restore", clone.Name, func(s *server, on *session) error {
		restored, err = s.restore(ctx, on, template, clone, image)
		return err
	})
	return restored, err
}

func (e *Engine) Capture(ctx context.Context, template, clone dbclone.Spot, image dbclone.Image) error {
	return e.on(ctx, clone.Server, "capture", clone.Name, func(s *server, on *session) error {
		return s.capture(ctx, on, template, clone, image)
	})
}
