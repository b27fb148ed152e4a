package lspserver

import (
	"hotclub/runner"
	"hotclub/runner/discover"
	"hotclub/runner/project"
)

// openProject finds the project around a directory, as this client has configured it.
func (c *connection) openProject(dir string) (*project.Project, error) {
	c.mu.Lock()
	client, chosen := c.client, c.chosen
	c.mu.Unlock()
	client.Dir = dir
	overrides := chosen.at(dir)
	p, err := c.server.Engine.Open(client, overrides)
	if err == nil && chosen.at(p.Dir) != overrides { // the project's own folder decides, not the one that led to it
		p, err = c.server.Engine.Open(client, chosen.at(p.Dir))
	}
	return p, err
}

// meet reads the tests of a project that has come into the workspace, tells of them, and warms it.
// Another client may have had them read: then nothing changes, and there is all the same all to tell.
func (c *connection) meet(p *project.Project) {
	ctx := c.session.Context()
	if err := p.Tests.Scan(ctx); err != nil && ctx.Err() == nil {
		c.log.Warn("reading the tests", "project", p.Root, "err", err)
	}
	_, items := p.Tests.Items()
	c.docs.renew()
	c.screen.testsChanged(discover.Change{Items: items})
	c.tree.met(p)
	c.pools.stirred(p.Key) // that it stands as it does is news
	c.warm(p)
}

// subscribe has the connection told of what changes in a project's tree of tests.
func (c *connection) subscribe(p *project.Project) (cancel func()) {
	return p.Tests.Subscribe(func(change discover.Change) { c.testsChanged(p, change) })
}

// problems are the files whose tests are not to be had.
func problems(items []runner.Item) (list []discover.Problem) {
	for _, item := range items {
		if item.Error != nil {
			list = append(list, discover.Problem{File: item.File, Message: *item.Error})
		}
	}
	return list
}

// testsChanged passes on what has become different in a project's tree of tests.
func (c *connection) testsChanged(p *project.Project, change discover.Change) {
	c.docs.renew()
	c.screen.testsChanged(change)
	c.tree.changed(p.Key, change)
}

// part takes what the editor shows of a project that has left the workspace.
func (c *connection) part(p *project.Project) {
	c.docs.renew()
	c.screen.projectLeft(p.Key)
	c.pools.left(p.Key)
	c.tree.left(p)
}

// warm boots the project's workers and has one collect, once the client trusts it.
func (c *connection) warm(p *project.Project) {
	if !c.isTrusted() {
		return
	}
	c.collect(p, nil)
}

// collect has a worker find the tests behind labels, all for none, in the background.
func (c *connection) collect(p *project.Project, labels []string) {
	client, overrides := c.clientFor(p)
	c.tasks.Go(func() {
		ctx := c.session.Context()
		before := c.complaints.of(p)
		shown := c.starts.join(p)
		err := c.server.Engine.Collect(ctx, client, overrides, labels, shown.shown.say)
		c.starts.leave(p, shown, "")
		c.ahead.again()
		switch {
		case err == nil:
			c.complaints.settled(p, before)
		case ctx.Err() == nil && !c.pools.saidAtLine(p.Key):
			c.complaints.tell(p, err, c.complain)
		}
	})
}

// clientFor is the client as a run of a project sees it.
func (c *connection) clientFor(p *project.Project) (runner.Client, runner.Overrides) {
	c.mu.Lock()
	defer c.mu.Unlock()
	client := c.client
	client.Dir = p.Dir
	return client, c.chosen.at(p.Dir)
}
