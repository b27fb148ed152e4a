package lspserver

import (
	"cmp"
	"context"
	"path/filepath"
	"strings"
	"time"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/discover"
	"hotclub/runner/explain"
	"hotclub/runner/history"
	"hotclub/runner/project"
)

// explain answers hotclub/explain: why tests stand where they do, or what became of a project's
// workers.
func (c *connection) explain(ctx context.Context, p wire.ExplainParams) (wire.ExplainAnswer, error) {
	session.Overlap(ctx)
	owner, items, err := c.explained(ctx, p)
	if err != nil {
		return wire.ExplainAnswer{}, err
	}
	known := explain.Known{Root: owner.Root, Stale: c.server.Engine.Stale(owner.Key)}
	if pool, ok := c.server.Engine.Standing(owner.Key); ok {
		known.Pool = &pool
	}
	if last, ok := owner.History.Last(); ok {
		known.Last = &last
	}
	told, stale := explain.Project(owner.Root, known.Pool, known.Stale), c.staleness()
	affects := owner.Footprints.Decide()
	for _, item := range items {
		known.Affected = affectedWords(affects.Reason(item.Label))
		told.Tests = append(told.Tests, c.about(owner, item, known, stale))
	}
	return wire.ExplainAnswer{Text: told.Text(time.Now()), Explanation: told}, nil
}

// affectedWords says whether a run of what edits affect has a test.
func affectedWords(reason string) string {
	if reason == "" {
		return "No edit since it last ran can have changed it: hotclub run --affected leaves it out."
	}
	return "hotclub run --affected runs it: " + reason + "."
}

func (c *connection) about(owner *project.Project, item runner.Item, known explain.Known, stale func(runner.Item, history.Past) bool) explain.Test {
	known.Running = c.server.activity.of(item.ID)
	if past, ok := owner.History.Past(item.Label); ok {
		known.Past, known.Changed = &past, stale(item, past)
	}
	return explain.About(item, known)
}

// explained finds what is asked about: tests of a project, none for the project as a whole.
func (c *connection) explained(ctx context.Context, p wire.ExplainParams) (*project.Project, []runner.Item, error) {
	if p.ID != "" {
		owner, item, err := c.find(p.ID)
		if err != nil || item.Kind == runner.KindProject {
			return owner, nil, err
		}
		items := []runner.Item{item}
		if !isTest(&item) {
			items = testsOf(owner, func(test runner.Item) bool { return item.ID.Holds(test.ID) })
		}
		return owner, items, nil
	}
	owner, from, err := c.explainedProject(p.Project)
	if err != nil || p.Label == "" {
		return owner, nil, err
	}
	if err := owner.Tests.Scan(ctx); err != nil {
		return owner, nil, err
	}
	labels, err := discover.Labels(owner.Dir, from, []string{p.Label})
	if err != nil {
		return owner, nil, session.InvalidParams("%v", err)
	}
	items := testsOf(owner, func(test runner.Item) bool {
		return test.Label == labels[0] || strings.HasPrefix(test.Label, labels[0]+".") || filepath.IsAbs(labels[0]) && inside(test.File, labels[0])
	})
	if len(items) == 0 {
		return owner, nil, session.InvalidParams("no test is known by the name %s", labels[0])
	}
	return owner, items, nil
}

// explainedProject is the one around the client's directory, or the only one of its workspace, and
// where paths are relative to.
func (c *connection) explainedProject(asked runner.Overrides) (owner *project.Project, from string, err error) {
	if all := c.space.list(); len(all) == 1 && asked == (runner.Overrides{}) {
		return all[0], all[0].Dir, nil
	}
	c.mu.Lock()
	client := c.client
	overrides := c.chosen.at(client.Dir)
	c.mu.Unlock()
	overrides.Root = cmp.Or(asked.Root, overrides.Root)
	overrides.Python = cmp.Or(asked.Python, overrides.Python)
	overrides.Settings = cmp.Or(asked.Settings, overrides.Settings)
	from = overrides.Root
	if !filepath.IsAbs(from) {
		from = filepath.Join(client.Dir, from)
	}
	owner, err = c.server.Engine.Open(client, overrides)
	return owner, from, err
}

// testsOf are some tests of a project.
func testsOf(owner *project.Project, which func(runner.Item) bool) (tests []runner.Item) {
	_, items := owner.Tests.Items()
	for _, item := range items {
		if isTest(&item) && which(item) {
			tests = append(tests, item)
		}
	}
	return tests
}
