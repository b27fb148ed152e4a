package pool

import (
	"context"
	"fmt"
	"time"

	"hotclub/runner/worker"
)

// Lease lends a worker with databases for some aliases, a ready one where there is one.
func (g *Generation) Lease(ctx context.Context, disk *Disk, aliases []string, notice func(string)) (*Member, error) {
	m, err := g.take(ctx, disk)
	if err != nil {
		return nil, err
	}
	equipped, err := g.Equip(ctx, disk, m, aliases, notice)
	if err != nil {
		g.Return(m, nil)
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
		another, err := g.take(ctx, disk)
		if err != nil {
			return m, err
		}
		g.Return(m, nil)
		m = another
	}
	return m, m.attach(ctx, templates)
}

// take finds a ready worker, or makes one, and gives it the client's environment.
func (g *Generation) take(ctx context.Context, disk *Disk) (*Member, error) {
	m, err := g.takeAny(ctx, disk)
	if err != nil {
		return nil, err
	}
	if err := m.serve(ctx, disk.client); err != nil {
		g.Return(m, nil)
		return nil, err
	}
	return m, nil
}

func (g *Generation) takeAny(ctx context.Context, disk *Disk) (*Member, error) {
	for {
		m := g.pick()
		if m == nil {
			return g.makeFor(ctx)
		}
		select {
		case <-m.Done():
			g.pool.tasks.Go(func() { m.drain() })
			continue
		default:
		}
		if m.forked {
			return m, nil // all that it has read is its layer's
		}
		if !m.serves(disk.client) {
			g.pool.tasks.Go(func() { m.drain() })
			continue
		}
		cause := disk.Stale(m.Reads())
		if cause == nil {
			return m, nil
		}
		g.pool.log.Info("a worker is stale", "worker", m.Name, "cause", cause.String())
		g.pool.tasks.Go(func() { m.drain() })
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

// pick takes the ready worker that has waited longest.
func (g *Generation) pick() *Member {
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	var oldest *Member
	for m := range g.members {
		if m.state == Ready && (oldest == nil || m.since.Before(oldest.since)) {
			oldest = m
		}
	}
	if oldest != nil {
		oldest.stepLocked(Running)
	}
	return oldest
}

// Return takes a worker back after its part in a run; end is nil when it must not be used
// again.
func (g *Generation) Return(m *Member, end *worker.EndReport) {
	g.pool.mu.Lock()
	again := end != nil && end.Problem == "" && !m.forked && !g.retired &&
		end.Threads <= m.baseline && !end.Children
	if again {
		m.stepLocked(Ready)
	}
	g.pool.mu.Unlock()
	if !again {
		g.pool.tasks.Go(func() { m.drain() })
	}
}

// EndPart takes a worker back whose part in a run is done but for its end, of which nothing can
// be heard. It returns at once.
func (g *Generation) EndPart(m *Member) {
	g.pool.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(g.pool.base, tearDownPatience)
		defer cancel()
		m.Listen(nil)
		end, err := m.End(ctx)
		switch {
		case err == nil:
			g.Learn(end.Imported)
		case !worker.IsDied(err):
			g.pool.log.Warn("ending a worker's part in a run", "worker", m.Name, "err", err)
		}
		g.Return(m, end)
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

// Stranger makes a worker that has nothing warm in it: a fresh process for one cold run.
func (g *Generation) Stranger(ctx context.Context, env []string) (*Member, error) {
	p := g.pool
	m := &Member{gen: g, leases: make(map[string]held), state: Creating, since: time.Now()}
	var err error
	if m.Worker, err = p.spawn(ctx, env); err != nil {
		return nil, err
	}
	m.slot = p.takeSlot()
	p.mu.Lock()
	g.members[m] = struct{}{}
	m.stepLocked(Booting)
	p.mu.Unlock()
	params := p.settings.Boot
	if _, err := m.Boot(ctx, params); err != nil {
		err = p.withOutput(err, m.Worker)
		m.discard(context.WithoutCancel(ctx))
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	m.stepLocked(Ready)
	m.stepLocked(Running)
	return m, nil
}

// make makes a worker: forked from the layer, or spawned and booted. It is Attaching, and
// the caller's alone.
func (g *Generation) make(ctx context.Context) (*Member, error) {
	p := g.pool
	m := &Member{gen: g, forked: g.layer.Load() != nil, leases: make(map[string]held), state: Creating, since: time.Now(), baseline: 1}
	m.slot = p.takeSlot()
	var err error
	if m.forked {
		m.Worker, err = g.fork(ctx, p.name("f"))
	} else {
		m.Worker, err = p.spawn(ctx, p.settings.Env)
	}
	if err != nil {
		p.freeSlot(m.slot)
		return nil, err
	}
	p.mu.Lock()
	g.members[m] = struct{}{}
	if !m.forked {
		m.stepLocked(Booting)
	}
	p.mu.Unlock()
	if !m.forked {
		if err := m.boot(ctx); err != nil {
			m.discard(context.WithoutCancel(ctx))
			return nil, err
		}
	}
	m.step(Attaching)
	if err := m.attach(ctx, nil); err != nil {
		m.discard(context.WithoutCancel(ctx))
		return nil, err
	}
	return m, nil
}

func (m *Member) boot(ctx context.Context) error {
	_, err := m.Boot(ctx, m.gen.pool.bootParams())
	return err
}

// refill makes ready workers in the background until there are as many as a run would take,
// and one more for whoever clicks meanwhile. While a run is on, only that one is kept.
func (g *Generation) refill() {
	p := g.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if g.retired || p.closing || g.Report.Rung == worker.Cold {
		return
	}
	target := p.size + p.spare
	if g.users > 0 {
		target = p.spare
	}
	ready := 0
	for m := range g.members {
		if m.state == Ready {
			ready++
		}
	}
	for range target - ready - g.making {
		g.making++
		p.tasks.Go(g.makeReady)
	}
}

func (g *Generation) makeReady() {
	p := g.pool
	err := g.makeWarm()
	p.mu.Lock()
	g.making--
	p.mu.Unlock()
	if err != nil && p.base.Err() == nil {
		p.log.Warn("making a worker in advance", "err", err)
	}
}

// makeWarm makes a worker with the databases that runs have needed so far. These come first:
// on the very first run they are migrated while the tests are still being collected.
func (g *Generation) makeWarm() error {
	p := g.pool
	templates, err := g.Prepare(p.base, p.usualAliases(g), func(string) {})
	if err != nil {
		return fmt.Errorf("preparing databases in advance: %w", err)
	}
	m, err := g.make(p.base)
	if err != nil {
		return err
	}
	if err := m.attach(p.base, templates); err != nil {
		m.discard(context.Background())
		return err
	}
	p.mu.Lock()
	m.stepLocked(Ready)
	retired := g.retired
	p.mu.Unlock()
	if retired {
		g.dropIdle()
	}
	return nil
}
