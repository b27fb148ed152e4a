package dbclone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Manager works on one state directory for one owner. Its methods may be called at once from
// any goroutines. What it does on its own account, for engines with servers, ends with Close.
type Manager struct {
	layout  layout
	owner   Owner
	home    string // id of the state directory
	log     *slog.Logger
	engines map[string]Engine
	cut     Cut
	alive   *fileLock
	now     func() time.Time
	between time.Duration // two looks at what seems dead on a server

	life  context.Context // of what is done in the background
	stop  context.CancelFunc
	tasks sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	calls   map[*call]struct{}
	idle    chan struct{} // closed when the last call of a closed manager has ended
	held    map[string]*held
	current map[string]*held // by lineage: what Templates returned last
	leases  map[*Lease]struct{}
	servers map[string]ServerEngine // that were met
	surplus []surplus               // clones that are still to be dropped
	counter int
}

type call struct{ cancel context.CancelCauseFunc }

// Open makes the owner known in the state directory, which it creates when it has to, and
// sweeps what dead owners left there. What can't be swept is logged and tried again another
// time. cut is for builds that depend on parts of files; it may be nil.
func Open(ctx context.Context, dir string, owner Owner, log *slog.Logger, cut Cut, engines ...Engine) (*Manager, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("dbclone: state directory: %w", err)
	}
	m := &Manager{
		layout:  layout{dir: dir},
		owner:   owner,
		log:     log.With("component", "dbclone", "owner", owner.ID),
		engines: make(map[string]Engine),
		cut:     cut,
		now:     time.Now,
		between: between,
		calls:   make(map[*call]struct{}),
		idle:    make(chan struct{}),
		held:    make(map[string]*held),
		current: make(map[string]*held),
		leases:  make(map[*Lease]struct{}),
		servers: make(map[string]ServerEngine),
	}
	m.life, m.stop = context.WithCancel(context.WithoutCancel(ctx))
	for _, engine := range engines {
		m.engines[engine.Vendor()] = engine
	}
	if err := m.layout.create(); err != nil {
		return nil, err
	}
	if m.home, err = homeOf(ctx, m.layout); err != nil {
		return nil, err
	}
	if m.alive, err = register(ctx, m.layout, owner); err != nil {
		return nil, err
	}
	if _, err := m.Sweep(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, errors.Join(err, m.Close(context.WithoutCancel(ctx)))
		}
		m.log.Warn("some of what dead processes left could not be removed", "error", err)
	}
	return m, nil
}

// begin admits a call. Its context ends when the manager is closed.
func (m *Manager) begin(ctx context.Context) (context.Context, func(), error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, nil, ErrClosed
	}
	ctx, cancel := context.WithCancelCause(ctx)
	c := &call{cancel: cancel}
	m.calls[c] = struct{}{}
	return ctx, func() { m.end(c) }, nil
}

func (m *Manager) end(c *call) {
	c.cancel(nil)
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.calls, c)
	if m.closed && len(m.calls) == 0 {
		close(m.idle)
	}
}

// Close cancels what is going on and waits for it, drops all clones and gives up the owner's
// name. Templates stay, and of those on servers a clone each, for the next. When it returns an error it may be called again.
func (m *Manager) Close(ctx context.Context) error {
	m.shut()
	select {
	case <-m.idle:
	case <-ctx.Done():
		return fmt.Errorf("dbclone: closing, while calls are still at work: %w", context.Cause(ctx))
	}
	m.tasks.Wait()
	var errs []error
	for _, lease := range m.openLeases() {
		errs = append(errs, lease.Release(ctx))
	}
	m.parkAll(ctx)
	errs = append(errs, m.clearAll(ctx))
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return m.leave()
}

func (m *Manager) shut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return
	}
	m.closed = true
	m.stop()
	for c := range m.calls {
		c.cancel(ErrClosed)
	}
	if len(m.calls) == 0 {
		close(m.idle)
	}
}

func (m *Manager) openLeases() []*Lease {
	m.mu.Lock()
	defer m.mu.Unlock()
	open := make([]*Lease, 0, len(m.leases))
	for lease := range m.leases {
		open = append(open, lease)
	}
	return open
}

// leave removes the owner's traces; the lock goes last, so that a sweep finds what is left
// if this is cut short.
func (m *Manager) leave() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.alive == nil {
		return nil
	}
	for key, h := range m.held {
		h.lock.release()
		delete(m.held, key)
	}
	clear(m.current)
	for _, engine := range m.engines {
		if engine, ok := engine.(ServerEngine); ok {
			engine.Leave()
		}
	}
	id := m.owner.ID
	for _, path := range []string{m.layout.clones(id), m.layout.building(id), m.layout.ownerFile(id)} {
		if err := os.RemoveAll(path); err != nil {
			return Storage("remove", path, err)
		}
	}
	err := m.alive.remove()
	m.alive = nil
	return Storage("remove", m.layout.ownerLock(id), err)
}

func (m *Manager) engine(s Schema) (Engine, error) {
	engine, ok := m.engines[s.Engine]
	if !ok {
		return nil, fmt.Errorf("%w: %s of alias %q", ErrNoEngine, s.Engine, s.Alias)
	}
	return engine, nil
}

// next numbers what this owner makes.
func (m *Manager) next() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counter++
	return m.counter
}

// unwatched is the context for cleaning up after a call that may have been cancelled.
func unwatched(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
}

// on completes a spot: the server, and the label that the database bears there.
func (m *Manager) on(at Spot, s Schema, kind Kind) Spot {
	now := m.now().UTC()
	at.Server = s.Server
	at.Label = Label{
		Format: labelFormat, Home: m.home, Owner: m.owner.ID, Project: s.Project, Alias: s.Alias,
		Kind: kind, Created: now.Truncate(time.Second), Used: now.Truncate(day),
	}
	return at
}

// template is the spot of a template in a folder, also before it is published.
func (m *Manager) template(r record, dir string) Spot {
	return m.on(m.layout.template(r.Schema.Project, filepath.Base(dir)), r.Schema, KindTemplate)
}

// Owner is who this manager works for.
func (m *Manager) Owner() Owner { return m.owner }
