package dbclone

import "time"

// Die gives up the owner's locks as the kernel does for a killed process, and leaves the rest.
func (m *Manager) Die() {
	m.shut()
	m.tasks.Wait() // a killed process does nothing any more
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, engine := range m.engines {
		if engine, ok := engine.(ServerEngine); ok {
			engine.Leave()
		}
	}
	for _, h := range m.held {
		h.lock.release()
	}
	m.alive.release()
	m.alive = nil
	clear(m.leases)
	clear(m.held)
}

// Settle waits for what is done in the background.
func (m *Manager) Settle() { m.tasks.Wait() }

// SetBetween replaces the time between two looks at what seems dead on a server.
func (m *Manager) SetBetween(d time.Duration) { m.between = d }

// SetClock replaces the manager's clock.
func (m *Manager) SetClock(now func() time.Time) { m.now = now }
