package lsptest

import (
	"context"

	"hotclub/runner"
)

// Saves are those that a test sends to Saved, for every project.
func (e *Engine) Saves(runner.Client, runner.Overrides) (runner.Saves, error) {
	return fakeSaves{e.Saved}, nil
}

type fakeSaves struct{ saved <-chan runner.Saved }

func (f fakeSaves) Await(ctx context.Context) (runner.Saved, error) {
	select {
	case saved := <-f.saved:
		return saved, nil
	case <-ctx.Done():
		return runner.Saved{}, ctx.Err()
	}
}

func (fakeSaves) Close() {}
