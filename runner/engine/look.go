package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"hotclub/runner/config"
)

// errStopped is why a look ended that Stop has ended.
var errStopped = errors.New("the project was stopped meanwhile; the next run starts it again")

// look is a use of a pool that only collects: nobody waits for its verdicts. It ends with its context,
// and Stop, which refuses to end a run, ends it.
type look struct {
	project *project
	pool    *flavour
	quiet   bool // it is done in advance, and leaves as soon as something else comes
	end     context.CancelCauseFunc
	left    chan struct{} // closed when it uses the pool no more
}

// beginLook counts a look in, with its own context.
func (e *Engine) beginLook(ctx context.Context, found *config.Project, env, args []string) (context.Context, *look, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, f, err := e.enterLocked(found, env, args, nil)
	if err != nil {
		return nil, nil, err
	}
	ctx, l := p.lookLocked(ctx, f)
	return ctx, l, nil
}

// beginQuiet counts in a look that may use a pool only where one is and nothing else uses it; nil where
// that is not so. The caller holds p.ahead: there is one at a time.
func (e *Engine) beginQuiet(ctx context.Context, p *project, found *config.Project, env, args []string) (context.Context, *look) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.projects[p.Key] != p || e.closed || p.runs > 0 {
		return nil, nil
	}
	at := slices.IndexFunc(p.pools, func(f *flavour) bool { return f.serves(found, env, args, nil) })
	if at < 0 || !p.pools[at].Waits() {
		return nil, nil
	}
	e.useLocked(p, p.pools[at])
	ctx, l := p.lookLocked(ctx, p.pools[at])
	l.quiet = true
	return ctx, l
}

// lookLocked makes a look of a use that has been counted in.
func (p *project) lookLocked(ctx context.Context, f *flavour) (context.Context, *look) {
	ctx, end := context.WithCancelCause(ctx)
	l := &look{project: p, pool: f, end: end, left: make(chan struct{})}
	p.looks[l] = struct{}{}
	return ctx, l
}

// endLook counts a look out.
func (e *Engine) endLook(l *look) {
	l.end(nil)
	e.mu.Lock()
	delete(l.project.looks, l)
	if !l.quiet { // what is done in advance is no use that keeps a pool from its end
		l.project.used = time.Now()
	}
	failed := e.leaveLocked(l.project, l.pool)
	e.mu.Unlock()
	if failed {
		e.dropFailed(l.project, l.pool)
	}
	close(l.left)
	e.runs.Done()
}

// stopProject ends the looks and the pools of a project on which no run is. It reports whether there was still
// something to end.
func (e *Engine) stopProject(p *project) (bool, error) {
	e.mu.Lock()
	if e.projects[p.Key] != p || e.closed {
		e.mu.Unlock()
		return false, nil // somebody else has ended it, or is about to
	}
	if p.runs > len(p.looks) {
		e.mu.Unlock()
		return false, fmt.Errorf("a run of %s is on; cancel it first", p.Root)
	}
	looks := slices.Collect(maps.Keys(p.looks))
	delete(e.projects, p.Key) // so that no other look begins
	e.runs.Add(1)             // the engine is not closed before the pools are
	e.mu.Unlock()
	defer e.runs.Done()
	for _, l := range looks {
		l.end(errStopped)
	}
	for _, l := range looks {
		<-l.left
	}
	e.closePools(p)
	return true, nil
}

// interruptLocked ends the looks that nobody waits for.
func (p *project) interruptLocked() {
	for l := range p.looks {
		if l.quiet {
			l.end(nil)
		}
	}
}
