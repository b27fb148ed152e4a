package dbclone

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

const (
	spare     = 1 // clones made in advance for each current template
	keepReady = 8 // clones that wait for a lease; more than these are dropped
)

// stock is what there is of clones of one template on a server, beyond those that are leased: some
// were given back and put in order, some were made in advance. The manager's mutex guards it.
type stock struct {
	ready   []Spot
	coming  int         // on their way: being made or put in order
	waiting []chan Spot // calls that wait for one on its way; closed: make one yourself

	last Spot // given back to a manager that is being closed, to be parked where none is ready

	arrived chan struct{} // closed when nothing is on its way any more
}

// claim takes a clone of a template from stock, waits for one on its way, or makes one.
func (m *Manager) claim(ctx context.Context, h *held, s Schema, worker string) (Spot, error) {
	at, wait := m.reserve(h)
	if wait != nil {
		select {
		case at = <-wait:
		case <-ctx.Done():
			m.forsake(h, wait)
			return Spot{}, context.Cause(ctx)
		}
	}
	if at.Name != "" {
		m.noteWorker(h, s, at, worker)
	} else if parked, ok := m.adopt(ctx, h, s, worker); ok {
		at = parked
	} else {
		var err error
		if at, err = m.makeClone(ctx, h, s, worker); err != nil {
			return Spot{}, err
		}
	}
	m.stockUp(h, s)
	return at, nil
}

// noteWorker writes down who has a clone that was there already, without keeping it waiting: the
// record that matters, that there is this clone, was there before.
func (m *Manager) noteWorker(h *held, s Schema, at Spot, worker string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.background(func(ctx context.Context) {
		if err := m.recordClone(ctx, h, s, at, worker); err != nil {
			m.log.Debug("a clone's worker was not noted", "database", at.Name, "error", err)
		}
	})
}

// take takes a ready clone, of which there is one.
func (s *stock) take() Spot {
	n := len(s.ready) - 1
	at := s.ready[n]
	s.ready = s.ready[:n]
	return at
}

// reserve takes a ready clone, or a place in the queue for one on its way, or neither.
func (m *Manager) reserve(h *held) (at Spot, wait chan Spot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	stock := &h.stock
	if len(stock.ready) > 0 {
		at = stock.take()
	} else if stock.coming > len(stock.waiting) {
		wait = make(chan Spot, 1)
		stock.waiting = append(stock.waiting, wait)
	}
	return at, wait
}

// stockUp sees to it that the next lease finds a clone.
func (m *Manager) stockUp(h *held, s Schema) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for h.current && !m.closed && len(h.stock.ready)+h.stock.coming-len(h.stock.waiting) < spare {
		m.sendFor(h, func(ctx context.Context) (Spot, error) { return m.makeClone(ctx, h, s, "") })
	}
}

// forsake gives up a place in the queue, and the clone that may have come meanwhile.
func (m *Manager) forsake(h *held, wait chan Spot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h.stock.waiting = slices.DeleteFunc(h.stock.waiting, func(w chan Spot) bool { return w == wait })
	select {
	case at := <-wait:
		if at.Name != "" {
			m.receive(h, at)
		}
	default:
	}
}

// putInOrder takes back a clone of which the worker is gone, for the next lease.
func (m *Manager) putInOrder(h *held, s Schema, at Spot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch stock := &h.stock; {
	case m.closed && h.current && parks(h.engine) && len(stock.ready) == 0 && stock.last.Name == "":
		stock.last = at
		return
	case m.closed || !h.current:
		m.discard(h.engine, at)
		return
	}
	m.sendFor(h, func(ctx context.Context) (Spot, error) {
		err := h.engine.Reset(ctx, h.spot, at)
		if err == nil {
			err = m.recordClone(ctx, h, s, at, "") // nobody has it now
		}
		if err != nil {
			m.getRid(ctx, h.engine, at)
		}
		return at, err
	})
}

// sendFor has a clone come in the background, and holds the template meanwhile. The mutex is
// held, and the manager is not closed.
func (m *Manager) sendFor(h *held, fetch func(ctx context.Context) (Spot, error)) {
	h.uses++
	if h.stock.coming == 0 {
		h.stock.arrived = make(chan struct{})
	}
	h.stock.coming++
	m.background(func(ctx context.Context) {
		at, err := fetch(ctx)
		m.mu.Lock()
		defer m.mu.Unlock()
		h.stock.coming--
		if err == nil {
			m.receive(h, at)
			m.dropSurplus()
		} else if ctx.Err() == nil {
			m.log.Warn("a clone could not be had in advance", "template", h.name, "error", err)
		}
		h.stock.dismiss()
		h.uses--
		m.letGo(h)
		if h.stock.coming == 0 {
			close(h.stock.arrived) // whoever waits finds the template let go
		}
	})
}

// dismiss sends away who waits for more clones than are on their way.
func (s *stock) dismiss() {
	for len(s.waiting) > s.coming {
		close(s.waiting[0])
		s.waiting = s.waiting[1:]
	}
}

// receive gives a clone to who waits for one, or keeps it, or has it dropped. The mutex is held.
func (m *Manager) receive(h *held, at Spot) {
	stock := &h.stock
	switch {
	case len(stock.waiting) > 0:
		stock.waiting[0] <- at
		stock.waiting = stock.waiting[1:]
	case h.current && !m.closed && len(stock.ready) < keepReady:
		stock.ready = append(stock.ready, at)
	default:
		m.discard(h.engine, at)
	}
}

// clear drops what waits for a lease, or for the next process. The mutex is held.
func (m *Manager) clear(h *held) {
	stock := &h.stock
	for _, at := range stock.ready {
		m.discard(h.engine, at)
	}
	stock.ready = nil
	if stock.last.Name != "" {
		m.discard(h.engine, stock.last)
		stock.last = Spot{}
	}
}

// quiet waits until no clone of a template is on its way, which holds it.
func (m *Manager) quiet(ctx context.Context, h *held) {
	m.mu.Lock()
	coming, arrived := h.stock.coming, h.stock.arrived
	m.mu.Unlock()
	if coming == 0 {
		return
	}
	select {
	case <-arrived:
	case <-ctx.Done():
	}
}

// surplus is a clone that nobody needs.
type surplus struct {
	engine Engine
	at     Spot
}

// discard drops a clone in the background; a manager that is being closed does it at the end.
// The mutex is held.
func (m *Manager) discard(engine Engine, at Spot) {
	if m.closed {
		m.surplus = append(m.surplus, surplus{engine, at})
		return
	}
	m.background(func(ctx context.Context) { m.getRid(ctx, engine, at) })
}

// getRid drops a clone that nobody needs. One that can't be dropped now, because its server is away or
// crowded, say, is tried again when a server has made a clone or is met, and at the end.
func (m *Manager) getRid(ctx context.Context, engine Engine, at Spot) {
	err := m.dropSpot(ctx, engine, at)
	if err == nil {
		return
	}
	m.log.Warn("a clone that nobody needs could not be dropped", "database", at.Name, "error", err)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.surplus = append(m.surplus, surplus{engine, at})
}

// dropSurplus tries again to drop what could not be dropped, in the background. The mutex is held.
func (m *Manager) dropSurplus() {
	if len(m.surplus) > 0 && !m.closed {
		m.background(func(ctx context.Context) {
			if err := m.clearSurplus(ctx); err != nil {
				m.log.Debug("clones that nobody needs are still there", "error", err)
			}
		})
	}
}

// clearAll drops all clones that wait, of a manager that is being closed.
func (m *Manager) clearAll(ctx context.Context) error {
	m.mu.Lock()
	for _, h := range m.held {
		m.clear(h)
	}
	m.mu.Unlock()
	return m.clearSurplus(ctx)
}

// clearSurplus drops what could not be dropped before, all at once: servers make one checkpoint of
// many drops.
func (m *Manager) clearSurplus(ctx context.Context) error {
	m.mu.Lock()
	left := m.surplus
	m.surplus = nil
	m.mu.Unlock()
	var drops sync.WaitGroup
	errs := make([]error, len(left))
	for i, each := range left {
		drops.Go(func() {
			if errs[i] = m.dropSpot(ctx, each.engine, each.at); errs[i] != nil {
				m.mu.Lock()
				defer m.mu.Unlock()
				m.surplus = append(m.surplus, each)
			}
		})
	}
	drops.Wait()
	return errors.Join(errs...)
}

// makeClone makes a clone of a template, after it has been written down.
func (m *Manager) makeClone(ctx context.Context, h *held, s Schema, worker string) (Spot, error) {
	at := m.on(m.layout.clone(m.owner.ID, m.next(), s), s, KindClone)
	err := Storage("create the directory", at.Dir, os.MkdirAll(at.Dir, 0o700))
	if err == nil {
		err = m.recordClone(ctx, h, s, at, worker)
	}
	if err == nil {
		err = h.engine.Clone(ctx, h.spot, at)
	}
	if err != nil {
		m.getRid(ctx, h.engine, at)
		return Spot{}, err
	}
	return at, nil
}

func (m *Manager) recordClone(ctx context.Context, h *held, s Schema, at Spot, worker string) error {
	return writeJSON(ctx, filepath.Join(at.Dir, cloneFile), leased{
		Format: format, Schema: s, Template: h.name,
		Name: at.Name, Worker: worker, Created: time.Now().UTC(),
	})
}

// dropSpot drops a database of this owner's, and then its folder. It also works after the context
// has ended.
func (m *Manager) dropSpot(ctx context.Context, engine Engine, at Spot) error {
	ctx, cancel := unwatched(ctx)
	defer cancel()
	if err := engine.Drop(ctx, at); err != nil {
		return err
	}
	return Storage("remove", at.Dir, os.RemoveAll(at.Dir))
}
