package report

import (
	"fmt"
	"strings"

	"hotclub/runner"
)

// page collects the lines of one thing to print, so that it reaches the terminal whole.
type page struct {
	strings.Builder
	palette
	root  string
	full  bool            // nothing is left out
	shown runner.Location // of the last excerpt
}

// indent sets everything below the header of a test apart from it.
const indent = "  "

func (p *page) line(parts ...string) {
	for _, part := range parts {
		p.WriteString(part)
	}
	p.WriteByte('\n')
}

// part begins a part of a failure: an empty line above it.
func (p *page) part() { p.WriteByte('\n') }

// oneLine makes a label or a reason safe to stand within a line.
func oneLine(text string) string {
	return strings.Join(strings.Fields(clean(text, false)), " ")
}

// longestLine is how many columns of a recorded line are shown.
const longestLine = 2000

// limited returns the first and the last lines of a text, at most head and tail of
// them, and how many it left out between them.
func (p *page) limited(text string, head, tail int) (first, last []string, left int) {
	all := lines(text)
	if p.full {
		return all, nil, 0
	}
	for i, line := range all {
		if taken, rest := take(line, longestLine); rest != "" {
			all[i] = taken + "…"
		}
	}
	if len(all) <= head+tail+1 { // one line is no shorter than the mark in its place
		return all, nil, 0
	}
	return all[:head], all[len(all)-tail:], len(all) - head - tail
}

// frame draws recorded text with a bar at its left, so that a test that prints "FAILED"
// is not taken for the report.
func (p *page) frame(title, text string, head, tail int) {
	text = clean(strings.TrimRight(text, " \t\r\n"), bool(p.palette))
	if text == "" {
		return
	}
	first, last, left := p.limited(text, head, tail)
	p.part()
	p.line(indent, p.paint(dim, "╭─ "+title))
	carried := ""
	for _, line := range first {
		carried = p.framed(carried, line)
	}
	if left > 0 {
		p.line(indent, p.paint(dim, fmt.Sprintf("┆ … %d lines left out, -v 2 shows them …", left)))
	}
	for _, line := range last {
		carried = p.framed(carried, line)
	}
	p.line(indent, p.paint(dim, "╰─"))
}

// framed writes one line in the colours that the line before it left on, and returns
// those that it leaves on itself, so that no colour runs into the bar.
func (p *page) framed(carried, line string) string {
	if !p.palette {
		p.line(indent, strings.TrimRight("│ "+line, " "))
		return ""
	}
	p.line(indent, p.paint(dim, "│"), " ", carried, line, resetAfter(carried+line))
	return colorsLeft(carried + line)
}

func resetAfter(text string) string {
	if strings.IndexByte(text, escape) < 0 {
		return ""
	}
	return "\x1b[0m"
}

// colorsLeft returns the sequences of text that follow its last reset.
func colorsLeft(text string) string {
	var left strings.Builder
	for {
		i := strings.IndexByte(text, escape)
		if i < 0 {
			break
		}
		n := sequenceLen(text[i:])
		sequence := text[i : i+n]
		if sequence == "\x1b[m" || strings.HasPrefix(sequence, "\x1b[0") {
			left.Reset()
		}
		if left.Len() < 256 {
			left.WriteString(sequence)
		}
		text = text[i+n:]
	}
	return strings.TrimSuffix(strings.TrimPrefix(left.String(), "\x1b[0m"), "\x1b[m")
}
