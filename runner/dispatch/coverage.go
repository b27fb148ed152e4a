package dispatch

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"sync"

	"hotclub/runner"
	"hotclub/runner/pool"
	"hotclub/runner/worker"
)

// coverage gathers what the workers of a run have executed. nil gathers nothing.
type coverage struct {
	mu    sync.Mutex
	files map[string]struct{} // that workers have written, one each
}

func newCoverage(asked *runner.Measure) *coverage {
	if asked == nil {
		return nil
	}
	return &coverage{files: make(map[string]struct{})}
}

// take has a worker write what it has executed so far.
func (c *coverage) take(ctx context.Context, m *pool.Member) error {
	if c == nil {
		return nil
	}
	file, err := m.Measured(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.files[file] = struct{}{}
	return nil
}

func (c *coverage) written() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.files))
}

// drop removes what was written.
func (c *coverage) drop() {
	if c == nil {
		return
	}
	for _, file := range c.written() {
		_ = os.Remove(file) // else it goes with the folder of the workers
	}
}

// load has a worker load the tests behind labels. Where it measures, what was found before is of no
// use: what loading executes is part of every run.
func (c *conductor) load(ctx context.Context, m *pool.Member, labels, options []string) (collection *pool.Collection, fresh bool, err error) {
	if c.coverage == nil {
		return c.generation.Collect(ctx, c.disk, m, labels, options)
	}
	if collection, err = c.generation.Load(ctx, c.disk, m, labels, options); err != nil {
		return nil, false, err
	}
	return collection, true, c.coverage.take(ctx, m)
}

// check has the system checks run, in each run that measures.
func (c *conductor) check(ctx context.Context, m *pool.Member) (complaint string, err error) {
	if c.coverage == nil {
		return c.generation.Check(ctx, m, c.plan.aliases)
	}
	return m.Worker.Check(ctx, c.plan.aliases)
}

// cover tells what the run has executed. Verdicts do not depend on it.
func (c *conductor) cover(ctx context.Context) {
	if c.coverage == nil || ctx.Err() != nil {
		return
	}
	told, err := c.covered(ctx)
	switch {
	case err == nil:
		c.run.send(covered{*told})
	case ctx.Err() == nil:
		c.warn("what the run has executed is not known: " + lastWords(err.Error()))
	}
}

func (c *conductor) covered(ctx context.Context) (*runner.Coverage, error) {
	files := c.coverage.written()
	if c.plan.rung != worker.Cold && c.plan.rung != worker.Own { // these have migrated for themselves
		migrated, err := c.generation.Migrated(ctx, c.plan.aliases, c.say)
		if err != nil {
			return nil, err
		}
		if migrated != "" {
			files = append(files, migrated)
		}
	}
	if len(files) == 0 {
		return nil, errors.New("no worker has told it")
	}
	m, err := c.generation.Lease(ctx, c.disk, nil, nil, c.say)
	if err != nil {
		return nil, err
	}
	defer c.generation.Return(m)
	return m.Coverage(ctx, files)
}

// covered brings what was executed.
type covered struct{ coverage runner.Coverage }

func (c covered) apply(r *run) {
	if r.stopped != cancelled && r.stopped != broken {
		r.emit(runner.Covered{Coverage: c.coverage})
	}
}

// measured has the worker tell what it has executed, at the end of its part in the run. One that has
// died can't, and what it did is in no file.
func (e *executor) measured(ctx context.Context, m *pool.Member) {
	err := e.coverage.take(ctx, m)
	if err != nil && !worker.IsDied(err) && ctx.Err() == nil {
		e.run.send(notice{text: "what " + m.Name + " has executed is not known: " + lastWords(err.Error()), warning: true})
	}
}
