package lspserver

import (
	"errors"
	"os"
	"strings"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/text"
	"hotclub/runner"
)

// fault is why a project does not start: an edit that broke it, at its line. What is known of its
// tests stays as it was.
type fault struct {
	failure

	at    int    // line on the disk, from 0
	text  string // of that line
	lines int    // of the file
}

// showFault shows at its line why a project does not start, until it starts again.
func (c *connection) showFault(news poolNews) {
	switch news.change.Kind {
	case runner.Booted, runner.PoolEnded:
		c.screen.update(func(f *failing) []string { return f.mended(news.project) })
	case runner.BootFailed:
		p := c.space.get(news.project)
		if p == nil || news.change.Fault == nil {
			return
		}
		if news.change.Fault.Location == nil {
			c.screen.update(func(f *failing) []string { return f.mended(news.project) })
			c.complaints.tell(p, errors.New(news.change.Fault.Text), c.complain)
			return
		}
		one := newFault(news.project, *news.change.Fault)
		c.screen.update(func(f *failing) []string { return f.broke(news.project, one) })
	}
}

func newFault(project string, m runner.Message) fault {
	one := fault{
		failure: failure{runner.TestID(project + "//"), m.Location.File, []runner.Message{m}, -1},
		at:      max(0, m.Location.Line-1),
	}
	data, _ := os.ReadFile(one.file) // a file that is gone has no lines
	buffer := text.New(0, string(data), text.UTF8)
	one.lines = buffer.Lines()
	one.at = min(one.at, one.lines-1)
	one.text = buffer.Line(one.at)
	return one
}

// broke keeps why a project does not start; it returns the files whose diagnostics are others now.
func (f *failing) broke(project string, one fault) []string {
	paths := append(f.mended(project), one.file)
	if f.faults == nil {
		f.faults = make(map[string]fault)
	}
	f.faults[project] = one
	return paths
}

// mended forgets it.
func (f *failing) mended(project string) []string {
	one, ok := f.faults[project]
	if !ok {
		return nil
	}
	delete(f.faults, project)
	return []string{one.file}
}

// faultsOf lists those of a file.
func (f *failing) faultsOf(file string) (list []fault) {
	for _, one := range f.faults {
		if one.file == file {
			list = append(list, one)
		}
	}
	return list
}

// line is where the faulty line stands in a text, moved along with edits before it; it is not there
// any more once it was edited itself.
func (one fault) line(buffer *text.Buffer) (line int, there bool) {
	for _, line := range []int{one.at, one.at + buffer.Lines() - one.lines} {
		if line >= 0 && line < buffer.Lines() && buffer.Line(line) == one.text {
			return line, true
		}
	}
	return 0, false
}

// fault makes the diagnostic of an edit that keeps the project from starting.
func (p page) fault(one fault) []protocol.Diagnostic {
	line, there := one.line(p.buffer)
	if !there {
		return nil
	}
	m := one.messages[0]
	message := strings.TrimRight(diagnosticText(one.failure, m), "\n") + "\nThe project does not start until this is mended."
	return []protocol.Diagnostic{{
		Range: p.line(line), Severity: protocol.DiagnosticSeverityError, Source: protocol.NewOptional("hotclub"),
		Message: protocol.String(message), RelatedInformation: p.related(m),
	}}
}
