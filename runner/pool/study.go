package pool

import (
	"context"
	"slices"
	"time"

	"hotclub/runner/worker"
)

// study is a close look that is due: at templates which were built in a hurry, so that whole files
// count where only parts of them may matter. It costs a second build, when nobody waits.
type study struct {
	schemas   []worker.Schema
	templates []Template
	modules   []string // of tests that define models
}

// calm is how long nobody has used a generation when a study begins: who has just run tests often runs
// some more, and the processors are better used for that.
const calm = time.Second

// studyLater notes that templates have to be studied, if they do. Where every line is measured, that
// would take for ever.
func (g *Generation) studyLater(s study) {
	if g.pool.settings.Boot.Coverage != nil || !slices.ContainsFunc(s.templates, Template.Coarse) {
		return
	}
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	g.studies = append(g.studies, s)
}

// considerStudy begins the next study of a generation that nobody uses; enter ends it.
func (p *Pool) considerStudy(g *Generation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	idle := g.users == 0 && g.making == 0 && g == p.current && !p.closing
	if !idle || g.studying != nil || len(g.studies) == 0 {
		return
	}
	next := g.studies[0]
	g.studies = g.studies[1:]
	ctx, cancel := context.WithCancel(g.life)
	g.studying = cancel
	p.tasks.Go(func() {
		defer cancel()
		err := g.studyInCalm(ctx, next)
		p.mu.Lock()
		g.studying = nil
		if err != nil && ctx.Err() != nil && !g.retired {
			g.studies = append(g.studies, next) // it was interrupted
		}
		p.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			p.log.Info("whole files count for the databases", "err", err)
		}
		p.considerStudy(g)
	})
}

func (g *Generation) studyInCalm(ctx context.Context, s study) error {
	select {
	case <-time.After(calm):
		return g.study(ctx, s)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *Generation) study(ctx context.Context, s study) error {
	return g.pool.databases.Refine(ctx, s.templates, s.schemas, g.schemas.Facts, func(ctx context.Context, places []worker.Place) (*worker.Built, error) {
		return g.build(ctx, places, s.modules, closely, func(*Member) error { return nil })
	})
}
