package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hotclub/runner"
	"hotclub/runner/config"
	"hotclub/runner/dispatch"
)

// Anticipate has a ready worker load the test modules that a run is expected of, by its labels, unless
// one has them. It starts nothing, and leaves it when a run comes; later tells that no worker could be
// asked, and that one may when workers change.
func (e *Engine) Anticipate(ctx context.Context, expected runner.Request) (later bool, err error) {
	found, err := config.Load(expected.Client, expected.Project)
	if err != nil {
		return false, err
	}
	booting, running := options(slices.Concat(found.RunnerArgs, expected.Options.RunnerArgs))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	env := found.Environ(expected.Client)
	p := e.warm(found.Key)
	if p == nil {
		return true, nil
	}
	p.ahead.Lock()
	defer p.ahead.Unlock()
	if ctx.Err() != nil {
		return false, nil // something better has come
	}
	f := e.enterQuiet(p, found, env, booting, cancel)
	if f == nil {
		return true, nil
	}
	defer func() {
		e.leaveQuiet(p, f)
		e.runs.Done()
	}()
	labels := expected.Selection.Labels
	if f.Loaded(labels) {
		return false, nil
	}
	tried, err := dispatch.Load(ctx, e.dispatched(p, found, f, running, env), labels)
	if ctx.Err() != nil {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("loading %s in advance: %w", strings.Join(labels, ", "), err)
	}
	e.watchAnew() // an edit of what has just been read is to be noticed
	return !tried, nil
}

// warm is the project with a key, nil for one that has no pool.
func (e *Engine) warm(key string) *project {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.projects[key]
}

// enterQuiet counts in something that may use a pool only where nothing else does, and can be
// interrupted; nil where that is not so. The caller holds p.ahead.
func (e *Engine) enterQuiet(p *project, found *config.Project, env, args []string, interrupt context.CancelFunc) *flavour {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.projects[p.Key] != p || e.closed || p.runs > 0 {
		return nil
	}
	at := slices.IndexFunc(p.pools, func(f *flavour) bool { return f.serves(found, env, args, nil) })
	if at < 0 || !p.pools[at].Waits() {
		return nil
	}
	p.interrupt = interrupt
	p.runs++
	p.looks++
	p.pools[at].runs++
	e.runs.Add(1)
	return p.pools[at]
}

// leaveQuiet counts it out. It was no use of the pool that keeps it from its end.
func (e *Engine) leaveQuiet(p *project, f *flavour) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p.interrupt = nil
	p.looks--
	e.leaveLocked(p, f)
}

// interrupt ends what nobody waits for.
func (e *Engine) interrupt(p *project) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p.interrupt != nil {
		p.interrupt()
	}
}
