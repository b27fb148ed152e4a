package report

import (
	"strings"
	"unicode"
)

// palette paints text with SGR sequences, or leaves it alone when it is false.
type palette bool

const (
	plain   = ""
	bold    = "1"
	dim     = "2"
	red     = "31"
	boldRed = "1;31"
	green   = "32"
	okay    = "1;32"
	yellow  = "33"
	cyan    = "36"
	changed = "7" // the part of a line that differs
)

func (p palette) paint(style, text string) string {
	if !bool(p) || style == plain || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// piece is text in one style; a line that must fit a width is built of them, since the
// sequences of painted text have no width of their own.
type piece struct{ style, text string }

// fit paints as many of the pieces as columns allow and ends cut ones with "…".
func (p palette) fit(pieces []piece, columns int) string {
	var b strings.Builder
	for _, piece := range pieces {
		taken, rest := take(piece.text, columns)
		if rest == "" {
			b.WriteString(p.paint(piece.style, taken))
			columns -= columnsOf(taken)
			continue
		}
		taken, _ = take(piece.text, columns-1)
		if columns > 0 {
			b.WriteString(p.paint(piece.style, taken+"…"))
		}
		break
	}
	return b.String()
}

// take cuts text after so many columns.
func take(text string, columns int) (taken, rest string) {
	for i, r := range text {
		if columns -= runeColumns(r); columns < 0 {
			return text[:i], text[i:]
		}
	}
	return text, ""
}

func columnsOf(text string) int {
	columns := 0
	for _, r := range text {
		columns += runeColumns(r)
	}
	return columns
}

// runeColumns returns how many cells of a terminal r takes.
func runeColumns(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// wide is what takes two cells, roughly (Unicode's East_Asian_Width W and F): a cut
// live line may end a cell early, but must not wrap.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115f, Stride: 1},
		{Lo: 0x231a, Hi: 0x231b, Stride: 1},
		{Lo: 0x23e9, Hi: 0x23ff, Stride: 1},
		{Lo: 0x25fd, Hi: 0x27bf, Stride: 1},
		{Lo: 0x2b1b, Hi: 0x2b55, Stride: 1},
		{Lo: 0x2e80, Hi: 0xa4cf, Stride: 1},
		{Lo: 0xa960, Hi: 0xa97c, Stride: 1},
		{Lo: 0xac00, Hi: 0xd7a3, Stride: 1},
		{Lo: 0xf900, Hi: 0xfaff, Stride: 1},
		{Lo: 0xfe30, Hi: 0xfe6f, Stride: 1},
		{Lo: 0xff00, Hi: 0xff60, Stride: 1},
		{Lo: 0xffe0, Hi: 0xffe6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x16fe0, Hi: 0x18aff, Stride: 1},
		{Lo: 0x1aff0, Hi: 0x1b2ff, Stride: 1},
		{Lo: 0x1f000, Hi: 0x1faff, Stride: 1},
		{Lo: 0x20000, Hi: 0x3fffd, Stride: 1},
	},
}
