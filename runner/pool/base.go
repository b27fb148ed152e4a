package pool

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"hotclub/runner"
	"hotclub/runner/worker"
)

// base is the lowest layer: a process that has imported what the project imports from outside
// itself. The project boots in forks of it, so that an edit costs the project's own imports alone.
type base struct {
	*worker.Worker

	// Guarded by the pool's mutex.
	users   int  // generations, and those who try to make one
	dropped bool // it ends with its last user
}

// bases is what a pool knows of its base.
type bases struct {
	current  *base
	learning bool
	tried    bool     // since the last change outside the project
	apart    []string // modules that come out otherwise without the project, or can't be forked with
}

// triesAtMost is how many bases are made to find one in which every module comes out as it does in
// the project. Each teaches which modules to leave out.
const triesAtMost = 8

// borrowBase returns the base, if there is one that is fresh; giveBack ends the loan.
func (p *Pool) borrowBase() *base {
	p.mu.Lock()
	b := p.bases.current
	if b != nil {
		b.users++
	}
	p.mu.Unlock()
	if b == nil {
		return nil
	}
	reason := ""
	if ended(b.Worker) {
		reason = "it has ended"
	} else if cause := p.newLook().Stale(b.Reads()); cause != nil {
		reason = cause.String()
	}
	if reason == "" {
		return b
	}
	p.dropBase(b, reason)
	p.giveBack(b)
	return nil
}

func (p *Pool) giveBack(b *base) {
	if b == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	b.users--
	p.endUnusedLocked(b)
}

func (p *Pool) dropBase(b *base, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if b.dropped {
		return
	}
	p.log.Info("the third-party imports are loaded anew with the next boot", "base", b.Name, "cause", reason)
	b.dropped = true
	if p.bases.current == b {
		p.bases.current, p.bases.tried = nil, false
	}
	p.endUnusedLocked(b)
}

func (p *Pool) endUnusedLocked(b *base) {
	if b.dropped && b.users == 0 {
		p.tasks.Go(b.Discard)
	}
}

// forgetBase makes the next boot import everything itself.
func (p *Pool) forgetBase() {
	p.mu.Lock()
	b := p.bases.current
	p.mu.Unlock()
	if b != nil {
		p.dropBase(b, "asked to")
	}
}

// considerBase makes a base in the background for the boots to come, once a generation that booted
// without one has its workers ready and nobody uses it.
func (p *Pool) considerBase(g *Generation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	idle := g.users == 0 && g.making == 0 && g == p.current && !p.closing
	if !p.settings.Base || !idle || g.Method != "fork" || runtime.GOOS != "linux" || p.bases.learning || p.bases.tried {
		return
	}
	p.bases.learning, p.bases.tried = true, true
	p.tasks.Go(func() {
		err := p.learnBase(g)
		p.mu.Lock()
		p.bases.learning = false
		if err != nil && (g.retired || p.ctx.Err() != nil) {
			p.bases.tried = false // the project went while it was looked at
		}
		p.mu.Unlock()
		if err != nil && p.ctx.Err() == nil {
			p.log.Info("every boot imports everything itself", "err", err)
			p.journal.add(runner.PoolChange{Kind: runner.BaseRefused, Generation: g.ID, Reason: err.Error()})
		}
	})
}

// learnBase finds out which modules can be imported without the project, and keeps a process that
// has imported them. What came out otherwise than in the generation's own process is left out.
func (p *Pool) learnBase(g *Generation) error {
	want, err := g.survey(p.ctx)
	if err != nil {
		return fmt.Errorf("looking at what the project imports: %w", err)
	}
	p.mu.Lock()
	apart := slices.Clone(p.bases.apart)
	p.mu.Unlock()
	for range triesAtMost {
		more, err := p.tryModules(want, apart)
		if err == nil && len(more) == 0 {
			var b *base
			if b, more, err = p.makeBase(want, apart); b != nil {
				p.keepBase(b, g, apart)
				return nil
			}
		}
		if err != nil {
			return err
		}
		p.log.Debug("modules that need the project", "modules", more)
		apart = append(apart, more...)
	}
	return fmt.Errorf("%d modules need the project while they are imported, and still there are more", len(apart))
}

func (p *Pool) keepBase(b *base, g *Generation, apart []string) {
	p.mu.Lock()
	p.bases.current, p.bases.apart = b, apart
	p.mu.Unlock()
	p.log.Info("third-party imports are kept for the boots to come", "base", b.Name, "apart", len(apart))
	p.journal.add(runner.PoolChange{Kind: runner.BaseReady, Generation: g.ID})
}

// survey asks a fork of the layer, whose memory nobody shares for long.
func (g *Generation) survey(ctx context.Context) (*worker.Survey, error) {
	fork, err := g.fork(ctx, g.pool.name("b"))
	if err != nil {
		return nil, err
	}
	defer fork.Discard()
	fork.Lower()
	return fork.Survey(ctx)
}

// tryModules finds modules that must be left out, beside those that are known to.
func (p *Pool) tryModules(want *worker.Survey, apart []string) (more []string, err error) {
	process, err := p.spawnLow()
	if err != nil {
		return nil, err
	}
	defer process.Discard()
	return process.Base(p.ctx, p.baseParams(want, apart, true))
}

// makeBase makes a base and boots the project in a fork of it. It returns the base, or else the
// modules that must be left out the next time.
func (p *Pool) makeBase(want *worker.Survey, apart []string) (b *base, more []string, err error) {
	process, err := p.spawnLow()
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if b == nil {
			process.Discard()
		}
	}()
	params := p.baseParams(want, apart, false)
	if more, err = process.Base(p.ctx, params); err != nil || len(more) > 0 {
		return nil, more, err
	}
	got, err := p.surveyBootIn(process)
	if err != nil {
		return nil, nil, err
	}
	if more = want.Differing(got, params.Modules); len(more) > 0 {
		return nil, more, nil
	}
	process.Raise()
	return &base{Worker: process}, nil, nil
}

func (p *Pool) spawnLow() (*worker.Worker, error) {
	process, err := p.spawn(p.ctx, p.settings.Env)
	if err == nil {
		process.Lower()
	}
	return process, err
}

func (p *Pool) baseParams(want *worker.Survey, apart []string, trial bool) worker.BaseParams {
	return worker.BaseParams{
		Directory: p.settings.Boot.Directory, Arguments: p.settings.Boot.Arguments,
		Modules: importable(want, apart), Apart: apart, Written: want.Written, Trial: trial,
	}
}

// surveyBootIn boots the project in a fork that only tells what it has become.
func (p *Pool) surveyBootIn(process *worker.Worker) (*worker.Survey, error) {
	trial, err := process.Fork(p.ctx, p.name("b"))
	if err != nil {
		return nil, err
	}
	defer trial.Discard()
	trial.Lower()
	report, err := trial.Boot(p.ctx, p.bootParams())
	if err != nil {
		return nil, fmt.Errorf("booting in a process that has the third-party imports: %w", err)
	}
	if report.Unsafe != "" {
		return nil, fmt.Errorf("booting in a process that has the third-party imports: %s", report.Unsafe)
	}
	return trial.Survey(p.ctx)
}

// importable lists what a survey has found, but for the modules that are to be left out and what
// lies below them.
func importable(found *worker.Survey, apart []string) []string {
	out := make(map[string]bool, len(apart))
	for _, name := range apart {
		out[name] = true
	}
	var names []string
	for _, module := range found.Modules {
		if !leftOut(module.Name, out) {
			names = append(names, module.Name)
		}
	}
	return names
}

func leftOut(name string, out map[string]bool) bool {
	for at := len(name); at >= 0; at = strings.LastIndexByte(name[:at], '.') {
		if out[name[:at]] {
			return true
		}
	}
	return false
}
