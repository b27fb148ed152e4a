package engine

import (
	"context"
	"fmt"
	"slices"

	"hotclub/runner"
	"hotclub/runner/config"
	"hotclub/runner/dispatch"
)

// Anticipate has a ready worker load the test module with a label, for whoever runs its tests next,
// unless one has it. It starts nothing, and leaves it when a run comes; later tells that no worker
// could be asked, and that one may when workers change.
func (e *Engine) Anticipate(ctx context.Context, client runner.Client, overrides runner.Overrides, label string) (later bool, err error) {
	found, err := config.Load(client, overrides)
	if err != nil {
		return false, err
	}
	booting, running := options(slices.Clone(found.RunnerArgs))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	env := found.Environ(client)
	p, f := e.enterQuiet(found, env, booting, cancel)
	if p == nil {
		return true, nil
	}
	defer func() {
		e.leaveQuiet(p)
		e.leave(p, f)
		e.runs.Done()
	}()
	labels := []string{label}
	if f.Loaded(labels) {
		return false, nil
	}
	tried, err := dispatch.Load(ctx, e.dispatched(p, found, f, running, env), labels)
	if ctx.Err() != nil {
		return false, nil // something better has come
	}
	if err != nil {
		return false, fmt.Errorf("loading %s in advance: %w", label, err)
	}
	return !tried, nil
}

// enterQuiet counts in something that may use a pool only where one is and nothing else uses it, and
// can be interrupted. What was entered so before is interrupted: there is one at a time.
func (e *Engine) enterQuiet(found *config.Project, env, args []string, interrupt context.CancelFunc) (*project, *flavour) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := e.projects[found.Key]
	if p == nil || e.closed || p.runs > p.quiet {
		return nil, nil
	}
	at := slices.IndexFunc(p.pools, func(f *flavour) bool { return f.serves(found, env, args, nil) })
	if at < 0 || !p.pools[at].Waits() {
		return nil, nil
	}
	e.interruptLocked(p)
	p.interrupt = interrupt
	if p.idle != nil {
		p.idle.Stop()
	}
	p.runs++
	p.looks++
	p.quiet++
	p.pools[at].runs++
	e.runs.Add(1)
	return p, p.pools[at]
}

func (e *Engine) leaveQuiet(p *project) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p.looks--
	p.quiet--
}

// interruptLocked ends what nobody waits for.
func (e *Engine) interruptLocked(p *project) {
	if p.interrupt != nil {
		p.interrupt()
		p.interrupt = nil
	}
}

func (e *Engine) interrupt(p *project) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.interruptLocked(p)
}
