package lspserver

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf16"

	"go.lsp.dev/uri"

	"hotclub/lspserver/session"
	"hotclub/lspserver/text"
	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/discover"
	"hotclub/runner/project"
)

// discover answers hotclub/discover: the tree as far as it is known. hotclub/didChangeTests tells
// of everything after it.
func (c *connection) discover(ctx context.Context, p wire.DiscoverParams) (wire.Tests, error) {
	session.Overlap(ctx)
	answer := wire.Tests{Items: []wire.TestItem{}, Removed: []runner.TestID{}, Errors: []wire.FileError{}}
	keep, err := c.scope(p.Scope)
	if err != nil {
		return answer, err
	}
	c.telling.Lock() // what changes from now on is told after this answer
	defer c.telling.Unlock()
	c.tellsTests = true
	for _, project := range c.space.list() {
		revision, items := project.Tests.Items()
		answer.Revision = max(answer.Revision, revision)
		for _, item := range items {
			if !keep(item) {
				continue
			}
			answer.Items = append(answer.Items, c.wireItem(item))
			if item.Error != nil {
				answer.Errors = append(answer.Errors, wire.FileError{URI: fileURI(item.File), Message: *item.Error})
			}
		}
	}
	return answer, nil
}

// scope turns the scope of a request into a choice of items.
func (c *connection) scope(s *wire.DiscoverScope) (func(runner.Item) bool, error) {
	switch {
	case s == nil, s.ID == "" && s.URI == "":
		return func(runner.Item) bool { return true }, nil
	case s.ID != "":
		return func(item runner.Item) bool { return s.ID.Holds(item.ID) }, nil
	}
	path, err := filePath(s.URI)
	if err != nil {
		return nil, session.InvalidParams("scope: %v", err)
	}
	if _, err := c.space.around(path); err != nil {
		return nil, err
	}
	return func(item runner.Item) bool { return item.File != "" && inside(item.File, path) }, nil
}

// tellTests passes a change of the tree on to a client that has asked for the tree.
func (c *connection) tellTests(p *project.Project, change discover.Change) {
	c.telling.Lock()
	defer c.telling.Unlock()
	if !c.tellsTests {
		return
	}
	told := wire.Tests{
		Revision: change.Revision, Project: runner.TestID(p.Key + "//"),
		Items: []wire.TestItem{}, Removed: change.Removed, Errors: []wire.FileError{},
	}
	if told.Removed == nil {
		told.Removed = []runner.TestID{}
	}
	for _, item := range change.Items {
		told.Items = append(told.Items, c.wireItem(item))
	}
	for _, problem := range change.Errors {
		told.Errors = append(told.Errors, wire.FileError{URI: fileURI(problem.File), Message: problem.Message})
	}
	data, err := json.Marshal(told)
	if err != nil {
		c.log.Error("cannot be encoded", "method", wire.MethodDidChangeTests, "err", err)
		return
	}
	c.out.push(wire.MethodDidChangeTests, data)
}

// testsAt answers hotclub/testsAt.
func (c *connection) testsAt(ctx context.Context, p wire.TestsAtParams) (wire.TestsAtAnswer, error) {
	answer := wire.TestsAtAnswer{Items: []wire.TestItem{}}
	path, err := filePath(p.URI)
	if err != nil {
		return answer, session.InvalidParams("uri: %v", err)
	}
	d := c.docs.get(uri.URI(p.URI))
	session.Overlap(ctx)
	var items []runner.Item
	if d != nil {
		items = d.items()
	} else {
		owner, err := c.space.around(path)
		if err != nil {
			return answer, err
		}
		items = owner.Tests.File(path)
	}
	if p.Position != nil && len(items) > 0 {
		items = append(chain(items, p.Position.Line), items[0])
	}
	for _, item := range items {
		answer.Items = append(answer.Items, c.wireItem(item))
	}
	return answer, nil
}

// find looks for an item in the projects of the workspace.
func (c *connection) find(id runner.TestID) (*project.Project, runner.Item, error) {
	for _, p := range c.space.list() {
		if p.Key == id.Project() {
			if item, ok := p.Tests.Find(id); ok {
				return p, item, nil
			}
			return nil, runner.Item{}, fmt.Errorf("%s is not there any more", id)
		}
	}
	return nil, runner.Item{}, fmt.Errorf("%s belongs to no project of this workspace", id)
}

// wireItem puts an item into the words of the protocol.
func (c *connection) wireItem(item runner.Item) wire.TestItem {
	told := wire.TestItem{
		ID: item.ID, Parent: item.Parent, Kind: item.Kind, Name: item.Name, Label: item.Label,
		Tags: item.Tags, Base: item.Base, Runnable: item.Runnable, Dynamic: item.Dynamic,
		Fidelity: item.Fidelity, Error: item.Error,
	}
	if item.Disabled != "" {
		told.Disabled = &wire.Disabled{Reason: item.Disabled}
	}
	if item.File == "" {
		return told
	}
	told.URI = fileURI(item.File)
	told.Range = &wire.Range{
		Start: wire.Position{Line: item.Range.First}, End: wire.Position{Line: item.Range.Last + 1},
	}
	if item.Kind == runner.KindFile {
		return told
	}
	// What stands before a name on its line is ASCII: indentation, keywords, a decorator's line ends.
	from := wire.Position{Line: item.NameAt.Line, Character: item.NameAt.Column}
	to := from
	to.Character += c.width(item.Name)
	told.SelectionRange = &wire.Range{Start: from, End: to}
	return told
}

// width is how many columns a name takes in the client's encoding.
func (c *connection) width(name string) int {
	if c.encoding == text.UTF8 {
		return len(name)
	}
	return len(utf16.Encode([]rune(name)))
}

func fileURI(path string) string { return string(uri.File(path)) }

// expected is how many tests a request will run, as far as the tree tells, and which workers wait
// for it.
func (c *connection) expected(request runner.Request) (total int, workers runner.WorkerCount) {
	selection := request.Selection
	for _, p := range c.eachProject(selection.IDs) {
		each := c.server.Engine.Workers(p.Key)
		workers.Ready += each.Ready
		workers.Booting += each.Booting
		workers.Running += each.Running
		if selection.Filters() || selection.Failed || selection.Last || len(selection.Labels) > 0 {
			continue
		}
		_, items := p.Tests.Items()
		for _, item := range items {
			if (item.Kind == runner.KindTest || item.Kind == runner.KindCase) && chosen(selection, item.ID) {
				total++
			}
		}
	}
	return total, workers
}

func chosen(selection runner.Selection, id runner.TestID) bool {
	holds := func(each runner.TestID) bool { return each.Holds(id) }
	return (len(selection.IDs) == 0 || slices.ContainsFunc(selection.IDs, holds)) && !slices.ContainsFunc(selection.Exclude, holds)
}
