package lspserver

import (
	"context"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"hotclub/lspserver/session"
	"hotclub/runner"
)

// CodeAction offers the runs of the lenses to editors that show none.
func (c *connection) CodeAction(ctx context.Context, p *protocol.CodeActionParams) ([]protocol.CommandOrCodeAction, error) {
	d := c.docs.get(uri.URI(p.TextDocument.URI))
	if d == nil {
		return nil, notOpen(p.TextDocument.URI)
	}
	session.Overlap(ctx)
	items := d.items()
	if len(items) == 0 || !wantsActions(p.Context.Only) {
		return nil, nil
	}
	var actions []protocol.CommandOrCodeAction
	offer := func(item runner.Item, command, title string) {
		do := c.lens(d, item, command, title).Command
		if c.knowsActions {
			actions = append(actions, &protocol.CodeAction{Title: title, Command: do})
		} else {
			actions = append(actions, &do)
		}
	}
	for _, item := range chain(items, int(p.Range.Start.Line)) {
		offer(item, "hotclub.run", "Run "+item.Name)
		if c.does("hotclub.debug") && item.Kind != runner.KindClass {
			offer(item, "hotclub.debug", "Debug "+item.Name)
		}
		if c.does("hotclub.runInTerminal") {
			offer(item, "hotclub.runInTerminal", "Run "+item.Name+" in the terminal")
		}
		if _, ran := d.project().History.Past(item.Label); ran {
			offer(item, "hotclub.showOutput", "Show the log of "+item.Name)
		}
	}
	offer(items[0], "hotclub.runFile", "Run all tests of this file")
	offer(items[0], "hotclub.runFailed", "Run the failed tests of this file")
	offer(items[0], "hotclub.runAffected", "Run the tests of this file that edits can have changed")
	if c.watching.has(d.path) {
		offer(items[0], "hotclub.toggleWatch", "Stop watching this file")
	} else {
		offer(items[0], "hotclub.toggleWatch", "Watch this file: run its tests at every save")
	}
	return actions, nil
}

// wantsActions reports whether an editor asks for more than the kinds of LSP, to which none of
// these belongs.
func wantsActions(only []protocol.CodeActionKind) bool {
	if len(only) == 0 {
		return true
	}
	for _, kind := range only {
		if kind == "" {
			return true
		}
	}
	return false
}

// chain is the test around a line and the classes around that, innermost first.
func chain(items []runner.Item, line int) []runner.Item {
	var found []runner.Item
	for i := len(items) - 1; i > 0; i-- {
		item := items[i]
		if (item.Defined || item.Kind == runner.KindCase) && item.Range.Holds(line) && (item.Kind != runner.KindClass || hasTests(inner(items[i:]))) {
			found = append(found, item)
		}
	}
	return found
}
