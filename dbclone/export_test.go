package dbclone

import "time"

// Die gives up the owner's locks as the kernel does for a killed process, and leaves the rest.
func (m *Manager) Die() {
	m.shut()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, h := range m.held {
		h.lock.release()
	}
	m.alive.release()
	m.alive = nil
	clear(m.leases)
	clear(m.held)
}

// SetClock replaces the manager's clock.
func (m *Manager) SetClock(now func() time.Time) { m.now = now }
