package dbclone

import (
	"errors"
	"fmt"
	"io/fs"
)

// held is a published template that no process may drop, because this manager holds its lock.
type held struct {
	project, name string
	spot          Spot
	engine        Engine
	lock          *fileLock

	// Guarded by the manager's mutex.
	stock   stock
	uses    int  // leases, and calls that look at it
	current bool // Templates returned it last for its lineage
	record  record
}

// pin holds a template until unpin. ErrTemplateGone when there is none of that name, or when
// somebody is about to drop it.
func (m *Manager) pin(project, name string) (*held, error) {
	if h := m.again(project, name); h != nil {
		return h, nil
	}
	spot := m.layout.template(project, name)
	if _, err := readRecord(spot.Dir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrTemplateGone, spot.Dir)
	}
	lock, err := tryLock(m.layout.hold(project, name), shared)
	if err != nil {
		return nil, err
	}
	if lock == nil {
		return nil, fmt.Errorf("%w: %s", ErrTemplateGone, spot.Dir)
	}
	h, err := m.take(project, name, lock)
	if err != nil {
		lock.release()
	}
	return h, err
}

func (m *Manager) again(project, name string) *held {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.held[project+"/"+name]
	if h != nil {
		h.uses++
	}
	return h
}

// take makes a template ours whose lock we have. It is read again, now that it can't vanish.
func (m *Manager) take(project, name string, lock *fileLock) (*held, error) {
	spot := m.layout.template(project, name)
	r, err := readRecord(spot.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrTemplateGone, spot.Dir)
	}
	if err != nil {
		return nil, err
	}
	engine, err := m.engine(r.Schema)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	key := project + "/" + name
	if other := m.held[key]; other != nil {
		lock.release()
		other.uses++
		return other, nil
	}
	spot = m.template(r, spot.Dir)
	h := &held{project: project, name: name, spot: spot, engine: engine, lock: lock, record: r, uses: 1}
	m.held[key] = h
	return h, nil
}

func (m *Manager) unpin(h *held) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h.uses--
	m.letGo(h)
}

// letGo gives up a template that nothing here uses; any process may drop it then. The mutex
// is held.
func (m *Manager) letGo(h *held) {
	key := h.project + "/" + h.name
	if h.uses == 0 && !h.current && m.held[key] == h {
		delete(m.held, key)
		h.lock.release()
	}
}

// promote makes a template the one that its lineage stands for, in place of another.
func (m *Manager) promote(h *held) {
	m.mu.Lock()
	defer m.mu.Unlock()
	lineage := h.record.Schema.lineage()
	previous := m.current[lineage]
	if previous == h {
		return
	}
	m.current[lineage], h.current = h, true
	if previous != nil {
		previous.current = false
		m.clear(previous)
		m.letGo(previous)
	}
}

// demote takes from a template that it is current, if it was.
func (m *Manager) demote(h *held) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if lineage := h.record.Schema.lineage(); m.current[lineage] == h {
		delete(m.current, lineage)
		h.current = false
		m.clear(h)
	}
	m.letGo(h)
}
