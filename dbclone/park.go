package dbclone

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Parker is what a [ServerEngine] may be able to do as well: to keep a clone for another process.
// Making one anew takes a while on servers that wait for their disks.
type Parker interface {
	// Park closes a clone that nobody uses to everybody, if it holds what the template holds, and
	// notes that with it. Its spot has the label that it bears from then on.
	Park(ctx context.Context, template, clone Spot) error

	// Adopt opens a clone that was parked, and labels it as its spot says. An error if it is not
	// known to hold what the template holds.
	Adopt(ctx context.Context, template, clone Spot) error
}

// parks reports whether clones of this engine can be kept for another process.
func parks(engine Engine) bool {
	_, can := engine.(Parker)
	return can
}

// leftover is a clone of a current template that nobody has any more.
type leftover struct {
	held *held
	at   Spot
	used bool // as a worker left it; others are in order
}

// parkAll keeps one clone of each current template for the next process, of a manager that is being
// closed. What can't be parked is dropped like the others.
func (m *Manager) parkAll(ctx context.Context) {
	for _, l := range m.leftovers() {
		var err error
		if l.used {
			err = l.held.engine.Reset(ctx, l.held.spot, l.at)
		}
		if err == nil {
			err = m.park(ctx, l.held, l.at)
		}
		if err != nil {
			m.log.Debug("a clone was not kept for the next process", "database", l.at.Name, "error", err)
			m.mu.Lock()
			m.discard(l.held.engine, l.at)
			m.mu.Unlock()
		}
	}
}

// leftovers takes one clone of each template that will be asked for again out of its stock.
func (m *Manager) leftovers() (list []leftover) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, h := range m.current {
		switch stock := &h.stock; {
		case !parks(h.engine):
		case len(stock.ready) > 0:
			list = append(list, leftover{held: h, at: stock.take()})
		case stock.last.Name != "":
			list = append(list, leftover{held: h, at: stock.last, used: true})
			stock.last = Spot{}
		}
	}
	return list
}

// park moves the record first: a database that no owner has a record of is the template's to drop.
func (m *Manager) park(ctx context.Context, h *held, at Spot) error {
	m.unparkOthers(ctx, h)
	parked := at
	parked.Dir = m.layout.parked(h.project, h.name)
	parked.Label.Kind = KindParked
	if err := os.Rename(at.Dir, parked.Dir); err != nil {
		return err // another process has parked one, say
	}
	err := h.engine.(Parker).Park(ctx, h.spot, parked)
	if err != nil {
		err = errors.Join(err, os.Rename(parked.Dir, at.Dir))
	}
	return err
}

// unparkOthers drops what was parked of templates that this one has taken the place of.
func (m *Manager) unparkOthers(ctx context.Context, h *held) {
	others, err := m.stored(h.project)
	if err != nil {
		return
	}
	for _, other := range others {
		if other.name == h.name || other.record.Schema.lineage() != h.record.Schema.lineage() {
			continue
		}
		if err := m.unpark(ctx, h.project, other.name); err != nil {
			m.log.Debug("a parked clone was not dropped", "template", other.name, "error", err)
		}
	}
}

// unpark drops what is parked of a template, if anything is.
func (m *Manager) unpark(ctx context.Context, project, name string) error {
	dir := m.layout.parked(project, name)
	if !exists(dir) {
		return nil
	}
	if err := m.dropClone(ctx, dir); err != nil {
		return err
	}
	return Storage("remove", dir, os.RemoveAll(dir))
}

// adopt takes over the clone that another process has parked; false when there is none, or none that
// is good for anything.
func (m *Manager) adopt(ctx context.Context, h *held, s Schema, worker string) (Spot, bool) {
	parker, can := h.engine.(Parker)
	if !can {
		return Spot{}, false
	}
	at := m.on(m.layout.clone(m.owner.ID, m.next(), s), s, KindClone)
	if err := os.MkdirAll(filepath.Dir(at.Dir), 0o700); err != nil {
		return Spot{}, false
	}
	if err := os.Rename(m.layout.parked(h.project, h.name), at.Dir); err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			m.log.Debug("a parked clone was not taken over", "template", h.name, "error", err)
		}
		return Spot{}, false
	}
	r, err := readLeased(at.Dir)
	if err == nil {
		at.Name = r.Name
		err = m.recordClone(ctx, h, s, at, worker)
	}
	if err == nil {
		err = parker.Adopt(ctx, h.spot, at)
	}
	if err != nil {
		m.log.Debug("a parked clone is of no use", "database", at.Name, "error", err)
		m.getRid(ctx, h.engine, at)
		return Spot{}, false
	}
	return at, true
}
