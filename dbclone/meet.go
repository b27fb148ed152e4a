package dbclone

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

// between is how far two looks at a server are apart after which an owner counts as dead that was
// alive in neither: a connection that was cut is made again in less.
const between = 6 * time.Second

// Servers lists Django's vendors of the servers on which databases can be cloned.
func (m *Manager) Servers() []string {
	var vendors []string
	for vendor, engine := range m.engines {
		if _, is := engine.(ServerEngine); is {
			vendors = append(vendors, vendor)
		}
	}
	slices.Sort(vendors)
	return vendors
}

// Meet makes a database server known to its engine. The first time, what dead owners left there is
// swept in the background.
func (m *Manager) Meet(ctx context.Context, vendor string, server Server) (Met, error) {
	ctx, end, err := m.begin(ctx)
	if err != nil {
		return Met{}, err
	}
	defer end()
	engine, ok := m.engines[vendor].(ServerEngine)
	if !ok {
		return Met{}, fmt.Errorf("%w: %s", ErrNoEngine, vendor)
	}
	met, err := engine.Meet(ctx, server, m.owner)
	if err != nil {
		return Met{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dropSurplus()
	if _, known := m.servers[met.ID]; !known {
		m.servers[met.ID] = engine
		m.background(func(ctx context.Context) { m.sweepServer(ctx, engine, met.ID) })
	}
	return met, nil
}

// background does something on the manager's own account; Close waits for it. The mutex is held.
func (m *Manager) background(do func(ctx context.Context)) {
	if m.closed {
		return
	}
	m.tasks.Go(func() { do(m.life) })
}

// sweepServer removes what dead owners left on a server: first what this home has records of, then
// what it finds there.
func (m *Manager) sweepServer(ctx context.Context, engine ServerEngine, server string) {
	if _, err := m.Sweep(ctx); err != nil && ctx.Err() == nil {
		m.log.Warn("some of what dead processes left could not be removed", "error", err)
	}
	suspects, err := m.suspects(ctx, engine, server)
	if err != nil || len(suspects) == 0 {
		return
	}
	timer := time.NewTimer(m.between)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return
	case <-timer.C:
	}
	still, err := m.suspects(ctx, engine, server)
	if err != nil {
		return
	}
	for name, stray := range still {
		if _, before := suspects[name]; !before {
			continue
		}
		err := engine.Drop(ctx, Spot{Name: name, Server: server, Label: stray.Label})
		m.log.Info("a database that a dead process left on a server", "server", server, "database", name,
			"owner", stray.Label.Owner, "home", stray.Label.Home, "error", err)
	}
}

// suspects are the databases on a server that seem to be nobody's any more: of owners that are
// dead, unless this home has a record, which is Sweep's business; and templates of other homes
// that have not been used for long. A connected session is somebody.
func (m *Manager) suspects(ctx context.Context, engine ServerEngine, server string) (map[string]Stray, error) {
	strays, err := engine.Strays(ctx, server)
	if err != nil {
		if ctx.Err() == nil {
			m.log.Warn("looking for databases that dead processes left", "server", server, "error", err)
		}
		return nil, err
	}
	recorded := m.recorded()
	found := make(map[string]Stray)
	for _, stray := range strays {
		ours := stray.Label.Home == m.home
		switch {
		case stray.Live || stray.Sessions > 0 || stray.Label.Format != labelFormat:
		case ours && recorded[stray.Name]:
		case !ours && stray.Label.Kind.lasting() && m.now().Sub(stray.Label.Used) < keepAge:
		default:
			found[stray.Name] = stray
		}
	}
	return found, nil
}

// recorded are the names on servers of all that this home has a record of.
func (m *Manager) recorded() map[string]bool {
	names := make(map[string]bool)
	for _, dir := range folders(m.layout.templates()) {
		for _, each := range folders(dir) {
			if r, err := readRecord(each); err == nil {
				names[m.template(r, each).Name] = true
			}
			if r, err := readLeased(m.layout.parked(filepath.Base(dir), filepath.Base(each))); err == nil {
				names[r.Name] = true
			}
		}
	}
	for _, id := range m.ownerIDs() {
		for _, dir := range folders(m.layout.building(id)) {
			if r, err := readRecord(dir); err == nil {
				names[r.BuiltAs] = true
				names[m.template(r, dir).Name] = true
			}
		}
		for _, dir := range folders(m.layout.clones(id)) {
			if r, err := readLeased(dir); err == nil {
				names[r.Name] = true
			}
		}
	}
	return names
}

// unmet reports whether an error only says that a server has not been met yet: what lies there is
// looked after when it is.
func unmet(err error) bool { return errors.Is(err, ErrUnmet) }
