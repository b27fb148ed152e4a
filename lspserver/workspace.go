package lspserver

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"hotclub/runner"
	"hotclub/runner/discover"
	"hotclub/runner/project"
)

// workspace is what an editor looks at: folders, and the projects that were found in them. A
// client without folders, as the command line is, has none.
type workspace struct {
	open func(dir string) (*project.Project, error)
	met  func(*project.Project) // a project for the first time
	left func(*project.Project)

	tasks *sync.WaitGroup // of the connection

	mu       sync.Mutex
	folders  []string
	found    map[string]located // by the directory that was looked from
	projects map[string]*member // by key
}

// located is the answer for a directory.
type located struct {
	project *project.Project
	err     error
}

// member is a project of the workspace.
type member struct {
	*project.Project
	cancel func() // of the subscription to its tests
}

// has reports whether a project belongs to the workspace.
func (w *workspace) has(key string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.projects[key] != nil
}

// list is every project, by root.
func (w *workspace) list() []*project.Project {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []*project.Project
	for _, m := range w.projects {
		all = append(all, m.Project)
	}
	slices.SortFunc(all, func(a, b *project.Project) int { return strings.Compare(a.Root, b.Root) })
	return all
}

// around finds the project that a file belongs to.
func (w *workspace) around(path string) (*project.Project, error) { return w.at(filepath.Dir(path)) }

// at finds the project around a directory.
func (w *workspace) at(dir string) (*project.Project, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if known, ok := w.found[dir]; ok {
		return known.project, known.err
	}
	var answer located
	answer.project, answer.err = w.open(dir)
	if w.found == nil {
		w.found, w.projects = make(map[string]located), make(map[string]*member)
	}
	w.found[dir] = answer
	if p := answer.project; p != nil && w.projects[p.Key] == nil {
		w.projects[p.Key] = &member{Project: p}
		w.tasks.Go(func() { w.met(p) })
	}
	return answer.project, answer.err
}

// subscribe hands changes of a project's tests on until the project leaves the workspace.
func (w *workspace) subscribe(p *project.Project, tell func(discover.Change)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if m := w.projects[p.Key]; m != nil && m.cancel == nil {
		m.cancel = p.Tests.Subscribe(tell)
	}
}

// enter looks into more folders.
func (w *workspace) enter(folders []string) {
	w.mu.Lock()
	w.folders = append(w.folders, folders...)
	w.mu.Unlock()
	for _, folder := range folders {
		_, _ = w.at(folder) // one without a project may get one, or has them further down
	}
}

// leave forgets folders, and the projects that are in no other.
func (w *workspace) leave(folders []string) {
	w.mu.Lock()
	w.folders = slices.DeleteFunc(w.folders, func(f string) bool { return slices.Contains(folders, f) })
	var gone []*member
	for key, m := range w.projects {
		if !slices.ContainsFunc(w.folders, func(f string) bool { return inside(m.Root, f) || inside(f, m.Root) }) {
			gone = append(gone, m)
			delete(w.projects, key)
		}
	}
	maps.DeleteFunc(w.found, func(_ string, l located) bool {
		return l.project == nil || slices.ContainsFunc(gone, func(m *member) bool { return m.Project == l.project })
	})
	w.mu.Unlock()
	for _, m := range gone {
		m.end()
		w.left(m.Project)
	}
}

// forget looks for projects anew where they are asked for next: a configuration has changed.
func (w *workspace) forget() {
	w.mu.Lock()
	w.found = nil
	gone := w.projects
	w.projects = nil
	folders := slices.Clone(w.folders)
	w.mu.Unlock()
	for _, m := range gone {
		m.end()
	}
	for _, folder := range folders {
		_, _ = w.at(folder)
	}
}

// close ends the subscriptions.
func (w *workspace) close() {
	w.mu.Lock()
	gone := w.projects
	w.projects, w.found = nil, nil
	w.mu.Unlock()
	for _, m := range gone {
		m.end()
	}
}

func (m *member) end() {
	if m.cancel != nil {
		m.cancel()
	}
}

// inside reports whether a path is a directory or lies in it.
func inside(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// openProject finds the project around a directory, as this client has configured it.
func (c *connection) openProject(dir string) (*project.Project, error) {
	c.mu.Lock()
	client, overrides := c.client, c.overrides
	c.mu.Unlock()
	client.Dir = dir
	return c.server.Engine.Open(client, overrides)
}

// meet reads the tests of a project that has come into the workspace, and warms it.
func (c *connection) meet(p *project.Project) {
	c.space.subscribe(p, func(change discover.Change) { c.testsChanged(p, change) })
	ctx := c.session.Context()
	if err := p.Tests.Scan(ctx); err != nil && ctx.Err() == nil {
		c.log.Warn("reading the tests", "project", p.Root, "err", err)
	}
	c.screen.refresh()
	c.warm(p)
}

// warm boots the project's workers and has one collect, once the client trusts it.
func (c *connection) warm(p *project.Project) {
	c.mu.Lock()
	client, overrides, trusted := c.client, c.overrides, c.trusted
	c.mu.Unlock()
	if !trusted {
		return
	}
	client.Dir = p.Dir
	c.tasks.Go(func() {
		ctx := c.session.Context()
		watch := c.newProgress(nil, "Starting "+filepath.Base(p.Root), nil)
		err := c.server.Engine.Collect(ctx, client, overrides, nil, watch.say)
		watch.end("")
		if err != nil && ctx.Err() == nil {
			c.complain(p, err)
		}
	})
}

// clientFor is the client as a run of a project sees it.
func (c *connection) clientFor(p *project.Project) (runner.Client, runner.Overrides) {
	c.mu.Lock()
	defer c.mu.Unlock()
	client, overrides := c.client, c.overrides
	client.Dir = p.Dir
	return client, overrides
}

// part clears what the editor shows of a project that has left the workspace.
func (c *connection) part(p *project.Project) {
	c.screen.mu.Lock()
	defer c.screen.mu.Unlock()
	c.screen.dirty(true, c.screen.failing.dropProject(p.Key)...)
}

// eachProject finds the projects that are meant: those of some items, else all.
func (c *connection) eachProject(ids []runner.TestID) []*project.Project {
	all := c.space.list()
	if len(ids) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(p *project.Project) bool {
		return !slices.ContainsFunc(ids, func(id runner.TestID) bool { return id.Project() == p.Key })
	})
}
