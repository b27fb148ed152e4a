package lspserver

import (
	"context"
	"fmt"
	"unicode/utf16"

	"hotclub/lspserver/session"
	"hotclub/lspserver/text"
	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/project"
)

// testsAt answers hotclub/testsAt.
func (c *connection) testsAt(ctx context.Context, p wire.TestsAtParams) (wire.TestsAtAnswer, error) {
	answer := wire.TestsAtAnswer{Items: []wire.TestItem{}}
	path, err := c.path(p.URI)
	if err != nil {
		return answer, session.InvalidParams("uri: %v", err)
	}
	d := c.docs.at(path)
	session.Overlap(ctx)
	var items []runner.Item
	if d != nil {
		c.ahead.looked(d.path) // an editor without lenses asks this where others ask for them
		items = d.items()
	} else {
		owner, err := c.space.around(path)
		if err != nil {
			return answer, err
		}
		if !owner.Tests.Looked() { // the project has just been met: nothing would not be true
			if err := owner.Tests.Scan(ctx); err != nil {
				return answer, err
			}
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

// find looks for an item in the projects of the workspace, and in buffers that were not saved.
func (c *connection) find(id runner.TestID) (*project.Project, runner.Item, error) {
	if id == "" {
		return nil, runner.Item{}, session.InvalidParams("id is missing")
	}
	owners := c.eachProject([]runner.TestID{id})
	if len(owners) == 0 {
		return nil, runner.Item{}, fmt.Errorf("%s belongs to no project of this workspace", id)
	}
	if item, ok := owners[0].Tests.Find(id); ok {
		return owners[0], item, nil
	}
	for _, d := range c.docs.list() {
		for _, item := range d.items() {
			if item.ID == id {
				return owners[0], item, nil
			}
		}
	}
	return nil, runner.Item{}, fmt.Errorf("%s is not there any more", id)
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
	told.URI = string(c.fileURI(item.File))
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
			if isTest(&item) && selection.Chooses(item.ID) {
				total++
			}
		}
	}
	return total, workers
}
