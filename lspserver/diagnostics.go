package lspserver

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/text"
	"hotclub/runner"
)

const (
	framesShown   = 20   // related locations of a diagnostic
	messagesShown = 10   // of one test, each a diagnostic
	messageLength = 4096 // bytes of a diagnostic's text
)

// publishDiagnostics shows the failures of a file at their lines, and what keeps a project from
// starting.
func (c *connection) publishDiagnostics(path string, failures []failure, faults []fault) {
	p := protocol.PublishDiagnosticsParams{URI: c.fileURI(path), Diagnostics: []protocol.Diagnostic{}}
	d := c.docs.at(path)
	if d != nil {
		p.URI = d.uri
		if c.versionsDiagnostics {
			p.Version = protocol.NewOptional(d.buffer.Version())
		}
	}
	if len(failures)+len(faults) > 0 { // its project may have left: nothing is to be looked at then
		page := c.page(path, d)
		for _, one := range faults {
			p.Diagnostics = append(p.Diagnostics, page.fault(one)...)
		}
		for _, one := range failures {
			p.Diagnostics = append(p.Diagnostics, page.diagnostics(one)...)
		}
	}
	data, err := protocol.Marshal(p)
	if err != nil {
		c.log.Error("cannot be encoded", "method", protocol.MethodTextDocumentPublishDiagnostics, "err", err)
		return
	}
	c.out.push(protocol.MethodTextDocumentPublishDiagnostics, data)
}

// page is a file that diagnostics are shown in.
type page struct {
	path    string
	buffer  *text.Buffer
	items   map[runner.TestID]runner.Item
	gone    func(runner.TestID) bool // a test was in the file, and is not in the buffer any more
	related func(runner.Message) []protocol.DiagnosticRelatedInformation
}

// page takes the text of an open buffer, else that of the disk.
func (c *connection) page(path string, d *document) page {
	p := page{path: path, items: make(map[runner.TestID]runner.Item), gone: never, related: c.related}
	var items []runner.Item
	if d != nil {
		p.buffer, items = d.buffer, d.items()
		if owner := d.project(); owner != nil {
			p.gone = func(id runner.TestID) bool {
				saved, ok := owner.Tests.Find(id)
				return ok && saved.File == path && !saved.Dynamic
			}
		}
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

func never(runner.TestID) bool { return false }

// diagnostics makes one for each message of a failure.
func (p page) diagnostics(one failure) []protocol.Diagnostic {
	item, known := p.items[one.id]
	if !known && p.gone(one.id) {
		return nil
	}
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
	case line >= 0 && known && !one.wide() && !item.Dynamic:
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

// related are the frames of the project, innermost first.
func (c *connection) related(m runner.Message) []protocol.DiagnosticRelatedInformation {
	if !c.relatesDiagnostics {
		return nil
	}
	var list []protocol.DiagnosticRelatedInformation
	for _, frame := range slices.Backward(m.Frames) {
		if !frame.Own || !filepath.IsAbs(frame.File) || frame.Line < 1 || len(list) == framesShown {
			continue
		}
		at := protocol.Position{Line: uint32(frame.Line - 1)}
		list = append(list, protocol.DiagnosticRelatedInformation{
			Location: protocol.Location{URI: c.fileURI(frame.File), Range: protocol.Range{Start: at, End: at}},
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
	if one.wide() || m.Phase != "" && m.Phase != runner.PhaseCall && m.Phase != runner.PhaseSubtest {
		text = string(m.Phase) + ": " + text
	}
	text = strings.TrimPrefix(strings.TrimSpace(text), ": ")
	if both := compared(m); both != "" {
		text += "\n" + both
	}
	if len(text) > messageLength {
		text = text[:messageLength] + "…"
	}
	return strings.ToValidUTF8(text, "�")
}

// compared tells what a test expected and what came, "" where nothing was compared. Values of several
// lines stand below their names, or their first lines would not be in line with the others.
func compared(m runner.Message) string {
	if m.Expected == "" && m.Actual == "" {
		return ""
	}
	gap := " "
	if strings.Contains(m.Expected+m.Actual, "\n") {
		gap = "\n"
	}
	return "expected:" + gap + m.Expected + "\nactual:" + gap + m.Actual
}
