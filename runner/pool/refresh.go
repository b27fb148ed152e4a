package pool

import (
	"slices"
	"time"

	"hotclub/runner"
	"hotclub/runner/worker"
)

// looking keeps one look at the disk at a time.
type looking struct {
	on     bool
	again  bool // something has changed meanwhile
	missed bool // something has changed while a boot was on, which may just have read it
}

// Refresh holds what is warm against the disk, in the background, and starts anew what is stale,
// before anybody asks. It is to be called when something may have changed; nothing depends on
// that: a run looks for itself.
func (p *Pool) Refresh() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing {
		return
	}
	if p.looking.on {
		p.looking.again = true
		return
	}
	p.looking.on = true
	p.tasks.Go(p.refresh)
}

func (p *Pool) refresh() {
	for again := true; again; {
		p.look()
		p.mu.Lock()
		again = p.looking.again && !p.closing
		p.looking.on, p.looking.again = again, false
		p.mu.Unlock()
	}
}

func (p *Pool) look() {
	disk := p.newLook()
	p.mu.Lock()
	g, a, broken := p.current, p.booting, p.broken
	p.mu.Unlock()
	switch {
	case a != nil:
		p.mu.Lock()
		p.looking.missed = true
		p.mu.Unlock()
		p.supersede(a, disk)
	case g != nil:
		cause := g.stale(disk)
		if cause == nil {
			g.dropStale(disk)
			return
		}
		restless := p.restless(g, cause)
		p.invalidate(g, cause)
		if !restless {
			p.bootAhead()
		}
	case broken != nil && disk.Stale(broken) != nil:
		p.bootAhead() // whatever kept it from starting may be mended
	}
}

// A project that changes a file at every start, which it reads while it starts, would never come to
// rest: after so many boots in a row the next one waits until it is asked for.
const (
	restlessAfter  = 3
	restlessWithin = 2 * time.Second
)

// unrest is a file that changed while the project started or right after, and how often in a row.
type unrest struct {
	file  string
	times int
}

func (p *Pool) restless(g *Generation, cause *runner.Cause) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(g.begun) > g.Took+restlessWithin {
		p.unrest = unrest{}
	}
	return p.unrest.grows(cause)
}

// grows counts one more, and reports whether it is too many.
func (u *unrest) grows(cause *runner.Cause) bool {
	if cause.File != u.file {
		*u = unrest{file: cause.File}
	}
	u.times++
	return u.times > restlessAfter
}

// bootAhead boots before anybody asks.
func (p *Pool) bootAhead() {
	p.tasks.Go(func() {
		_, err := p.boots.get(p.ctx, &p.tasks, "", func() (*Generation, error) {
			return p.boot(true, func(string) {})
		})
		if err != nil && p.ctx.Err() == nil {
			p.log.Info("the project does not start", "err", err)
		}
		p.mu.Lock()
		missed := p.looking.missed
		p.looking.missed = false
		p.mu.Unlock()
		if missed {
			p.Refresh()
		}
	})
}

// readOn is told of what a boot reads. It may just have read what has changed a moment ago.
func (p *Pool) readOn() {
	p.mu.Lock()
	missed := p.looking.missed && p.booting != nil
	p.mu.Unlock()
	if missed {
		p.Refresh()
	}
}

// supersede ends a boot that has read what is different by now; it is begun again at once.
func (p *Pool) supersede(a *attempt, disk *Disk) {
	p.mu.Lock()
	process := a.process
	p.mu.Unlock()
	if process == nil {
		return // it has read nothing yet
	}
	cause := disk.Stale(process.Reads())
	if cause == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.booting == a && a.changed == nil && !p.unrest.grows(cause) {
		a.changed = cause
		p.why, p.changed = cause.String(), cause
		a.cancel()
	}
}

// dropStale replaces the ready workers that have read something beyond what all have, if that has
// changed.
func (g *Generation) dropStale(disk *Disk) {
	p := g.pool
	var stale []*Member
	p.mu.Lock()
	for m := range g.members {
		if m.state != Ready {
			continue
		}
		if cause := disk.Stale(m.Reads()); cause != nil {
			m.stepLocked(Draining)
			stale = append(stale, m)
			p.journal.add(runner.PoolChange{Kind: runner.WorkerLost, Generation: g.ID, Cause: cause, Workers: 1})
		}
	}
	p.mu.Unlock()
	for _, m := range stale {
		g.Return(m)
	}
	if len(stale) > 0 {
		g.refill()
	}
}

// Watched lists the directories in which a change may make something warm stale, or mend what does
// not start, but for those of installed packages: they change seldom, and are many.
func (p *Pool) Watched() []string {
	p.mu.Lock()
	g, reads := p.current, p.broken
	p.mu.Unlock()
	if g != nil {
		reads = slices.Concat(g.reads(), g.beyond())
	}
	return Directories(p.settings.Boot.Root, reads)
}

// beyond is what ready workers have read of tests, which not all have.
func (g *Generation) beyond() (reads []worker.Read) {
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	for m := range g.members {
		if m.state == Ready && m.loaded != nil {
			reads = append(reads, m.Reads()...)
		}
	}
	return reads
}
