package pool

import (
	"context"
	"strings"

	"hotclub/runner/worker"
)

// Lease lends a worker with databases for some aliases, a ready one where there is one. For a run
// of nothing but labels that a ready worker has loaded already, it is that one.
func (g *Generation) Lease(ctx context.Context, disk *Disk, labels, aliases []string, notice func(string)) (*Member, error) {
	m, err := g.take(ctx, disk, labels)
	if err != nil {
		return nil, err
	}
	equipped, err := g.Equip(ctx, disk, m, aliases, notice)
	if err != nil {
		g.Return(m)
		return nil, err
	}
	return equipped, nil
}

// Equip attaches databases for some aliases to a lent worker. Where the worker has another
// version of one already, it is exchanged for another worker.
func (g *Generation) Equip(ctx context.Context, disk *Disk, m *Member, aliases []string, notice func(string)) (*Member, error) {
	templates, err := g.Prepare(ctx, aliases, notice)
	if err != nil {
		return m, err
	}
	for !m.suits(templates) {
		another, err := g.take(ctx, disk, nil)
		if err != nil {
			return m, err
		}
		g.Return(m)
		m = another
	}
	err = m.attach(ctx, templates)
	if worker.IsCrowded(err) && g.makeRoom() {
		err = m.attach(ctx, templates)
	}
	return m, err
}

// makeRoom ends the workers that wait for a run, with their connections to database servers; whether
// there were any.
func (g *Generation) makeRoom() bool {
	waiting := g.idle()
	for _, m := range waiting {
		m.discard(context.Background())
	}
	return len(waiting) > 0
}

// take finds a ready worker, or makes one, and gives it the client's environment.
func (g *Generation) take(ctx context.Context, disk *Disk, labels []string) (*Member, error) {
	m := g.pickFresh(disk, labels)
	if m == nil {
		var err error
		if m, err = g.makeFor(ctx); err != nil {
			return nil, err
		}
	}
	return g.given(ctx, disk, m)
}

// given gives a worker the environment of a look's client; nil stays nil.
func (g *Generation) given(ctx context.Context, disk *Disk, m *Member) (*Member, error) {
	if m == nil {
		return nil, nil
	}
	if err := m.serve(ctx, disk.client); err != nil {
		g.Return(m)
		return nil, err
	}
	return m, nil
}

// pickFresh takes a ready worker that can serve the look's client and is not stale, nil where none
// waits. Those that it finds to be of no use end.
func (g *Generation) pickFresh(disk *Disk, labels []string) *Member {
	for {
		m := g.pick(labels)
		if m == nil {
			return nil
		}
		if ended(m.Worker) || !m.serves(disk.client) {
			g.Return(m)
			continue
		}
		cause := disk.Stale(m.Reads()) // beyond what its layer has read
		if cause == nil {
			return m
		}
		g.pool.log.Info("a worker is stale", "worker", m.Name, "cause", cause.String())
		g.Return(m)
	}
}

// makeFor makes a worker for a run that found none ready.
func (g *Generation) makeFor(ctx context.Context) (*Member, error) {
	m, err := g.make(ctx)
	if worker.IsDied(err) && ctx.Err() == nil {
		m, err = g.make(ctx) // others of this generation have made it, so it was not the project's doing
	}
	if err != nil {
		return nil, err
	}
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	m.stepLocked(Ready)
	m.stepLocked(Running)
	return m, nil
}

// pick takes the ready worker that has loaded the tests behind labels, or else the one without
// any that has waited longest.
func (g *Generation) pick(labels []string) *Member {
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	var best *Member
	for m := range g.members {
		if m.state == Ready && (m.loaded == nil || m.loadedOnly(labels)) && m.before(best) {
			best = m
		}
	}
	if best != nil {
		best.stepLocked(Running)
	}
	return best
}

// before reports whether a worker is taken rather than another one.
func (m *Member) before(other *Member) bool {
	if other == nil || (m.loaded == nil) != (other.loaded == nil) {
		return other == nil || m.loaded != nil
	}
	return m.since.Before(other.since)
}

// loadedOnly reports whether a run of labels would import all that the worker has loaded of tests,
// and nothing else: what another test module does when it is imported must not be there.
func (m *Member) loadedOnly(labels []string) bool {
	for _, module := range m.loaded {
		if !within(labels, module) {
			return false
		}
	}
	for _, label := range labels {
		if !within([]string{label}, m.loaded...) {
			return false
		}
	}
	return true
}

// within reports whether one of labels is one of modules or lies inside one.
func within(labels []string, modules ...string) bool {
	for _, label := range labels {
		for _, module := range modules {
			if label == module || strings.HasPrefix(label, module+".") {
				return true
			}
		}
	}
	return false
}

// Return takes a worker back, which ends: what tests leave behind in a process no other run must
// find, as no run of manage.py test would.
func (g *Generation) Return(m *Member) {
	g.pool.note(m.Reads())
	g.pool.tasks.Go(m.drain)
}

// loadedKept is how many workers wait that have loaded tests, for whoever runs these next.
const loadedKept = 2

// Keep takes back a worker that has done nothing but load the tests behind labels, if that.
func (g *Generation) Keep(m *Member, labels []string) {
	g.pool.mu.Lock()
	keep := !g.retired && m.state == Running
	if keep {
		m.loaded = labels
		m.stepLocked(Ready)
	}
	surplus := g.surplusLocked()
	g.pool.mu.Unlock()
	if !keep {
		g.Return(m)
	}
	if surplus != nil {
		g.Return(surplus)
	}
}

// surplusLocked takes out of use the worker that has waited longest with tests loaded, if there are
// too many of these.
func (g *Generation) surplusLocked() *Member {
	var oldest *Member
	count := 0
	for m := range g.members {
		if m.state == Ready && m.loaded != nil {
			count++
			if m.before(oldest) {
				oldest = m
			}
		}
	}
	if count <= loadedKept {
		return nil
	}
	oldest.stepLocked(Draining)
	return oldest
}

// EndPart takes a worker back whose part in a run is done but for its end, of which nothing can
// be heard. It returns at once.
func (g *Generation) EndPart(m *Member) {
	g.pool.note(m.Reads())
	g.pool.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(g.pool.ctx, tearDownPatience)
		defer cancel()
		m.Listen(nil)
		end, err := m.End(ctx)
		switch {
		case err == nil:
			g.Learn(end.Imported)
		case !worker.IsDied(err):
			g.pool.log.Warn("ending a worker's part in a run", "worker", m.Name, "err", err)
		}
		m.drain()
	})
}

func (m *Member) drain() {
	m.gen.pool.mu.Lock()
	if m.state != Draining {
		m.stepLocked(Draining)
	}
	m.gen.pool.mu.Unlock()
	m.discard(context.Background())
}
