package lspserver

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"slices"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// errUntrusted refuses what would import or start the project.
var errUntrusted = errors.New("the workspace is not trusted: nothing of the project is started (initializationOptions.trusted or hotclub/configure says that it is)")

// status answers hotclub/status.
func (c *connection) status(ctx context.Context, _ struct{}) (wire.StatusAnswer, error) {
	session.Overlap(ctx)
	answer := wire.StatusAnswer{Daemon: c.server.Info, Clients: []string{}, Runs: []wire.RunInfo{}, Goroutines: runtime.NumGoroutine()}
	for _, other := range c.server.snapshot() {
		client, runs := other.describe()
		answer.Clients = append(answer.Clients, client)
		answer.Runs = append(answer.Runs, runs...)
	}
	slices.Sort(answer.Clients)
	if answer.Projects = c.server.Engine.Status(ctx); answer.Projects == nil {
		answer.Projects = []runner.ProjectStatus{}
	}
	for _, p := range answer.Projects {
		c.server.activity.fill(p.Workers)
	}
	return answer, nil
}

// describe tells who is connected and which of its runs go on, oldest first.
func (c *connection) describe() (client string, infos []wire.RunInfo) {
	c.mu.Lock()
	var runs []*activeRun
	for _, id := range c.order {
		runs = append(runs, c.runs[id])
	}
	client = c.client.Name
	c.mu.Unlock()
	for _, r := range runs {
		infos = append(infos, r.story.info())
	}
	return client, infos
}

// restart replaces a project's workers.
func (c *connection) restart(ctx context.Context, p wire.RestartParams) (wire.RootsAnswer, error) {
	dir, trusted := c.place(p.Dir)
	if !trusted {
		return wire.RootsAnswer{}, errUntrusted
	}
	session.Overlap(ctx)
	roots, err := c.server.Engine.Restart(ctx, dir)
	return rootsAnswer(roots), err
}

// stop ends a project's pool, or the daemon once the client has been told.
func (c *connection) stop(ctx context.Context, p wire.StopParams) (wire.RootsAnswer, error) {
	dir, _ := c.place(p.Dir)
	if p.All {
		dir = ""
	}
	session.Overlap(ctx)
	roots, err := c.server.Engine.Stop(ctx, dir)
	if p.All {
		c.log.Info("asked to end")
		session.After(ctx, c.server.End)
	}
	return rootsAnswer(roots), err
}

// database carries out an action of `hotclub db`.
func (c *connection) database(ctx context.Context, p wire.DatabaseParams) (wire.DatabaseAnswer, error) {
	switch p.Action {
	case runner.ListDatabases, runner.RebuildDatabases, runner.SweepDatabases:
	default:
		return wire.DatabaseAnswer{}, session.InvalidParams("action: %q is none of list, rebuild and sweep", p.Action)
	}
	if _, trusted := c.place(""); !trusted {
		return wire.DatabaseAnswer{}, errUntrusted
	}
	c.mu.Lock()
	client := c.client
	dir := cmp.Or(p.Project.Root, client.Dir)
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(client.Dir, dir)
	}
	p.Project = c.chosen.below(p.Project, dir) // another interpreter would be another project
	c.mu.Unlock()
	session.Overlap(ctx)
	databases, err := c.server.Engine.Databases(ctx, p.Action, client, p.Project)
	if databases == nil {
		databases = []runner.DatabaseStatus{}
	}
	return wire.DatabaseAnswer{Databases: databases}, err
}

// place is the directory that is meant, by default the client's own.
func (c *connection) place(dir string) (where string, trusted bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if dir == "" {
		dir = c.client.Dir
	}
	return dir, c.trusted
}

func rootsAnswer(roots []string) wire.RootsAnswer {
	if roots == nil {
		roots = []string{}
	}
	return wire.RootsAnswer{Roots: roots}
}
