package dbclone

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
)

// Lease is a worker's hold on one clone. Its methods may be called from any goroutine; they
// take turns.
type Lease struct {
	manager  *Manager
	template *held
	schema   Schema
	worker   string
	clone    Spot

	mu    sync.Mutex
	state LeaseState
}

// Attachment is what a worker has to know to use its lease.
type Attachment struct {
	Alias      string
	Template   string // as Django names it; only to be read
	Clone      string // as Django names it; "": the worker copies the template into its memory
	Serialized string // file for Django's serialized contents; the first worker that needs it writes it
}

// Lease makes a clone of a template for a worker. ErrTemplateGone means that the template was
// dropped since it was returned: ask [Manager.Templates] again.
func (m *Manager) Lease(ctx context.Context, t *Template, worker string) (*Lease, error) {
	ctx, end, err := m.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	h, err := m.pin(t.project, t.name)
	if err != nil {
		return nil, err
	}
	l := &Lease{manager: m, template: h, schema: t.schema, worker: worker, state: Creating}
	if err := l.create(ctx); err != nil {
		l.move(Gone)
		m.unpin(h)
		return nil, err
	}
	l.move(Leased)
	m.mu.Lock()
	m.leases[l] = struct{}{}
	m.mu.Unlock()
	m.touch(ctx, h)
	return l, nil
}

func (l *Lease) create(ctx context.Context) error {
	m, h := l.manager, l.template
	if l.schema.Memory {
		return l.explain(h.engine.Check(ctx, h.spot, h.record.Sealed))
	}
	var err error
	if l.server() != nil {
		l.clone, err = m.claim(ctx, h, l.schema, l.worker)
	} else {
		l.clone, err = m.makeClone(ctx, h, l.schema, l.worker)
	}
	return l.explain(err)
}

// explain puts the error that a caller decides by before one about a missing file.
func (l *Lease) explain(err error) error {
	if err == nil || errors.Is(err, ErrTemplateGone) || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if l.template.engine.Check(context.Background(), l.template.spot, l.template.record.Sealed) != nil {
		return fmt.Errorf("%w: %w", ErrTemplateGone, err)
	}
	return err
}

// Attachment says where things are. It does not change while the lease lasts.
func (l *Lease) Attachment() Attachment {
	a := Attachment{
		Alias:      l.schema.Alias,
		Template:   l.template.engine.Locate(l.template.spot),
		Serialized: filepath.Join(l.template.spot.Dir, serializedFile),
	}
	if !l.schema.Memory {
		a.Clone = l.template.engine.Locate(l.clone)
	}
	return a
}

// State is where the lease stands.
func (l *Lease) State() LeaseState {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

// Reset puts the clone back to what the template holds. The worker has closed its connections
// to it before: one that is open would go on with the old contents. In memory that is the
// worker's own business, and this does nothing. After a failure the lease is condemned.
func (l *Lease) Reset(ctx context.Context) error {
	return l.turn(ctx, func(ctx context.Context) error {
		if l.schema.Memory {
			return nil
		}
		l.move(Resetting)
		if err := l.explain(l.template.engine.Reset(ctx, l.template.spot, l.clone)); err != nil {
			l.move(Condemned)
			return err
		}
		l.move(Leased)
		return nil
	})
}

// turn does something with the clone while nobody else does, if anything can be done with it any more.
func (l *Lease) turn(ctx context.Context, do func(context.Context) error) error {
	ctx, end, err := l.manager.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.state {
	case Gone:
		return ErrStaleLease
	case Condemned:
		return ErrCondemned
	}
	return do(ctx)
}

// Release drops the clone and gives up the template. Once it has succeeded it does nothing
// more; when it fails, say because Windows does not remove what a worker has open, it may be
// called again. It also works after the context has ended.
func (l *Lease) Release(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == Gone {
		return nil
	}
	if err := l.giveBack(ctx); err != nil {
		return err
	}
	l.move(Gone)
	m := l.manager
	m.mu.Lock()
	delete(m.leases, l)
	m.mu.Unlock()
	m.unpin(l.template)
	return nil
}

// giveBack puts a clone on a server in order for the next lease, in the background; others go.
func (l *Lease) giveBack(ctx context.Context) error {
	switch {
	case l.schema.Memory:
		return nil
	case l.server() != nil && l.state == Leased:
		l.manager.putInOrder(l.template, l.schema, l.clone)
		return nil
	}
	return l.manager.dropSpot(ctx, l.template.engine, l.clone)
}

// move goes to the next state. The table in state.go and the code that calls this are held
// against each other by tests; a difference must not stop a user's run.
func (l *Lease) move(next LeaseState) {
	if !l.state.May(next) {
		l.manager.log.Error("bug: impossible move of a lease", "from", l.state, "to", next)
	}
	l.state = next
}
