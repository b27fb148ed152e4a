package lspserver

import (
	"context"
	"path/filepath"
	"sync"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// saves are what a client waits for, by the project as it names it.
type saves struct {
	mu     sync.Mutex
	of     map[runner.Overrides]runner.Saves
	closed bool
}

// get begins to count the changes of a project where they are not counted yet.
func (s *saves) get(project runner.Overrides, begin func() (runner.Saves, error)) (runner.Saves, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosing
	}
	if known := s.of[project]; known != nil {
		return known, nil
	}
	begun, err := begin()
	if err != nil {
		return nil, err
	}
	if s.of == nil {
		s.of = make(map[runner.Overrides]runner.Saves)
	}
	s.of[project] = begun
	return begun, nil
}

func (s *saves) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, each := range s.of {
		each.Close()
	}
}

// awaitSave answers hotclub/saves, when something has been saved.
func (c *connection) awaitSave(ctx context.Context, p wire.SavesParams) (runner.Saved, error) {
	if _, trusted := c.place(""); !trusted {
		return runner.Saved{}, errUntrusted
	}
	c.mu.Lock()
	client, chosen := c.client, c.chosen
	c.mu.Unlock()
	dir := p.Project.Root
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(client.Dir, dir)
	}
	project := chosen.below(p.Project, dir) // another interpreter would be another project, which nobody runs
	saves, err := c.saves.get(project, func() (runner.Saves, error) {
		return c.server.Engine.Saves(client, project)
	})
	if err != nil {
		return runner.Saved{}, err
	}
	if p.Begin {
		return runner.Saved{Changes: []runner.Cause{}}, nil
	}
	session.Overlap(ctx)
	return saves.Await(ctx)
}
