package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes recorded text safe to print: valid UTF-8 whose only control characters
// are \n and \t. Whole escape sequences go, not only their ESC, so that no parameters
// stay behind as litter. With colors, SGR sequences ("\x1b[31m") stay.
func clean(s string, colors bool) string {
	if harmless(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == escape:
			size = sequenceLen(s[i:])
			if colors && isColor(s[i:i+size]) {
				b.WriteString(s[i : i+size])
			}
		case r == '\r':
			// A bare one would let a line overwrite itself: "FAILED\rpassed".
			if next := s[i+1:]; next != "" && next[0] != '\n' && next[0] != '\r' {
				b.WriteByte('\n')
			}
		case r == '\n' || r == '\t' || !forbidden(r):
			b.WriteRune(r) // an invalid byte has become U+FFFD here
		}
		i += size
	}
	return b.String()
}

const escape = '\x1b'

// harmless is the quick answer for nearly all text: printable ASCII.
func harmless(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x7f || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// forbidden reports whether a terminal could act on r or show the text around it in
// another order than it has: C0, C1, DEL, and the directional overrides and isolates.
func forbidden(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// sequenceLen returns the length of the escape sequence at the start of s, which begins
// with ESC (ECMA-48, section 5.4 and 5.6). Of a broken one it returns the intact part.
func sequenceLen(s string) int {
	if len(s) < 2 {
		return len(s)
	}
	switch c := s[1]; {
	case c == '[':
		return finalByte(s, span(s, span(s, 2, 0x30, 0x3f), 0x20, 0x2f), 0x40)
	case strings.IndexByte("]PX^_", c) >= 0:
		return stringLen(s)
	case c >= 0x20 && c <= 0x2f:
		return finalByte(s, span(s, 1, 0x20, 0x2f), 0x30)
	case c >= 0x30 && c <= 0x7e:
		return 2
	}
	return 1
}

// span returns the index of the first byte from i on that is not within lo and hi.
func span(s string, i int, lo, hi byte) int {
	for i < len(s) && s[i] >= lo && s[i] <= hi {
		i++
	}
	return i
}

// finalByte includes the byte at i when it can end a sequence.
func finalByte(s string, i int, lo byte) int {
	if i < len(s) && s[i] >= lo && s[i] <= 0x7e {
		return i + 1
	}
	return i
}

// longestString is how far the end of a control string (a title, a link, an image) is
// looked for; text after an unterminated one must not vanish.
const longestString = 4096

// stringLen returns the length of a control string with its terminator, BEL or ESC \.
// When none comes, only the introducer counts.
func stringLen(s string) int {
	for i := 2; i < len(s) && i < longestString; i++ {
		switch {
		case s[i] == '\a':
			return i + 1
		case s[i] == escape && i+1 < len(s) && s[i+1] == '\\':
			return i + 2
		}
	}
	return 2
}

// isColor reports whether an escape sequence only changes how text looks.
func isColor(sequence string) bool {
	params, ok := strings.CutPrefix(sequence, "\x1b[")
	params, final := strings.CutSuffix(params, "m")
	return ok && final && len(params) <= 32 && strings.Trim(params, "0123456789;:") == ""
}
