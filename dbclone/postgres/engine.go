package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"hotclub/dbclone"
)

// Engine implements [dbclone.ServerEngine].
type Engine struct {
	log *slog.Logger

	mu      sync.Mutex
	servers map[string]*server // by id
}

var _ dbclone.ServerEngine = (*Engine)(nil)

// New returns an engine that has met no server yet.
func New(log *slog.Logger) *Engine {
	return &Engine{log: log, servers: make(map[string]*server)}
}

func (*Engine) Vendor() string { return "postgresql" }

func (*Engine) Locate(at dbclone.Spot) string { return at.Name }

func (e *Engine) Meet(ctx context.Context, with dbclone.Server, owner dbclone.Owner) (dbclone.Met, error) {
	settings, err := understand(with)
	if err != nil {
		return dbclone.Met{}, err
	}
	e.mu.Lock()
	s := e.servers[settings.id()]
	if s == nil {
		s = newServer(settings.id(), e.log)
		e.servers[s.id] = s
	}
	e.mu.Unlock()
	return s.meet(ctx, settings, owner)
}

func (e *Engine) Leave() {
	e.mu.Lock()
	servers := e.servers
	e.servers = make(map[string]*server)
	e.mu.Unlock()
	for _, s := range servers {
		s.leave()
	}
}

// at returns the server that a spot is on.
func (e *Engine) at(id string) (*server, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.servers[id]; s != nil && s.met() {
		return s, nil
	}
	return nil, fmt.Errorf("%w: %s", dbclone.ErrUnmet, id)
}

// Prepare drops what is at the spot. The project's Django creates the database itself.
func (e *Engine) Prepare(ctx context.Context, at dbclone.Spot) error { return e.Drop(ctx, at) }

func (e *Engine) Seal(ctx context.Context, at dbclone.Spot) (dbclone.Sealed, error) {
	s, err := e.at(at.Server)
	if err != nil {
		return dbclone.Sealed{}, err
	}
	sealed, err := s.seal(ctx, at)
	return sealed, s.fail(ctx, "seal the template "+at.Name, err)
}

func (e *Engine) Publish(ctx context.Context, from, to dbclone.Spot) error {
	return e.on(ctx, from, "publish the template as "+to.Name, func(s *server) error { return s.publish(ctx, from, to) })
}

func (e *Engine) Check(ctx context.Context, at dbclone.Spot, as dbclone.Sealed) error {
	return e.on(ctx, at, "look at the template "+at.Name, func(s *server) error { return s.check(ctx, at, as) })
}

func (e *Engine) Touch(ctx context.Context, at dbclone.Spot, label dbclone.Label) error {
	return e.on(ctx, at, "label the template "+at.Name, func(s *server) error { return s.touch(ctx, at, label) })
}

func (e *Engine) Clone(ctx context.Context, template, clone dbclone.Spot) error {
	return e.on(ctx, clone, "create the clone "+clone.Name, func(s *server) error { return s.clone(ctx, template, clone) })
}

func (e *Engine) Drop(ctx context.Context, at dbclone.Spot) error {
	return e.on(ctx, at, "drop the database "+at.Name, func(s *server) error { return s.drop(ctx, at) })
}

func (e *Engine) Strays(ctx context.Context, id string) (list []dbclone.Stray, err error) {
	err = e.on(ctx, dbclone.Spot{Server: id}, "list the databases", func(s *server) error {
		list, err = s.strays(ctx)
		return err
	})
	return list, err
}

func (e *Engine) Reset(ctx context.Context, template, clone dbclone.Spot) error {
	return e.on(ctx, clone, "reset the clone "+clone.Name, func(s *server) error { return s.reset(ctx, template, clone) })
}

func (e *Engine) Dirty(ctx context.Context, _, clone dbclone.Spot) (dirty bool, err error) {
	err = e.on(ctx, clone, "look at the clone "+clone.Name, func(s *server) error {
		dirty, err = s.dirty(ctx, clone)
		return err
	})
	return dirty, err
}

func (e *Engine) Accept(ctx context.Context, _, clone dbclone.Spot) error {
	return e.on(ctx, clone, "look at the clone "+clone.Name, func(s *server) error { return s.accept(ctx, clone) })
}

var _ dbclone.Identifier = (*Engine)(nil)

// Identify implements [dbclone.Identifier].
func (e *Engine) Identify(ctx context.Context, _, clone dbclone.Spot) (name string, err error) {
	err = e.on(ctx, clone, "recognise what the clone "+clone.Name+" holds", func(s *server) error {
		name, err = s.identify(ctx, clone)
		return err
	})
	return name, err
}

func (e *Engine) Restore(ctx context.Context, template, clone dbclone.Spot, image dbclone.Image) (restored dbclone.Restored, err error) {
	err = e.on(ctx, clone, "restore the clone "+clone.Name, func(s *server) error {
		restored, err = s.restore(ctx, template, clone, image)
		return err
	})
	return restored, err
}

func (e *Engine) Capture(ctx context.Context, template, clone dbclone.Spot, image dbclone.Image) error {
	return e.on(ctx, clone, "capture what the clone "+clone.Name+" holds", func(s *server) error {
		return s.capture(ctx, template, clone, image)
	})
}

// on does something on the server of a spot, and says what it was when it fails.
func (e *Engine) on(ctx context.Context, at dbclone.Spot, op string, do func(*server) error) error {
	s, err := e.at(at.Server)
	if err != nil {
		return err
	}
	return s.fail(ctx, op, do(s))
}
