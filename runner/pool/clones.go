package pool

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"hotclub/runner/worker"
)

// clones are the databases that a worker has, by leading alias. It serves what the worker asks
// about them.
type clones struct {
	mu   sync.Mutex
	held map[string]held
}

var _ worker.Databases = (*clones)(nil)

// held is a clone that a worker has attached, and the template it was made of.
type held struct {
	Lease
	template string
	inputs   map[string]string
}

func (c *clones) put(alias string, h held) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		c.held = make(map[string]held)
	}
	c.held[alias] = h
}

func (c *clones) get(alias string) (held, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h, has := c.held[alias]
	return h, has
}

func (c *clones) all() []held {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.held))
}

// lease finds the one that a worker speaks of.
func (c *clones) lease(alias string) (Lease, error) {
	h, has := c.get(alias)
	if !has {
		return nil, fmt.Errorf("the worker has no database %q", alias)
	}
	return h.Lease, nil
}

// Dirty implements [worker.Databases].
func (c *clones) Dirty(ctx context.Context, alias string) (bool, error) {
	lease, err := c.lease(alias)
	if err != nil {
		return false, err
	}
	return lease.Dirty(ctx)
}

// Accept implements [worker.Databases].
func (c *clones) Accept(ctx context.Context, alias string) error {
	lease, err := c.lease(alias)
	if err != nil {
		return err
	}
	return lease.Accept(ctx)
}

// Identify implements [worker.Databases].
func (c *clones) Identify(ctx context.Context, alias string) (string, error) {
	lease, err := c.lease(alias)
	if err != nil {
		return "", err
	}
	return lease.Identify(ctx)
}

// Restore implements [worker.Databases].
func (c *clones) Restore(ctx context.Context, alias, image string) (worker.Restored, error) {
	lease, err := c.lease(alias)
	if err != nil {
		return worker.Restored{}, err
	}
	return lease.Restore(ctx, image)
}

// Capture implements [worker.Databases].
func (c *clones) Capture(ctx context.Context, alias, image string) error {
	lease, err := c.lease(alias)
	if err != nil {
		return err
	}
	return lease.Capture(ctx, image)
}
