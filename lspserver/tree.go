package lspserver

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/discover"
	"hotclub/runner/project"
)

// tree tells a client of the tree of tests: all of it when it asks, and every change from then on.
type tree struct {
	c *connection

	mu      sync.Mutex
	asked   bool
	told    map[string]int // revision that the client has, by project
	held    int            // answers that are not written yet
	waiting []json.RawMessage
}

// discover answers hotclub/discover: the tree as far as it is known.
func (c *connection) discover(ctx context.Context, p wire.DiscoverParams) (wire.Tests, error) {
	session.Overlap(ctx)
	keep, err := c.scope(p.Scope)
	if err != nil {
		return wire.Tests{}, err
	}
	t := &c.tree
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked = true
	t.held++ // what changes from now on is told after this answer
	session.After(ctx, t.release)
	told := wire.Tests{Items: []wire.TestItem{}, Removed: []runner.TestID{}, Errors: []wire.FileError{}}
	for _, project := range c.space.list() {
		revision, items := project.Tests.Items()
		told.Revision = max(told.Revision, revision)
		t.note(project.Key, revision)
		items = slices.DeleteFunc(slices.Clone(items), func(item runner.Item) bool { return !keep(item) })
		c.tell(&told, discover.Change{Items: items, Errors: problems(items)})
	}
	return told, nil
}

// scope turns the scope of a request into a choice of items.
func (c *connection) scope(s *wire.DiscoverScope) (func(runner.Item) bool, error) {
	switch {
	case s == nil, s.ID == "" && s.URI == "":
		return func(runner.Item) bool { return true }, nil
	case s.ID != "":
		return func(item runner.Item) bool { return s.ID.Holds(item.ID) }, nil
	}
	path, err := c.path(s.URI)
	if err != nil {
		return nil, session.InvalidParams("scope: %v", err)
	}
	return func(item runner.Item) bool { return item.File != "" && inside(item.File, path) }, nil
}

// met tells of a project that the client has heard nothing of.
func (t *tree) met(p *project.Project) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.told[p.Key]; !known && t.asked {
		t.all(p)
	}
}

// all tells of a project that is still there. The caller holds mu.
func (t *tree) all(p *project.Project) {
	if t.c.space.has(p.Key) {
		revision, items := p.Tests.Items()
		t.note(p.Key, revision)
		t.push(p.Key, discover.Change{Revision: revision, Items: items, Errors: problems(items)})
	}
}

// changed passes on a change, unless the client has it already or is to be told of all.
func (t *tree) changed(key string, change discover.Change) {
	t.mu.Lock()
	defer t.mu.Unlock()
	revision, known := t.told[key]
	if !known || change.Revision <= revision {
		return
	}
	t.note(key, change.Revision)
	t.push(key, change)
}

// left takes a project away.
func (t *tree) left(p *project.Project) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.told[p.Key]; !known {
		return
	}
	delete(t.told, p.Key)
	revision, items := p.Tests.Items()
	change := discover.Change{Revision: revision}
	for _, item := range slices.Backward(items) {
		change.Removed = append(change.Removed, item.ID)
	}
	t.push(p.Key, change)
	t.all(p) // it may be back already, and is known to whoever met it then
}

func (t *tree) note(key string, revision int) {
	if t.told == nil {
		t.told = make(map[string]int)
	}
	t.told[key] = revision
}

// push sends a change, or keeps it until the answers before it are written. Nobody waits for a
// client that does not read: other clients are told by the same goroutine.
func (t *tree) push(key string, change discover.Change) {
	told := wire.Tests{
		Revision: change.Revision, Project: runner.TestID(key + "//"),
		Items: []wire.TestItem{}, Removed: append([]runner.TestID{}, change.Removed...), Errors: []wire.FileError{},
	}
	t.c.tell(&told, change)
	data, err := json.Marshal(told)
	switch {
	case err != nil:
		t.c.log.Error("cannot be encoded", "method", wire.MethodDidChangeTests, "err", err)
	case t.held > 0:
		t.waiting = append(t.waiting, data)
	default:
		t.c.offer(wire.MethodDidChangeTests, data)
	}
}

// release lets go of what waited for an answer.
func (t *tree) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held--; t.held > 0 {
		return
	}
	for _, data := range t.waiting {
		t.c.offer(wire.MethodDidChangeTests, data)
	}
	t.waiting = nil
}

// tell puts a change into the words of the protocol.
func (c *connection) tell(told *wire.Tests, change discover.Change) {
	for _, item := range change.Items {
		told.Items = append(told.Items, c.wireItem(item))
	}
	for _, problem := range change.Errors {
		told.Errors = append(told.Errors, wire.FileError{URI: string(c.fileURI(problem.File)), Message: problem.Message})
	}
}
