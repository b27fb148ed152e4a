package pool

import (
	"context"
	"errors"
	"fmt"

	"hotclub/runner/worker"
)

// fork makes a worker from the layer, and the layer anew should it have ended.
func (g *Generation) fork(ctx context.Context, name string) (*worker.Worker, error) {
	layer, err := g.livingLayer(ctx)
	if err != nil {
		return nil, err
	}
	w, err := layer.Fork(ctx, name)
	if !worker.IsDied(err) {
		return w, err
	}
	if layer, err = g.livingLayer(ctx); err != nil { // it was just ending
		return nil, err
	}
	return layer.Fork(ctx, name)
}

// livingLayer boots the layer again when something has killed it in the middle of a run: the
// tests that its workers had not begun are still to be run.
func (g *Generation) livingLayer(ctx context.Context) (*worker.Worker, error) {
	layer := g.layer.Load()
	if !ended(layer) {
		return layer, nil
	}
	return g.layers.get(ctx, &g.pool.tasks, layer.Name, func() (*worker.Worker, error) { return g.replace(layer) })
}

func (g *Generation) replace(dead *worker.Worker) (*worker.Worker, error) {
	p := g.pool
	p.log.Warn("the layer has ended and is booted again", "layer", dead.Name)
	fresh, err := p.spawn(p.ctx, p.settings.Env)
	if err != nil {
		return nil, err
	}
	report, err := fresh.Boot(p.ctx, p.bootParams())
	if err == nil {
		err = g.same(dead, report)
	}
	if err == nil {
		err = g.install(fresh)
	}
	if err != nil {
		fresh.Discard()
		return nil, fmt.Errorf("the process that workers are forked from has ended, and another can't take its place: %w", err)
	}
	dead.Discard()
	return fresh, nil
}

func (g *Generation) install(layer *worker.Worker) error {
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	if g.closed {
		return errors.New("its generation has ended too")
	}
	g.layer.Store(layer)
	return nil
}

// same makes sure that a process booted just now is of this generation.
func (g *Generation) same(dead *worker.Worker, report *worker.BootReport) error {
	if cause := g.pool.newLook().Stale(dead.Reads()); cause != nil {
		return &Outdated{*cause}
	}
	if report.Unsafe != "" {
		return errors.New(report.Unsafe)
	}
	return nil
}

// layerGone reports whether the layer has ended.
func (g *Generation) layerGone() bool {
	layer := g.layer.Load()
	return layer != nil && ended(layer)
}

func ended(w *worker.Worker) bool {
	select {
	case <-w.Done():
		return true
	default:
		return false
	}
}
