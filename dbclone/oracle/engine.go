package oracle

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"hotclub/dbclone"
)

// Engine implements [dbclone.ServerEngine]. Use [New].
type Engine struct {
	dial     func(login) (driver.Connector, error)
	patience time.Duration // with sessions that are about to end
	poll     time.Duration // between two looks at them

	mu      sync.Mutex
	servers map[string]*server // by [dbclone.Met.ID]
	gates   map[string]*sync.Mutex
}

var _ dbclone.ServerEngine = (*Engine)(nil)

// New returns an engine that has met no server yet.
func New() *Engine {
	return &Engine{
		dial: dial, patience: 15 * time.Second, poll: 50 * time.Millisecond,
		servers: make(map[string]*server), gates: make(map[string]*sync.Mutex),
	}
}

func (*Engine) Vendor() string { return "oracle" }

// Locate returns the user of a spot, as Django's settings may have it: in any case, as it is not
// quoted when somebody logs in. Of a template it is the name only, see doc.go.
func (*Engine) Locate(at dbclone.Spot) string { return at.Name }

// Meet keeps the main user's connection from the first call on.
func (e *Engine) Meet(ctx context.Context, how dbclone.Server, owner dbclone.Owner) (dbclone.Met, error) {
	settings, err := parseSettings(how)
	if err != nil {
		return dbclone.Met{}, err
	}
	id := settings.id()
	gate := e.gate(id)
	gate.Lock()
	defer gate.Unlock()
	e.mu.Lock()
	s := e.servers[id]
	e.mu.Unlock()
	if s == nil || s.settings != settings {
		s, err = e.open(ctx, s, newServer(e, settings, owner))
	} else {
		err = s.revive(ctx)
	}
	if err != nil {
		return dbclone.Met{}, s.explain(ctx, "prepare for test databases", err)
	}
	return dbclone.Met{ID: id, Traits: s.traits}, nil
}

// gate lets one at a time meet a server.
func (e *Engine) gate(id string) *sync.Mutex {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.gates[id] == nil {
		e.gates[id] = new(sync.Mutex)
	}
	return e.gates[id]
}

// open meets a server for the first time, or with other settings than before.
func (e *Engine) open(ctx context.Context, old, s *server) (*server, error) {
	if old != nil {
		e.mu.Lock()
		delete(e.servers, old.id)
		e.mu.Unlock()
		old.leave()
	}
	if err := s.open(ctx); err != nil {
		s.disconnect()
		return s, err
	}
	e.mu.Lock()
	e.servers[s.id] = s
	e.mu.Unlock()
	return s, nil
}

// Leave also drops the images that were captured: nobody else knows them.
func (e *Engine) Leave() {
	e.mu.Lock()
	servers := e.servers
	e.servers = make(map[string]*server)
	e.mu.Unlock()
	for _, s := range servers {
		s.leave()
	}
}

// server returns the server of a spot, connected.
func (e *Engine) server(at dbclone.Spot) (*server, error) {
	if !wellNamed(at) {
		return nil, fmt.Errorf("oracle: %q can't be the name of a user of ours", at.Name)
	}
	return e.met(at.Server)
}

func (e *Engine) met(id string) (*server, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.servers[id]
	if s == nil {
		return nil, fmt.Errorf("%w: %s", dbclone.ErrUnmet, id)
	}
	return s, nil
}

func (e *Engine) Strays(ctx context.Context, id string) ([]dbclone.Stray, error) {
	s, err := e.met(id)
	if err != nil {
		return nil, err
	}
	strays, err := s.strays(ctx)
	return strays, s.explain(ctx, "list the test databases", err)
}

func (e *Engine) Touch(ctx context.Context, template dbclone.Spot, label dbclone.Label) error {
	s, err := e.server(template)
	if err != nil {
		return err
	}
	return s.explain(ctx, "note the use of "+template.Name, s.relabel(ctx, template, label))
}

// Prepare makes an empty user, with the rights that Django gives one.
func (e *Engine) Prepare(ctx context.Context, at dbclone.Spot) error {
	if err := e.Drop(ctx, at); err != nil {
		return err
	}
	s, err := e.server(at)
	if err != nil {
		return err
	}
	return s.explain(ctx, "make a user for "+at.Name, s.create(ctx, at))
}

// Seal waits until nobody is connected and changes the password, so that nobody will be.
func (e *Engine) Seal(ctx context.Context, at dbclone.Spot) (dbclone.Sealed, error) {
	s, err := e.server(at)
	if err != nil {
		return dbclone.Sealed{}, err
	}
	sealed, err := s.seal(ctx, at)
	return sealed, s.explain(ctx, "seal the template "+at.Name, err)
}

// Publish changes the label only: a user keeps its name.
func (e *Engine) Publish(ctx context.Context, from, to dbclone.Spot) error {
	s, err := e.server(to)
	if err != nil {
		return err
	}
	return s.explain(ctx, "publish the template "+to.Name, s.publish(ctx, from, to))
}

func (e *Engine) Check(ctx context.Context, at dbclone.Spot, as dbclone.Sealed) error {
	s, err := e.server(at)
	if err != nil {
		return err
	}
	t, err := s.template(ctx, at)
	if err == nil && t.mark != as.Mark {
		err = fmt.Errorf("oracle: the template %s is another one than was sealed", at.Name)
	}
	return s.explain(ctx, "look at the template "+at.Name, err)
}

func (e *Engine) Clone(ctx context.Context, template, clone dbclone.Spot) error {
	s, err := e.server(clone)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return s.explain(ctx, "create the clone "+clone.Name, s.clone(ctx, template, clone))
}

// Drop removes the user with all that it owns, and the label last.
func (e *Engine) Drop(ctx context.Context, at dbclone.Spot) error {
	s, err := e.server(at)
	if err != nil {
		return err
	}
	return s.explain(ctx, "drop "+at.Name, s.drop(ctx, at))
}

func (e *Engine) Reset(ctx context.Context, template, clone dbclone.Spot) error {
	_, err := e.Restore(ctx, template, clone, dbclone.Pristine)
	return err
}

func (e *Engine) Dirty(ctx context.Context, template, clone dbclone.Spot) (bool, error) {
	s, err := e.server(clone)
	if err != nil {
		return false, err
	}
	dirty, err := s.dirty(ctx, template, clone)
	return dirty, s.explain(ctx, "look for changes in "+clone.Name, err)
}

func (e *Engine) Accept(ctx context.Context, template, clone dbclone.Spot) error {
	s, err := e.server(clone)
	if err != nil {
		return err
	}
	return s.explain(ctx, "accept what "+clone.Name+" holds", s.accept(ctx, template, clone))
}

func (e *Engine) Restore(ctx context.Context, template, clone dbclone.Spot, image dbclone.Image) (dbclone.Restored, error) {
	s, err := e.server(clone)
	if err != nil {
		return dbclone.Restored{}, err
	}
	restored, err := s.restore(ctx, template, clone, image)
	return restored, s.explain(ctx, "restore "+clone.Name, err)
}

func (e *Engine) Capture(ctx context.Context, template, clone dbclone.Spot, image dbclone.Image) error {
	if image == dbclone.Pristine {
		return errors.New("oracle: the template itself can't be captured")
	}
	s, err := e.server(clone)
	if err != nil {
		return err
	}
	return s.explain(ctx, "keep what "+clone.Name+" holds as "+strings.TrimSpace(string(image)), s.capture(ctx, template, clone, image))
}
