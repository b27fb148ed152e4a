package lsptest

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hotclub/runner"
	"hotclub/runner/affected"
	"hotclub/runner/discover"
	"hotclub/runner/history"
	"hotclub/runner/project"
)

// Open finds the directory with a manage.py around the client's. The tests of such a project are
// those that its texts tell of; what one does is read from its name: test_fail fails, as the
// label fail does.
func (e *Engine) Open(client runner.Client, overrides runner.Overrides) (*project.Project, error) {
	root := rootOf(client, overrides)
	if root == "" {
		return nil, errors.New("no Django project around " + client.Dir)
	}
	return e.project(root), nil
}

func rootOf(client runner.Client, overrides runner.Overrides) string {
	for dir := cmp.Or(overrides.Root, client.Dir); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "manage.py")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// known is the project that an editor has opened; nil for none, as for the command line alone.
func (e *Engine) known(client runner.Client, overrides runner.Overrides) *project.Project {
	root := rootOf(client, overrides)
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.projects[root]
}

func (e *Engine) project(root string) *project.Project {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.projects == nil {
		e.projects = make(map[string]*project.Project)
	}
	if e.projects[root] == nil {
		key := "fake" + filepath.Base(root)
		e.projects[root] = &project.Project{
			Key: key, Root: root, Dir: root, Python: "/usr/bin/python3", Manage: filepath.Join(root, "manage.py"),
			Tests:      discover.Open(discover.Place{Key: key, Root: root, Dir: root}),
			History:    history.Open(filepath.Join(root, ".history"), key),        // there is none, and it is not saved
			Footprints: affected.Open(filepath.Join(root, ".history"), key, root), // likewise
		}
	}
	return e.projects[root]
}

// Collect finds nothing that the texts have not told.
func (e *Engine) Collect(ctx context.Context, client runner.Client, overrides runner.Overrides, labels []string, say func(string)) error {
	e.mu.Lock()
	e.collections = append(e.collections, client.Dir)
	fault := e.Broken
	e.mu.Unlock()
	if e.Collected != nil {
		e.Collected(labels)
	}
	say("collecting")
	if fault != "" {
		return errors.New(fault)
	}
	return ctx.Err()
}

// Collections lists the directories whose tests the engine was asked to collect so far.
func (e *Engine) Collections() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.collections...)
}

// Workers are two that wait.
func (e *Engine) Workers(string) runner.WorkerCount { return runner.WorkerCount{Ready: 2} }

// Changed does nothing: nothing is warm.
func (e *Engine) Changed() {}

// Follow has what Tell is given told to f.
func (e *Engine) Follow(f func(string, runner.PoolChange)) (stop func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.followers = append(e.followers, &f)
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.followers = slices.DeleteFunc(e.followers, func(each *func(string, runner.PoolChange)) bool { return each == &f })
	}
}

// Tell makes up a step in the life of a project's workers.
func (e *Engine) Tell(project string, change runner.PoolChange) {
	e.mu.Lock()
	followers := slices.Clone(e.followers)
	e.mu.Unlock()
	for _, f := range followers {
		(*f)(project, change)
	}
}

// Stand makes up where the workers of all projects stand.
func (e *Engine) Stand(status runner.ProjectStatus) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.standing = &status
}

// Standing is what Stand was given.
func (e *Engine) Standing(string) (runner.ProjectStatus, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.standing == nil {
		return runner.ProjectStatus{}, false
	}
	status := *e.standing
	status.Workers = slices.Clone(status.Workers)
	return status, true
}

// Stale is nothing: the disk is not looked at.
func (e *Engine) Stale(string) *runner.Cause { return nil }

// Debuggable tells Undebuggable.
func (e *Engine) Debuggable(context.Context, runner.Client, runner.Overrides, runner.Debug) error {
	if e.Undebuggable != "" {
		return errors.New(e.Undebuggable)
	}
	return nil
}

// Anticipate tells Anticipated, and to ask again when workers change.
func (e *Engine) Anticipate(ctx context.Context, expected runner.Request) (bool, error) {
	if e.Anticipated != nil {
		e.Anticipated(ctx, expected)
	}
	return true, nil
}

// selected are the tests of a project that a request asks for.
func selected(p *project.Project, s runner.Selection) []runner.Test {
	_, items := p.Tests.Items()
	var tests []runner.Test
	for _, item := range items {
		if item.Kind != runner.KindTest || !wanted(p, s, item) {
			continue
		}
		_, rest, _ := strings.Cut(string(item.ID), "::")
		class, _, _ := strings.Cut(rest, "::")
		tests = append(tests, runner.Test{
			ID: item.ID, Label: item.Label, Name: item.Name, File: item.File, Line: item.Range.First + 1,
			Module: strings.TrimSuffix(item.Label, "."+class+"."+item.Name), Class: class, Tags: item.Tags,
		})
	}
	return tests
}

func wanted(p *project.Project, s runner.Selection, item runner.Item) bool {
	if s.Failed {
		past, ok := p.History.Past(item.Label)
		if !ok || !past.State.Bad() {
			return false
		}
	}
	for _, id := range s.IDs {
		if id.Holds(item.ID) {
			return true
		}
	}
	for _, label := range s.Labels {
		if item.Label == label || strings.HasPrefix(item.Label, label+".") {
			return true
		}
	}
	return len(s.IDs)+len(s.Labels) == 0
}

// hasTests reports whether the texts of a project tell of tests. A run reads them itself, as a
// worker would: it does not wait for an editor's look at them.
func hasTests(ctx context.Context, p *project.Project) bool {
	if p.Tests.Scan(ctx) != nil {
		return false
	}
	_, items := p.Tests.Items()
	return slices.ContainsFunc(items, func(item runner.Item) bool { return item.Kind == runner.KindTest })
}
