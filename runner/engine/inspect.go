package engine

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"hotclub/runner"
	"hotclub/runner/config"
)

// Status implements [runner.Engine].
func (e *Engine) Status(ctx context.Context) []runner.ProjectStatus {
	var all []runner.ProjectStatus
	for _, p := range e.inside("") {
		databases, err := e.databases.List(ctx, p.Key)
		if err != nil {
			e.log.Warn("listing databases", "err", err)
		}
		e.mu.Lock()
		pools, timings := slices.Clone(p.pools), p.timings
		e.mu.Unlock()
		for i, f := range pools {
			status := f.Status()
			status.Unwatched, status.Measures = e.watcher.Fault(), f.measures
			if i == len(pools)-1 { // the one used last; all have the same databases
				status.Databases, status.LastRun = databases, timings
			}
			all = append(all, status)
		}
	}
	return all
}

// Standing describes the pool that the project with a key has used last, those aside that measure,
// but for its databases; ok is false where it has none.
func (e *Engine) Standing(key string) (status runner.ProjectStatus, ok bool) {
	latest := e.latest(key)
	if latest == nil {
		return status, false
	}
	status = latest.Status()
	status.Unwatched = e.watcher.Fault()
	return status, true
}

// Stale holds that pool against the disk: it returns why none of its workers may run a test any more,
// nil when all may, or there is none.
func (e *Engine) Stale(key string) *runner.Cause {
	if latest := e.latest(key); latest != nil {
		return latest.Stale()
	}
	return nil
}

func (e *Engine) latest(key string) *flavour {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := e.projects[key]
	if p == nil {
		return nil
	}
	for _, f := range slices.Backward(p.pools) {
		if f.measures == nil {
			return f
		}
	}
	return nil
}

// Stop implements [runner.Engine].
func (e *Engine) Stop(_ context.Context, dir string) ([]string, error) {
	roots := []string{}
	for _, p := range e.inside(dir) {
		ended, err := e.stopProject(p)
		if err != nil {
			return roots, err
		}
		if ended {
			roots = append(roots, p.Root)
		}
	}
	return roots, nil
}

// Restart implements [runner.Engine].
func (e *Engine) Restart(_ context.Context, dir string) ([]string, error) {
	roots := []string{}
	for _, p := range e.inside(dir) {
		e.restart(p, "somebody asked for new workers")
		roots = append(roots, p.Root)
	}
	return roots, nil
}

func (e *Engine) restart(p *project, reason string) {
	for _, f := range e.flavours(p) {
		f.Restart(reason)
	}
}

// inside finds the projects around a directory; all of them for "".
func (e *Engine) inside(dir string) []*project {
	if resolved, err := filepath.EvalSymlinks(dir); err == nil && dir != "" {
		dir = resolved
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	var found []*project
	for _, p := range e.projects {
		root := p.Root
		if dir == "" || dir == root || strings.HasPrefix(dir, root+string(filepath.Separator)) {
			found = append(found, p)
		}
	}
	return found
}

// Databases implements [runner.Engine].
func (e *Engine) Databases(ctx context.Context, action runner.DatabaseAction, client runner.Client, overrides runner.Overrides) ([]runner.DatabaseStatus, error) {
	if action == runner.SweepDatabases {
		if err := e.databases.Sweep(ctx); err != nil {
			return nil, err
		}
		return e.databases.List(ctx, "")
	}
	found, err := config.Load(client, overrides)
	if err != nil {
		return nil, err
	}
	if action == runner.RebuildDatabases {
		e.mu.Lock()
		p := e.projects[found.Key]
		e.mu.Unlock()
		e.restart(p, "its test databases are to be migrated anew") // its idle workers hold clones of what is to go
		if err := e.databases.Forget(ctx, found.Key); err != nil {
			return nil, err
		}
	}
	return e.databases.List(ctx, found.Key)
}
