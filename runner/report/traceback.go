package report

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hotclub/runner"
)

// frameLine is the first line of a frame, also within an exception group, whose lines
// begin with bars.
var frameLine = regexp.MustCompile(`^([ |]*File ")([^"]+)(", line )(\d+)(.*)$`)

// exceptionLine is the line that a traceback leads to: "ValueError: no", "shop.Refused".
var exceptionLine = regexp.MustCompile(`^[\pL_][\pL\pN_.]*(:|$)`)

// traceback shows it as Python formatted it, with the frames of libraries dimmed.
func (p *page) traceback(m runner.Message, compared bool) {
	text := clean(strings.TrimRight(m.Text, "\r\n"), false)
	if text == "" {
		text = clean(m.Summary, false)
	}
	if text == "" {
		return
	}
	if compared && !p.full {
		text = withoutDiff(text)
	}
	p.part()
	first, last, left := p.limited(text, 40, 80)
	own := true
	for _, line := range first {
		own = p.tracebackLine(m, line, own)
	}
	if left > 0 {
		p.line(indent, p.paint(dim, fmt.Sprintf("… %d lines left out, -v 2 shows them …", left)))
	}
	for _, line := range last {
		own = p.tracebackLine(m, line, own)
	}
}

// tracebackLine returns whether the lines that follow belong to the project.
func (p *page) tracebackLine(m runner.Message, line string, own bool) bool {
	style := plain
	switch match := frameLine.FindStringSubmatch(line); {
	case match != nil:
		own = p.isOwn(m, match[2], match[4])
		line = match[1] + relative(p.root, match[2]) + match[3] + match[4] + match[5]
	case strings.HasPrefix(line, "Traceback (most recent call last):"):
		style, own = dim, true
	case exceptionLine.MatchString(line):
		style, own = red, true
	}
	if !own {
		style = dim
	}
	if line == "" {
		p.line()
	} else {
		p.line(indent, p.paint(style, line))
	}
	return own
}

// isOwn asks the frames that the worker sent, and guesses by the path where it sent none.
func (p *page) isOwn(m runner.Message, file, number string) bool {
	line, _ := strconv.Atoi(number)
	for _, frame := range m.Frames {
		if frame.File == file && frame.Line == line {
			return frame.Own
		}
	}
	return relative(p.root, file) != file && !strings.Contains(file, "site-packages")
}

// withoutDiff cuts the comparison that unittest wrote below the exception, since a
// better one stands above it already. What else stands there, as the message that the
// test gave, remains.
func withoutDiff(text string) string {
	all := strings.Split(text, "\n")
	last := lastException(all)
	if last < 0 {
		return text
	}
	first := slices.IndexFunc(all[last+1:], isEdit)
	if first < 0 {
		return text
	}
	from, to := last+1+first, last+1+first
	for from > last+1 && isContext(all[from-1]) {
		from--
	}
	for to < len(all) && (isEdit(all[to]) || isContext(all[to])) {
		to++
	}
	return strings.TrimRight(strings.Join(slices.Delete(all, from, to), "\n"), "\n")
}

// lastException returns the index of the line after the last frame that names the
// exception, or -1.
func lastException(all []string) int {
	after := 0
	for i, line := range all {
		if frameLine.MatchString(line) {
			after = i + 1
		}
	}
	if i := slices.IndexFunc(all[after:], exceptionLine.MatchString); i >= 0 {
		return after + i
	}
	return -1
}

// isEdit recognises difflib.ndiff's marks.
func isEdit(line string) bool {
	return strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "+ ") || strings.HasPrefix(line, "? ") ||
		line == "-" || line == "+"
}

func isContext(line string) bool { return line == "" || strings.HasPrefix(line, "  ") }
