package pool

import (
	"context"
	"slices"

	"hotclub/runner"
	"hotclub/runner/worker"
)

// Stale holds the current generation against the disk: it returns why none of its workers may run
// a test any more, nil when all may, or there is none.
func (p *Pool) Stale() *runner.Cause {
	p.mu.Lock()
	g := p.current
	p.mu.Unlock()
	if g == nil {
		return nil
	}
	return g.stale(p.newLook())
}

// Loaded reports whether a ready worker has loaded the tests behind labels and no others, from files
// that are as they were.
func (p *Pool) Loaded(labels []string) bool {
	p.mu.Lock()
	var loaded []*Member
	if g := p.current; g != nil {
		for m := range g.members {
			if m.state == Ready && slices.Equal(m.loaded, labels) {
				loaded = append(loaded, m)
			}
		}
	}
	p.mu.Unlock()
	disk := p.newLook()
	return slices.ContainsFunc(loaded, func(m *Member) bool { return disk.Stale(m.Reads()) == nil })
}

// Waits reports whether a worker is ready that has loaded no tests, and its generation can load them.
func (p *Pool) Waits() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current == nil || p.current.Report.Rung == worker.Cold {
		return false
	}
	for m := range p.current.members {
		if m.state == Ready && m.loaded == nil {
			return true
		}
	}
	return false
}

// Warm returns the current generation if it matches the disk, for a client with an environment. It
// boots none: nil stands for that.
func (p *Pool) Warm(env []string) (*Generation, *Disk) {
	disk := p.lookFor(env)
	g := p.enter()
	if g == nil {
		return nil, nil
	}
	if g.stale(disk) != nil || g.layerGone() {
		g.Release()
		p.Refresh()
		return nil, nil
	}
	return g, disk
}

// LeaseReady lends a ready worker that has loaded no tests, nil where none waits.
func (g *Generation) LeaseReady(ctx context.Context, disk *Disk) (*Member, error) {
	return g.given(ctx, disk, g.pickFresh(disk, nil))
}
