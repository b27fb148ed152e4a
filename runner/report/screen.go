package report

import "io"

// screen writes to a terminal whose last line may be live: it vanishes before anything
// else is printed. After the first error it writes no more.
type screen struct {
	w       io.Writer
	live    string // the live line as it stands there
	printed bool   // anything at all
	gap     bool   // what was printed last wants an empty line after it
	err     error
}

const (
	lineStart = "\r"
	eraseLine = "\x1b[K"
)

// line prints text that may stand close to other lines.
func (s *screen) line(text string) {
	if s.gap {
		text = "\n" + text
	}
	s.print(text)
	s.gap = false
}

// paragraph prints text with an empty line around it.
func (s *screen) paragraph(text string) {
	if s.printed {
		text = "\n" + text
	}
	s.print(text)
	s.gap = true
}

// print erases the live line in the same write, so that nobody sees the line without it.
func (s *screen) print(text string) {
	if s.live != "" {
		text = lineStart + eraseLine + text
		s.live = ""
	}
	s.printed = true
	s.write(text)
}

// redraw puts another live line in the place of the one that stands there. The rest of
// the old line is erased after the new one is drawn: erasing first flickers.
func (s *screen) redraw(live string) {
	if live == s.live {
		return
	}
	s.live = live
	s.write(lineStart + live + eraseLine)
}

func (s *screen) write(text string) {
	if s.err == nil {
		_, s.err = io.WriteString(s.w, text)
	}
}
