package lspserver

import (
	"context"
	"fmt"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"hotclub/lspserver/session"
	"hotclub/runner"
	"hotclub/runner/history"
)

// Hover tells what became of the test under the cursor when it last ran.
func (c *connection) Hover(ctx context.Context, p *protocol.HoverParams) (*protocol.Hover, error) {
	d := c.docs.get(uri.URI(p.TextDocument.URI))
	if d == nil {
		return nil, notOpen(p.TextDocument.URI)
	}
	session.Overlap(ctx)
	line := int(p.Position.Line)
	items := d.items()
	for i, item := range items {
		if item.NameAt.Line != line || !isTest(&item) && item.Kind != runner.KindClass {
			continue
		}
		value := c.hoverText(d, items[i:])
		if value == "" {
			continue
		}
		at := protocol.Range{
			Start: d.buffer.At(line, item.NameAt.Column), End: d.buffer.At(line, item.NameAt.Column+len(item.Name)),
		}
		return &protocol.Hover{Contents: &protocol.MarkupContent{Kind: c.markup, Value: value}, Range: &at}, nil
	}
	return nil, nil
}

// hoverText is about the first of some items.
func (c *connection) hoverText(d *document, items []runner.Item) string {
	t, item := c.titled(d), items[0]
	if item.Kind == runner.KindClass {
		tests := inner(items)
		if !hasTests(tests) {
			return ""
		}
		return t.group(c.bold(item.Label), tests)
	}
	past, stale, ok := t.past(item)
	if !ok {
		return c.bold(item.Label) + " has not run yet."
	}
	if c.markup != protocol.MarkupKindMarkdown {
		return logText(item.Label, past)
	}
	return pastText(item.Label, past, stale)
}

func (c *connection) bold(text string) string {
	if c.markup != protocol.MarkupKindMarkdown {
		return text
	}
	return "**" + text + "**"
}

// pastText is a last verdict in Markdown.
func pastText(label string, past history.Past, stale bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n\n%s · %s", label, verdictTitle(past), past.At.Local().Format("2006-01-02 15:04:05"))
	if past.Worker != "" {
		fmt.Fprintf(&b, " · worker %s, generation %s", past.Worker, past.Generation)
	}
	if stale {
		b.WriteString("\n\n↻ Its text has changed since.")
	}
	for _, m := range past.Messages {
		fmt.Fprintf(&b, "\n\n%s", fenced("text", m.Text))
		if m.SQL != "" {
			fmt.Fprintf(&b, "\n\n%s", fenced("sql", m.SQL))
		}
	}
	if past.Output != "" {
		fmt.Fprintf(&b, "\n\nIt printed:\n\n%s", fenced("text", past.Output))
	}
	return strings.ToValidUTF8(b.String(), "�")
}

// fenced makes a block of code of any text.
func fenced(language, text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + language + "\n" + strings.TrimRight(text, "\n") + "\n" + fence
}
