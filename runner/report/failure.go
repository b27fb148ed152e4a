package report

import (
	"fmt"
	"strconv"
	"strings"

	"hotclub/runner"
)

// manyMessages is how many failed subtests of one test are shown in full.
const manyMessages = 10

// failure lays out one bad result. earlier names a result that had the very same error.
func (p *page) failure(r result, earlier string) {
	p.header(r)
	if earlier != "" {
		p.line(indent, p.paint(dim, "the same error as in "+oneLine(earlier)+", above"))
		return
	}
	p.messages(r)
	p.frame("output", r.output, 20, 80)
}

func (p *page) messages(r result) {
	messages := r.verdict.Messages
	if len(messages) == 0 {
		p.line(indent, withoutMessage(r.verdict))
	}
	for i, message := range messages {
		if i == manyMessages && !p.full {
			p.part()
			left := count(len(messages)-i, "more message", "more messages")
			p.line(indent, p.paint(dim, "… "+left+", -v 2 shows all"))
			return
		}
		if i > 0 {
			p.part()
		}
		p.message(r, message)
	}
}

func withoutMessage(verdict runner.Verdict) string {
	switch {
	case verdict.Reason != "":
		return oneLine(verdict.Reason)
	case verdict.State == runner.XPassed:
		return "passed, although expectedFailure announced a failure"
	}
	return "no message came with this verdict"
}

// header is the line that people search for: word, label and the numbers.
func (p *page) header(r result) {
	state := r.verdict.State
	p.WriteString(p.paint(statusStyles[state], statusWords[state]) + " " + p.paint(bold, oneLine(r.label)))
	if numbers := numbers(r); len(numbers) > 0 {
		p.WriteString(p.paint(dim, "  ("+strings.Join(numbers, ", ")+")"))
	}
	p.line()
}

func numbers(r result) []string {
	var numbers []string
	if r.kind != runner.KindTest {
		numbers = append(numbers, oneLine(r.name))
	}
	if r.verdict.DurationMs > 0 {
		numbers = append(numbers, duration(r.verdict.DurationMs))
	}
	if n := r.verdict.Queries; n > 0 {
		numbers = append(numbers, count(n, "query", "queries"))
	}
	if worker := r.verdict.Worker; worker != "" {
		numbers = append(numbers, "worker "+oneLine(worker))
	}
	return numbers
}

// message lays out where, what was expected, and how it came to that. Subtests mostly
// fail at one line, whose excerpt stands there once.
func (p *page) message(r result, m runner.Message) {
	p.where(r, m)
	if m.Location != nil && *m.Location != p.shown {
		p.shown = *m.Location
		p.excerpt(*m.Location)
	}
	compared := m.Expected != "" || m.Actual != ""
	if compared {
		p.part()
		p.comparison(m.Expected, m.Actual)
	}
	p.traceback(m, compared)
	p.frame("SQL", m.SQL, 40, 40)
}

// where is a line that editors and terminals make a link of, and the part of the test.
func (p *page) where(r result, m runner.Message) {
	var parts []string
	switch {
	case m.Location != nil:
		parts = append(parts, p.paint(cyan, p.position(m.Location.File, m.Location.Line)))
	case r.file != "":
		parts = append(parts, p.paint(cyan, p.position(r.file, r.line)))
	}
	if m.Subtest != "" {
		parts = append(parts, "subtest "+p.paint(bold, oneLine(m.Subtest)))
	}
	if words := phaseWords(m.Phase); words != "" && string(m.Phase) != r.name {
		parts = append(parts, p.paint(dim, words))
	}
	if len(parts) > 0 {
		p.line(indent, strings.Join(parts, "  "))
	}
}

func (p *page) position(file string, line int) string {
	file = oneLine(relative(p.root, file))
	if line < 1 {
		return file
	}
	return file + ":" + strconv.Itoa(line)
}

// phaseWords says where it happened when that is not simply the test's own body.
func phaseWords(phase runner.Phase) string {
	switch phase {
	case "", runner.PhaseCall, runner.PhaseSubtest:
		return ""
	case runner.PhaseImport:
		return "while importing"
	case runner.PhaseWorker:
		return "the worker died"
	case runner.PhaseDatabase:
		return "its database could not be had"
	case runner.PhaseTimeout:
		return "over its time limit"
	}
	return "in " + oneLine(string(phase))
}

// excerpt shows the line and two around it, as they are on the disk now.
func (p *page) excerpt(at runner.Location) {
	found := excerpt(at.File, at.Line, 2)
	if len(found) == 0 {
		return
	}
	p.part()
	digits := len(strconv.Itoa(found[len(found)-1].number))
	for _, l := range found {
		number, mark, style := fmt.Sprintf("%*d", digits, l.number), " ", dim
		if l.number == at.Line {
			mark, style = p.paint(boldRed, "▶"), bold
		}
		bar := p.paint(dim, number+" │")
		if l.text == "" {
			p.line(indent, mark, " ", bar)
			continue
		}
		p.line(indent, mark, " ", bar, " ", p.paint(style, l.text))
	}
}
