package lspserver

import (
	"os"
	"path/filepath"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"hotclub/lspserver/text"
	"hotclub/runner"
)

const (
	framesShown   = 20   // related locations of a diagnostic
	messagesShown = 10   // of one test, each a diagnostic
	messageLength = 4096 // bytes of a diagnostic's text
)

// publishDiagnostics shows the failures of some files at their lines.
func (c *connection) publishDiagnostics(paths []string) {
	for _, path := range paths {
		c.screen.mu.Lock()
		failures := c.screen.failing.of(path)
		c.screen.mu.Unlock()
		p := protocol.PublishDiagnosticsParams{URI: uri.File(path), Diagnostics: []protocol.Diagnostic{}}
		d := c.docs.at(path)
		if d != nil {
			p.URI = d.uri
			p.Version = protocol.NewOptional(d.buffer.Version())
		}
		page := c.page(path, d)
		for _, one := range failures {
			p.Diagnostics = append(p.Diagnostics, page.diagnostics(one)...)
		}
		data, err := protocol.Marshal(p)
		if err != nil {
			c.log.Error("cannot be encoded", "method", protocol.MethodTextDocumentPublishDiagnostics, "err", err)
			continue
		}
		c.out.push(protocol.MethodTextDocumentPublishDiagnostics, data)
	}
}

// page is a file that diagnostics are shown in.
type page struct {
	path   string
	buffer *text.Buffer
	items  map[runner.TestID]runner.Item
}

// page takes the text of an open buffer, else that of the disk.
func (c *connection) page(path string, d *document) page {
	p := page{path: path, items: make(map[runner.TestID]runner.Item)}
	var items []runner.Item
	if d != nil {
		p.buffer, items = d.buffer, d.items()
	} else {
		data, _ := os.ReadFile(path) // a file that is gone has empty lines
		p.buffer = text.New(0, string(data), c.encoding)
		if owner, err := c.space.around(path); err == nil {
			items = owner.Tests.File(path)
		}
	}
	for _, item := range items {
		p.items[item.ID] = item
	}
	return p
}

// diagnostics makes one for each message of a failure.
func (p page) diagnostics(one failure) []protocol.Diagnostic {
	item, known := p.items[one.id]
	var list []protocol.Diagnostic
	for _, m := range one.messages[:min(len(one.messages), messagesShown)] {
		list = append(list, protocol.Diagnostic{
			Range:    p.line(p.lineOf(one, m, item, known)),
			Severity: protocol.DiagnosticSeverityError,
			Source:   protocol.NewOptional("hotclub"),
			Message:  protocol.String(diagnosticText(one, m)),

			RelatedInformation: p.related(m),
		})
	}
	return list
}

// lineOf is where a message belongs: the deepest frame in the file of the test, moved along with
// the definition since the run; else the definition.
func (p page) lineOf(one failure, m runner.Message, item runner.Item, known bool) int {
	line := -1
	for _, frame := range m.Frames {
		if frame.File == p.path {
			line = frame.Line - 1
		}
	}
	if line < 0 && m.Location != nil && m.Location.File == p.path {
		line = m.Location.Line - 1
	}
	switch {
	case line >= 0 && known && one.line >= 0 && !item.Dynamic:
		return line + item.Range.First - one.line
	case line >= 0:
		return line
	case known:
		return item.NameAt.Line
	}
	return max(0, one.line)
}

// line is the text of a line without what is around it.
func (p page) line(n int) protocol.Range {
	n = min(max(0, n), p.buffer.Lines()-1)
	text := p.buffer.Line(n)
	from := len(text) - len(strings.TrimLeft(text, " \t"))
	return protocol.Range{Start: p.buffer.At(n, from), End: p.buffer.At(n, len(strings.TrimRight(text, " \t\r")))}
}

// related are the other frames of the project, innermost first.
func (p page) related(m runner.Message) []protocol.DiagnosticRelatedInformation {
	var list []protocol.DiagnosticRelatedInformation
	for i := len(m.Frames) - 1; i >= 0 && len(list) < framesShown; i-- {
		frame := m.Frames[i]
		if !filepath.IsAbs(frame.File) || frame.Line < 1 {
			continue
		}
		at := protocol.Position{Line: uint32(frame.Line - 1)}
		list = append(list, protocol.DiagnosticRelatedInformation{
			Location: protocol.Location{URI: uri.File(frame.File), Range: protocol.Range{Start: at, End: at}},
			Message:  frame.Label,
		})
	}
	return list
}

func diagnosticText(one failure, m runner.Message) string {
	text := m.Summary
	if text == "" {
		text = m.Text
	}
	if m.Subtest != "" {
		text = m.Subtest + ": " + text
	}
	if one.line < 0 || m.Phase != "" && m.Phase != runner.PhaseCall && m.Phase != runner.PhaseSubtest {
		text = string(m.Phase) + ": " + text
	}
	text = strings.TrimPrefix(strings.TrimSpace(text), ": ")
	if m.Expected != "" || m.Actual != "" {
		text += "\nexpected: " + m.Expected + "\nactual: " + m.Actual
	}
	if len(text) > messageLength {
		text = text[:messageLength] + "…"
	}
	return strings.ToValidUTF8(text, "�")
}
