package pool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotclub/runner"
	"hotclub/runner/worker"
)

// attempt is one process that is about to become a generation.
type attempt struct {
	background bool // nobody waits for it
	begun      time.Time
	cancel     context.CancelFunc

	// Guarded by the pool's mutex.
	process *worker.Worker
	changed *runner.Cause // why it is of no use any more
}

// Acquire returns a generation that matches the disk, booting one when there is none. The
// look at the disk is good for what the run takes from the generation next. env is that of the
// run's client, which may differ from the pool's in what nobody read while booting.
func (p *Pool) Acquire(ctx context.Context, env []string, notice func(string)) (*Generation, *Disk, error) {
	for range 5 { // a file may change during each boot, but not for ever
		disk := p.lookFor(env)
		if g := p.fresh(disk); g != nil {
			return g, disk, nil
		}
		if waitsFor := p.hurry(); waitsFor != "" {
			notice(waitsFor)
		}
		if _, err := p.bootOnceFor(ctx, notice); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, errors.New("the project's files change faster than it starts; is something rewriting them?")
}

// bootOnceFor waits for the boot that is under way, or begins one.
func (p *Pool) bootOnceFor(ctx context.Context, notice func(string)) (*Generation, error) {
	return p.boots.get(ctx, &p.tasks, "", func() (*Generation, error) { return p.boot(false, notice) })
}

// fresh takes the current generation if it is fresh, and retires it if it is not.
func (p *Pool) fresh(disk *Disk) *Generation {
	g := p.enter()
	if g == nil {
		return nil
	}
	cause := g.stale(disk)
	if cause == nil && !g.layerGone() {
		return g
	}
	p.invalidate(g, cause)
	g.Release()
	return nil
}

// enter counts a user of the current generation in, nil where there is none.
func (p *Pool) enter() *Generation {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.current
	if g != nil {
		g.users++
		if g.studying != nil {
			g.studying() // it can wait
		}
	}
	return g
}

// invalidate retires a generation; the next Acquire boots another.
func (p *Pool) invalidate(g *Generation, cause *runner.Cause) {
	change := runner.PoolChange{Kind: runner.Invalidated, Generation: g.ID, Cause: cause}
	why := "the process that workers are forked from has ended"
	if cause != nil {
		why = cause.String()
	} else {
		change.Reason = why
	}
	p.mu.Lock()
	first := p.current == g
	if first {
		p.current = nil
		p.boots.forget()
		p.why, p.changed = why, cause
		change.Workers = len(g.members)
	}
	p.mu.Unlock()
	if first {
		p.log.Info("generation is stale", "generation", g.ID, "cause", why)
		p.journal.add(change)
	}
	g.retire()
}

// hurry lets the boot that is under way have all the processor there is, because somebody waits
// for it now. It returns what that one waits for, "" if there is nothing to say.
func (p *Pool) hurry() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if a := p.booting; a != nil && a.background {
		a.background = false
		if a.process != nil {
			a.process.Raise()
		}
	}
	if p.why == "" {
		return ""
	}
	text := p.why + ": starting the project anew"
	if p.took > 0 {
		text += fmt.Sprintf(" (%.1f s last time)", p.took.Seconds())
	}
	return text
}

// boot starts a new generation and makes it the current one. A change meanwhile of what it has
// read begins it again.
func (p *Pool) boot(background bool, notice func(string)) (*Generation, error) {
	p.mu.Lock()
	booting := runner.PoolChange{Kind: runner.Booting, Cause: p.changed, LastMs: milliseconds(p.took)}
	p.mu.Unlock()
	p.journal.add(booting)
	for {
		ctx, cancel := context.WithCancel(p.ctx)
		a := &attempt{background: background, begun: time.Now(), cancel: cancel}
		p.mu.Lock()
		p.booting = a
		p.mu.Unlock()
		g, err := p.bootUnlearning(ctx, a)
		cancel()
		p.mu.Lock()
		p.booting = nil
		cause := a.changed
		p.mu.Unlock()
		if cause != nil && p.ctx.Err() == nil {
			if g != nil {
				g.close()
			}
			p.journal.add(runner.PoolChange{Kind: runner.Superseded, Cause: cause})
			background = a.background
			continue
		}
		if err != nil {
			p.failed(err)
			return nil, err
		}
		p.install(g, time.Since(a.begun), notice)
		return g, nil
	}
}

// bootUnlearning boots, and once more without the modules that earlier workers imported if one of
// them seems to have started a thread.
func (p *Pool) bootUnlearning(ctx context.Context, a *attempt) (*Generation, error) {
	g, err := p.bootOnce(ctx, a)
	if err == nil && g.Report.Unsafe != "" && p.wantsFork() && p.forgetLearned() {
		g.close()
		g, err = p.bootOnce(ctx, a)
	}
	return g, err
}

// failed notes why the project does not start. Who asks from now on gets another boot: whatever keeps it
// from starting may be mended before all who waited have heard of this one.
func (p *Pool) failed(err error) {
	p.mu.Lock()
	p.failure = err
	p.boots.forget()
	p.mu.Unlock()
	if p.ctx.Err() == nil {
		fault := worker.Fault(err)
		p.journal.add(runner.PoolChange{Kind: runner.BootFailed, Fault: &fault})
	}
}

// install makes a booted generation the current one.
func (p *Pool) install(g *Generation, took time.Duration, notice func(string)) {
	g.Took = took
	g.life, g.end = context.WithCancel(p.ctx)
	if g.Reason != "" && p.settings.Method != "spawn" {
		notice("workers are spawned, not forked: " + g.Reason)
	}
	p.mu.Lock()
	other := p.current // of another boot, if somebody restarted while one was under way
	p.current = g
	clear(p.read)
	p.failure, p.broken = nil, nil
	p.why, p.changed, p.took = "", nil, took
	p.mu.Unlock()
	if other != nil {
		other.retire()
	}
	p.log.Info("booted", "generation", g.ID, "method", g.Method, "took", g.Took, "base", g.base != nil, "files", g.filesRead())
	booted := runner.PoolChange{Kind: runner.Booted, Generation: g.ID, TookMs: milliseconds(took), Base: g.base != nil}
	if g.base != nil {
		booted.From = g.base.Name
	}
	p.journal.add(booted)
	g.refill()
}

// begin starts the process of an attempt: a fork of the base where there is a fresh one, else an
// interpreter of its own.
func (p *Pool) begin(ctx context.Context, a *attempt) (*worker.Worker, *base, error) {
	b := p.borrowBase()
	process, err := p.beginIn(ctx, b)
	if err != nil && b != nil && ctx.Err() == nil {
		p.dropBase(b, "it could not be forked: "+err.Error())
		p.giveBack(b)
		b = nil
		process, err = p.beginIn(ctx, nil)
	}
	if err != nil {
		p.giveBack(b)
		return nil, nil, err
	}
	process.Reading(p.readOn)
	p.mu.Lock()
	defer p.mu.Unlock()
	a.process = process
	if a.background {
		process.Lower()
	}
	return process, b, nil
}

func (p *Pool) beginIn(ctx context.Context, b *base) (*worker.Worker, error) {
	if b != nil {
		return b.Fork(ctx, p.name("l"))
	}
	return p.spawn(ctx, p.settings.Env)
}

func (p *Pool) bootOnce(ctx context.Context, a *attempt) (*Generation, error) {
	g := &Generation{pool: p, members: make(map[*Member]struct{}), collections: make(map[string]*collected), refused: make(map[string]string), begun: a.begun}
	first := &Member{gen: g, clones: new(clones), state: Creating, since: time.Now()}
	var err error
	if first.Worker, g.base, err = p.begin(ctx, a); err != nil {
		return nil, err
	}
	give := func(err error) (*Generation, error) {
		p.mu.Lock()
		p.broken = first.Reads()
		p.mu.Unlock()
		first.Discard()
		p.giveBack(g.base)
		return nil, err
	}
	first.step(Booting)
	if g.Report, err = first.Boot(ctx, p.bootParams()); err != nil {
		return give(p.withOutput(err, first.Worker))
	}
	if g.schemas, g.schemaErr = first.Schemas(ctx, g.Clonable()); worker.IsDied(g.schemaErr) {
		return give(g.schemaErr)
	}
	first.Reading(nil)
	first.Raise() // what is forked from it inherits how it is scheduled
	g.booted = first.Reads()
	g.ID = identify(g.Report, g.reads())
	g.Method, g.Reason = p.method(g.Report)
	if g.Method == "fork" {
		g.layer.Store(first.Worker)
		return g, nil
	}
	first.slot = p.takeSlot()
	g.members[first] = struct{}{}
	first.step(Attaching)
	if err := first.attach(ctx, nil); err != nil {
		first.discard(ctx)
		p.giveBack(g.base)
		return nil, err
	}
	first.step(Ready)
	return g, nil
}

// withOutput adds what a process that failed to boot has printed, or which it was.
func (p *Pool) withOutput(err error, w *worker.Worker) error {
	if worker.IsDied(err) {
		return fmt.Errorf("starting the project with %s: %w", p.settings.Python, err)
	}
	var refused *worker.Refusal
	if errors.As(err, &refused) {
		if printed := w.Output(worker.Span{0, w.OutputSize()}); printed != "" {
			refused.Traceback += "\nIt printed:\n" + printed
		}
	}
	return err
}
