package pool

import (
	"context"
	"fmt"
	"time"

	"hotclub/runner"
	"hotclub/runner/worker"
)

// Stranger makes a worker that has nothing warm in it: a fresh process for one cold run.
func (g *Generation) Stranger(ctx context.Context, env []string) (*Member, error) {
	p := g.pool
	m := &Member{gen: g, clones: new(clones), state: Creating, since: time.Now()}
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
	return g.makeWith(ctx, g.pool.bootParams())
}

// makeWith is make with the parameters for a worker that has to be booted.
func (g *Generation) makeWith(ctx context.Context, params worker.BootParams) (*Member, error) {
	p := g.pool
	forked := g.layer.Load() != nil && !params.Closely // the layer has not been watched closely
	m := &Member{gen: g, forked: forked, clones: new(clones), state: Creating, since: time.Now()}
	if !m.forked {
		// What boots now must become what the others are.
		if cause := g.stale(p.newLook()); cause != nil {
			return nil, &Outdated{*cause}
		}
	}
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
		if _, err := m.Boot(ctx, params); err != nil {
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
		if m.state == Ready && m.loaded == nil {
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
	if err != nil && g.life.Err() == nil {
		p.log.Warn("making a worker in advance", "err", err)
	}
	p.considerBase(g)
	p.considerStudy(g)
}

// makeWarm makes a worker with the databases that runs have needed so far. These come first:
// on the very first run they are migrated while the tests are still being collected.
func (g *Generation) makeWarm() error {
	p := g.pool
	templates, err := g.Prepare(g.life, p.usualAliases(g), func(string) {})
	if err != nil {
		return fmt.Errorf("preparing databases in advance: %w", err)
	}
	if len(templates) > 0 && !g.needed(g.life, templates) {
		return nil
	}
	m, err := g.make(p.ctx)
	if err != nil {
		return err
	}
	if len(templates) > 0 && !m.seatIfFree() {
		m.discard(context.Background())
		return nil
	}
	if err := m.attach(p.ctx, templates); err != nil {
		m.discard(context.Background())
		return err
	}
	if g.unused() {
		problem, err := m.Rehearse(p.ctx)
		if err != nil {
			m.discard(context.Background())
			return fmt.Errorf("rehearsing with %s: %w", m.Name, err)
		}
		if problem != "" {
			p.log.Debug("a rehearsal came to nothing", "worker", m.Name, "because", problem)
		}
	}
	if len(templates) > 0 && g.pressed() { // by now
		m.discard(context.Background())
		return nil
	}
	p.mu.Lock()
	m.stepLocked(Ready)
	p.room.wakeLocked()
	p.trimLocked() // there may be less room by now
	retired, first := g.retired, !g.served
	g.served = true
	p.mu.Unlock()
	switch {
	case retired:
		g.dropIdle()
	case first:
		p.journal.add(runner.PoolChange{Kind: runner.WorkersReady, Generation: g.ID, TookMs: milliseconds(time.Since(g.begun))})
	}
	return nil
}
