package pool

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// Room is how many connections workers can have on a database server at once.
type Room struct {
	Server      string // "" where nobody knows of a limit
	Connections int
	Why         string // no more
	Remedy      string
}

// room is for the workers that have databases. Their servers say how many that can be; whoever makes a
// worker in advance keeps to it, and whoever needs one for a run has another make way. What servers say
// may be out of date in the next moment, so nobody waits for more than what is on its way out already.
type room struct {
	most   int // workers at once; 0: any number
	seated map[*Member]struct{}
	moved  chan struct{} // closed when one of them has gone or become ready
}

// full reports whether another worker is one too many. The pool's mutex is held.
func (r *room) full() bool { return r.most > 0 && len(r.seated) >= r.most }

// sitLocked gives a worker a place, whether there is one or not.
func (r *room) sitLocked(m *Member) {
	if r.seated == nil {
		r.seated = make(map[*Member]struct{})
	}
	r.seated[m] = struct{}{}
}

// leaveLocked frees the place of a worker that has gone; whether it had one.
func (r *room) leaveLocked(m *Member) bool {
	_, had := r.seated[m]
	delete(r.seated, m)
	r.wakeLocked()
	return had
}

// wakeLocked has those look again who wait for a place.
func (r *room) wakeLocked() {
	if r.moved != nil {
		close(r.moved)
		r.moved = nil
	}
}

// measure asks the servers of some templates how many workers they have room for, and why no more; 0
// where they set no limit, or it can't be known. Then there is still what a worker does that is refused.
func (g *Generation) measure(ctx context.Context, templates map[string]Template) (most int, why string) {
	needs, rooms := make(map[string]int), make(map[string]Room)
	for alias, template := range templates {
		room, err := template.Room(ctx)
		if err != nil {
			g.pool.log.Debug("counting the connections of a database server", "alias", alias, "err", err)
		}
		if err != nil || room.Server == "" {
			continue
		}
		needs[room.Server] += g.connections(alias)
		rooms[room.Server] = room
	}
	for _, server := range slices.Sorted(maps.Keys(rooms)) {
		room := rooms[server]
		if workers := max(1, room.Connections/needs[server]); most == 0 || workers < most {
			most = workers
			why = fmt.Sprintf("%s, and each worker needs %d (%s); %s", room.Why, needs[server], server, room.Remedy)
		}
	}
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	if g.pool.room.most != most {
		g.pool.log.Info("room on the database servers", "workers", most, "why", why)
	}
	g.pool.room.most = most
	g.pool.trimLocked()
	return most, why
}

// connections is how many a worker may have open to the database of a leading alias: one for each
// alias that shares or mirrors it.
func (g *Generation) connections(leader string) int {
	count := 0
	for _, schema := range g.schemas.Schemas {
		if schema.Alias != leader {
			continue
		}
		count += len(schema.Aliases)
		for _, target := range g.schemas.Mirrors {
			if slices.Contains(schema.Aliases, target) {
				count++
			}
		}
	}
	return max(1, count)
}

// Room is how many workers a run can have at once that has one already, and why no more; 0 for any
// number. Those of other runs are left out.
func (g *Generation) Room(ctx context.Context, aliases []string, first *Member) (workers int, why string) {
	templates, err := g.Prepare(ctx, aliases, func(string) {})
	if err != nil || len(templates) == 0 {
		return 0, "" // the run will hear of it
	}
	most, why := g.measure(ctx, templates)
	if most == 0 {
		return 0, ""
	}
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	for m := range g.pool.room.seated {
		if m != first && m.state == Running {
			most--
		}
	}
	return max(1, most), why
}

// needed reports whether a worker may be made in advance: there is room for it, and no run is on that
// could want that itself.
func (g *Generation) needed(ctx context.Context, templates map[string]Template) bool {
	most, _ := g.measure(ctx, templates)
	p := g.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	scarce := most > 0 && most < p.size+p.spare
	return !p.room.full() && !(scarce && g.users > 0) && !g.pressedLocked()
}

// pressedLocked reports whether a run is on that may need what workers that wait for one hold.
func (g *Generation) pressedLocked() bool { return g.crowded && g.users > 0 }

// pressed is pressedLocked for whoever has not got the pool's mutex.
func (g *Generation) pressed() bool {
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	return g.pressedLocked()
}

// crowded hears that a server took no more connections from the worker. Tests may have some of their own, in
// threads say, which the room that a worker needs does not count. Workers that only wait for a run make way
// for those of one, and until it ends no others are made in advance.
func (m *Member) crowded() {
	p := m.gen.pool
	p.mu.Lock()
	running := m.state == Running
	m.gen.crowded = m.gen.crowded || running
	p.mu.Unlock()
	if running {
		p.tasks.Go(func() { m.gen.makeRoom() })
	}
}

// sit gets a worker a place among those that have databases. Where there is none, one that only waits
// for a run ends for it.
func (m *Member) sit(ctx context.Context) error {
	for {
		moved := m.seat()
		if moved == nil {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// seat gives the worker a place and returns nil, or returns what is closed when it is worth to look again.
func (m *Member) seat() <-chan struct{} {
	p := m.gen.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, has := p.room.seated[m]; has || !p.room.full() {
		p.room.sitLocked(m)
		return nil
	}
	if !p.room.movesLocked() && !p.sendAwayLocked() {
		p.room.sitLocked(m) // all of them run tests
		return nil
	}
	if p.room.moved == nil {
		p.room.moved = make(chan struct{})
	}
	return p.room.moved
}

// movesLocked reports whether a worker that has a place is on its way out, or about to become one that
// waits for a run.
func (r *room) movesLocked() bool {
	for m := range r.seated {
		if m.state != Ready && m.state != Running {
			return true
		}
	}
	return false
}

// sendAwayLocked ends a worker that waits for a run, if there is one.
func (p *Pool) sendAwayLocked() bool {
	for m := range p.room.seated {
		if m.state == Ready {
			m.stepLocked(Draining)
			p.tasks.Go(func() { m.discard(context.Background()) })
			return true
		}
	}
	return false
}

// trimLocked ends workers that wait for a run and are too many since there is less room.
func (p *Pool) trimLocked() {
	for excess := len(p.room.seated) - p.room.most; p.room.most > 0 && excess > 0 && p.sendAwayLocked(); excess-- {
	}
}

// seatIfFree gives a worker that was made in advance a place, if there is one.
func (m *Member) seatIfFree() bool {
	p := m.gen.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	free := !p.room.full()
	if free {
		p.room.sitLocked(m)
	}
	return free
}

// topUp makes workers in advance where one has gone that was in the way.
func (p *Pool) topUp() {
	p.mu.Lock()
	g, limited := p.current, p.room.most > 0
	p.mu.Unlock()
	if limited && g != nil {
		g.refill()
	}
}
