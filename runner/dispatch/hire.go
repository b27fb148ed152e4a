package dispatch

import (
	"context"
	"errors"

	"hotclub/runner"
	"hotclub/runner/pool"
	"hotclub/runner/worker"
)

// hireAttempts is how many workers in a row may die before they begin: those that wait in the
// pool may all have been killed just now.
const hireAttempts = 10

// unhired is why no worker could begin.
type unhired struct{ error }

func (u unhired) Unwrap() error { return u.error }

// goesWithout reports whether an executor got no worker for want of connections to a database server:
// the run goes on with fewer of them.
func goesWithout(err error) bool {
	var none unhired
	return errors.As(err, &none) && worker.IsCrowded(err)
}

// hire makes sure that there is a worker, equipped and with its part in the run begun.
func (e *executor) hire(ctx context.Context) (*pool.Member, error) {
	for attempt := 1; ; attempt++ {
		m, err := e.hireOne(ctx)
		if err == nil {
			return m, nil
		}
		e.mu.Lock()
		again := worker.IsDied(err) && !e.stopping && attempt < hireAttempts
		e.mu.Unlock()
		if !again {
			return nil, unhired{err}
		}
		e.dismiss(ctx, leave{})
	}
}

func (e *executor) hireOne(ctx context.Context) (*pool.Member, error) {
	e.mu.Lock()
	m, opened := e.member, e.opened
	e.mu.Unlock()
	if opened {
		return m, nil
	}
	if m == nil || e.plan.rung == worker.Cold {
		fresh, err := e.lease(ctx)
		if err != nil {
			return nil, err
		}
		if m != nil {
			e.generation.Return(m)
		}
		m = fresh
	}
	e.mu.Lock()
	e.member = m
	e.mu.Unlock()
	if err := e.open(ctx, m); err != nil {
		return nil, err
	}
	e.mu.Lock()
	e.opened = true
	stop := e.stopping
	e.mu.Unlock()
	if stop {
		return nil, context.Canceled
	}
	return m, nil
}

func (e *executor) lease(ctx context.Context) (*pool.Member, error) {
	switch e.plan.rung {
	case worker.Cold:
		return e.generation.Stranger(ctx, e.project.Env)
	case worker.Own:
		return e.generation.Lease(ctx, e.disk, nil, nil, e.say)
	}
	return e.generation.Lease(ctx, e.disk, nil, e.plan.aliases, e.say)
}

func (e *executor) open(ctx context.Context, m *pool.Member) error {
	switch e.plan.rung {
	case worker.Cold:
		return e.awaitDebugger(ctx, m)
	case worker.Own:
		if err := m.Own(ctx, m.Slot(), e.plan.aliases); err != nil {
			return err
		}
		complaint, err := m.Check(ctx, e.plan.aliases)
		if err != nil {
			return err
		}
		if complaint != "" {
			return errors.Join(checksFailed{complaint}, m.Disown(ctx))
		}
	}
	if err := e.awaitDebugger(ctx, m); err != nil {
		return err
	}
	base, err := m.Begin(ctx, worker.BeginParams{
		Labels: e.plan.labels, Options: e.plan.options, Models: e.plan.models, Rung: e.plan.rung,
	})
	if err != nil {
		return err
	}
	return e.observe(ctx, m, base)
}

// leave is how a worker goes.
type leave struct {
	orderly bool // it ends its part in the run first: its module is torn down
	quiet   bool // nothing can be heard of its end, so nobody needs to wait for that
}

// dismiss gives the worker back.
func (e *executor) dismiss(ctx context.Context, how leave) {
	e.mu.Lock()
	m, opened := e.member, e.opened
	e.mu.Unlock()
	if m == nil {
		return
	}
	defer e.observed(m)
	if how.quiet && opened && e.coverage == nil && e.plan.rung != worker.Own && e.plan.rung != worker.Cold {
		e.letGo()
		e.generation.EndPart(m)
		return
	}
	if how.orderly && opened && e.plan.rung != worker.Cold {
		e.close(ctx, m)
	}
	if opened {
		e.measured(ctx, m)
	}
	e.letGo()
	e.generation.Return(m)
}

func (e *executor) letGo() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.member, e.opened, e.overtime = nil, false, ""
}

func (e *executor) close(ctx context.Context, m *pool.Member) {
	e.listen(m, nil)
	end, err := m.End(ctx)
	if err == nil && e.plan.rung == worker.Own {
		err = m.Disown(ctx)
	}
	e.alarm.Stop()
	if dead := e.afterDeath(ctx, err); dead != nil && dead.tearing != nil {
		e.run.send(lost{*dead, err})
	} else if err != nil && ctx.Err() == nil {
		e.run.send(notice{text: "ending a worker's part: " + lastWords(err.Error()), warning: true})
	}
	if err == nil {
		e.generation.Learn(end.Imported)
		if e.process != nil {
			e.process.Add(end.Footprint, runner.Unit{})
		}
	}
}
