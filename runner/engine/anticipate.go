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
// unless one has it. It starts nothing, and leaves it when a run comes; later tells that it is worth
// asking again when workers change: none could be asked, or the one that has it may go.
func (e *Engine) Anticipate(ctx context.Context, client runner.Client, overrides runner.Overrides, label string) (later bool, err error) {
	found, err := config.Load(client, overrides)
	if err != nil {
		return false, err
	}
	booting, running := options(slices.Clone(found.RunnerArgs))
	env := found.Environ(client)
	ctx, l := e.beginQuiet(ctx, found, env, booting)
	if l == nil {
		return true, nil
	}
	defer e.endLook(l)
	labels := []string{label}
	if l.pool.Loaded(labels) {
		return true, nil
	}
	tried, err := dispatch.Load(ctx, e.dispatched(l.project, found, l.pool, running, env), labels)
	if ctx.Err() != nil {
		return false, nil // something better has come
	}
	if err != nil {
		return false, fmt.Errorf("loading %s in advance: %w", label, err)
	}
	return !tried || l.pool.Loaded(labels), nil
}
