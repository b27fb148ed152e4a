package pool

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"hotclub/runner/worker"
)

// Member is a worker of a generation.
type Member struct {
	*worker.Worker

	gen      *Generation
	slot     int
	forked   bool
	numbered bool // it knows its slot
	clones   *clones
	leased   map[string]worker.Clone // that it has yet to attach, by leading alias
	client   *string                 // key of the environment that its tests have seen, nil before the first

	// Guarded by the pool's mutex.
	state  State
	since  time.Time
	loaded []string // labels of the tests that it has loaded for whoever runs these next
}

// serves reports whether no test has been loaded in the worker in another client's environment.
func (m *Member) serves(client difference) bool {
	return m.client == nil || *m.client == client.key()
}

// serve gives the worker the environment of a client, before any test module is imported.
func (m *Member) serve(ctx context.Context, client difference) error {
	key := client.key()
	if m.client != nil {
		return nil
	}
	m.client = &key
	if key == "" {
		return nil
	}
	return m.Environment(ctx, client.set, client.unset)
}

// Slot is the worker's number, from 1: no two that live have the same.
func (m *Member) Slot() int { return m.slot }

// Equipped reports whether any database is attached.
func (m *Member) Equipped() bool { return len(m.clones.all()) > 0 }

// Inherited is what others than the worker have read for it: its layer, or under spawn the first
// process of the generation, by which the databases are known.
func (m *Member) Inherited() []worker.Read { return m.gen.reads() }

// Unchanged tells of files whether they are on the disk as the worker met them: with the text that it has
// read, or, where it has read none, with the same names in the directories above. A file that is just
// being written is met half written, or not at all. What the worker has inherited was looked at when it
// was leased.
func (m *Member) Unchanged() func(path string) bool { return unchanged(m.Reads()) }

// Inputs are the files on which the contents of the attached databases depend beyond their schema,
// with the SHA-256 of what was in them.
func (m *Member) Inputs() map[string]string {
	all := make(map[string]string)
	for _, lease := range m.clones.all() {
		maps.Copy(all, lease.inputs)
	}
	return all
}

func (m *Member) step(to State) {
	m.gen.pool.mu.Lock()
	defer m.gen.pool.mu.Unlock()
	m.stepLocked(to)
}

func (m *Member) stepLocked(to State) {
	m.state, m.since = m.state.next(to), time.Now()
	m.gen.pool.journal.stir()
}

// suits reports whether none of the databases that the worker has is of another template than
// the one wanted.
func (m *Member) suits(templates map[string]Template) bool {
	for alias, template := range templates {
		if has, attached := m.clones.get(alias); attached && has.template != template.Name() {
			return false
		}
	}
	return true
}

// attach gives the worker its number and the clones that it has not got yet.
func (m *Member) attach(ctx context.Context, templates map[string]Template) error {
	if m.leased == nil {
		m.leased = make(map[string]worker.Clone)
	}
	if len(templates) > 0 {
		if err := m.sit(ctx); err != nil {
			return err
		}
	}
	for alias, template := range templates {
		if _, has := m.clones.get(alias); has {
			continue
		}
		lease, err := template.Lease(ctx, m.Name)
		if err != nil {
			return fmt.Errorf("getting a database for %s: %w", m.Name, err)
		}
		m.clones.put(alias, held{lease, template.Name(), template.Inputs()})
		clone := lease.Clone()
		clone.Generation = m.gen.ID
		m.leased[alias] = clone
	}
	if len(m.leased) == 0 && m.numbered {
		return nil
	}
	m.Serve(m.clones)
	m.Crowding(m.crowded)
	if err := m.Attach(ctx, m.slot, m.leased); err != nil {
		return fmt.Errorf("attaching databases to %s: %w", m.Name, err)
	}
	m.leased, m.numbered = nil, true
	return nil
}

// discard ends the worker and gives back what it held.
func (m *Member) discard(ctx context.Context) {
	if !m.forked {
		m.gen.tearDown(m.Worker)
	}
	m.Discard()
	var err error
	for _, lease := range m.clones.all() {
		err = errors.Join(err, lease.Release(ctx))
	}
	if err != nil {
		m.gen.pool.log.Warn("giving databases back", "worker", m.Name, "err", err)
	}
	p := m.gen.pool
	p.mu.Lock()
	p.read.add(m.Reads())
	done := m.state == Draining // and did not fail to become ready
	m.stepLocked(Dead)
	delete(m.gen.members, m)
	delete(p.slots, m.slot)
	seated := p.room.leaveLocked(m)
	p.mu.Unlock()
	if done && seated {
		p.topUp()
	}
}
