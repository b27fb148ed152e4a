package lspserver

import (
	"context"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"hotclub/lspserver/session"
	"hotclub/runner"
)

// casesShown is how many cases of one test method get a lens of their own.
const casesShown = 8

// lensData is the argument of a lens's command. It also lets the lens be resolved: its title may be
// another by then.
type lensData struct {
	URI     uri.URI       `json:"uri"`
	ID      runner.TestID `json:"id"`
	Command string        `json:"command"`
}

// encoded is its JSON, put together by hand: a long file has hundreds, at every keystroke.
func (l lensData) encoded() protocol.LSPAny {
	data := make([]byte, 0, len(l.URI)+len(l.ID)+len(l.Command)+40)
	for i, member := range []struct{ name, value string }{{"uri", string(l.URI)}, {"id", string(l.ID)}, {"command", l.Command}} {
		data = append(data, "{,,"[i])
		data = append(append(append(data, '"'), member.name...), `":`...)
		data, _ = jsontext.AppendQuote(data, member.value) // what is not UTF-8 is replaced
	}
	return append(data, '}')
}

// CodeLens hangs a lens over the file, its classes and its tests.
func (c *connection) CodeLens(ctx context.Context, p *protocol.CodeLensParams) ([]protocol.CodeLens, error) {
	d := c.docs.get(uri.URI(p.TextDocument.URI))
	if d == nil {
		return nil, notOpen(p.TextDocument.URI)
	}
	c.ahead.looked(d.path)
	session.Overlap(ctx)
	if !c.wantsLenses() {
		return nil, nil
	}
	return c.lensesOf(d), nil
}

func (c *connection) wantsLenses() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lenses
}

func (c *connection) lensesOf(d *document) []protocol.CodeLens {
	items := d.items()
	if len(items) == 0 {
		return nil
	}
	t := c.titled(d)
	lenses := c.fileLenses(d, t, items)
	places := make(places)
	for i, item := range items {
		switch {
		case item.Kind == runner.KindClass:
			if tests := inner(items[i:]); hasTests(tests) {
				lenses = append(lenses, c.lens(d, item, "hotclub.run", t.group("▶ Run class", tests)))
			}
		case isTest(&item) && places.has(item):
			lenses = append(lenses, c.lens(d, item, "hotclub.run", t.test(item)))
			if c.does("hotclub.debug") {
				lenses = append(lenses, c.lens(d, item, "hotclub.debug", "Debug"))
			}
		}
	}
	return lenses
}

// places counts the cases of one method that have a lens, by where the method's name stands.
type places map[runner.Position]int

// has reports whether a test has lines of its own in this file: one that is inherited or
// generated would hang its lens over the class. Of the cases of one method the first have.
func (p places) has(test runner.Item) bool {
	if test.Kind != runner.KindCase {
		return test.Defined
	}
	p[test.NameAt]++
	return p[test.NameAt] <= casesShown
}

// fileLenses stand at the head of the file.
func (c *connection) fileLenses(d *document, t titled, items []runner.Item) []protocol.CodeLens {
	file := items[0]
	tests := inner(items)
	head := file
	head.Range, head.NameAt = runner.Lines{}, runner.Position{}
	lenses := make([]protocol.CodeLens, 0, len(items)+2)
	lenses = append(lenses, c.lens(d, head, "hotclub.runFile", t.group("▶ Run file", tests)))
	if t.failed(tests) {
		lenses = append(lenses, c.lens(d, head, "hotclub.runFailed", "Run failed"))
	}
	title := "Watch"
	if c.watching.has(d.path) {
		title = "Watching · stop"
	}
	return append(lenses, c.lens(d, head, "hotclub.toggleWatch", title))
}

// inner are the items inside of the first one, which stand right behind it. They are not copied:
// that would be felt at every keystroke.
func inner(items []runner.Item) []runner.Item {
	end := 1
	for end < len(items) && items[0].ID.Holds(items[end].ID) {
		end++
	}
	return items[1:end]
}

func hasTests(items []runner.Item) bool {
	for i := range items {
		if isTest(&items[i]) {
			return true
		}
	}
	return false
}

func (c *connection) lens(d *document, item runner.Item, command, title string) protocol.CodeLens {
	data := lensData{d.uri, item.ID, command}.encoded()
	line := item.Range.First
	return protocol.CodeLens{
		Range:   protocol.Range{Start: d.buffer.At(line, 0), End: d.buffer.At(line, len(d.buffer.Line(line)))},
		Command: protocol.Command{Title: title, Command: command, Arguments: []protocol.LSPAny{data}},
	}
}

// CodeLensResolve gives a lens its title as it would be now.
func (c *connection) CodeLensResolve(ctx context.Context, lens *protocol.CodeLens) (*protocol.CodeLens, error) {
	data, err := meant(lens)
	if err != nil {
		return nil, session.InvalidParams("arguments of the lens: %v", err)
	}
	d := c.docs.get(data.URI)
	if d == nil {
		return lens, nil
	}
	session.Overlap(ctx)
	for _, now := range c.lensesOf(d) {
		if other, err := meant(&now); err == nil && other == data {
			lens.Command = now.Command
		}
	}
	return lens, nil
}

// meant is what a lens is about.
func meant(lens *protocol.CodeLens) (data lensData, err error) {
	if len(lens.Command.Arguments) > 0 {
		err = decodeAny(lens.Command.Arguments[0], &data)
	}
	return data, err
}

func (c *connection) titled(d *document) titled {
	t := titled{activity: &c.server.activity, project: d.project()}
	t.since = func(item runner.Item) (time.Time, bool) { return d.saved.since(d, item) }
	if items := d.items(); len(items) > 0 {
		t.broken = items[0].Error
	}
	return t
}

// does reports whether the client carries a command out itself.
func (c *connection) does(command string) bool { return slices.Contains(c.commands, command) }

// refreshLenses has the editor ask again, if it can be asked to.
func (c *connection) refreshLenses() {
	if !c.refreshesLenses {
		return
	}
	c.ahead.refresh()
	// An editor may take its time; what changes meanwhile is the next refresh.
	ctx, cancel := context.WithTimeout(c.session.Context(), refreshPatience)
	defer cancel()
	if err := c.session.Client.CodeLensRefresh(ctx); err != nil && c.session.Context().Err() == nil {
		c.log.Info("the client does not refresh its lenses", "err", err)
	}
}

const refreshPatience = 5 * time.Second
