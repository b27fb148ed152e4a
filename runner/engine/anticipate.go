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
// one has them. It starts nothing, and leaves it when a run comes; later tells that it is worth asking
// again when workers change: none could be asked, or the one that has them may go.
func (e *Engine) Anticipate(ctx context.Context, expected runner.Request) (later bool, err error) {
	found, err := config.Load(expected.Client, expected.Project)
	if err != nil {
		return false, err
	}
	booting, running := options(slices.Concat(found.RunnerArgs, expected.Options.RunnerArgs))
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
	ctx, l := e.beginQuiet(ctx, p, found, env, booting)
	if l == nil {
		return true, nil
	}
	defer e.endLook(l)
	labels := expected.Selection.Labels
	if l.pool.Loaded(labels) {
		return true, nil
	}
	tried, err := dispatch.Load(ctx, e.dispatched(l.project, found, l.pool, running, env), labels)
	if ctx.Err() != nil {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("loading %s in advance: %w", strings.Join(labels, ", "), err)
	}
	e.watchAnew() // an edit of what has just been read is to be noticed
	return !tried || l.pool.Loaded(labels), nil
}

// warm is the project with a key, nil for one that has no pool.
func (e *Engine) warm(key string) *project {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.projects[key]
}
