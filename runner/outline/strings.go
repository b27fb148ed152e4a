package outline

import (
	"bytes"
	"slices"
)

// identOrString skips a name, or the string that it is the prefix of.
func (s *scanner) identOrString() {
	start := s.pos
	for s.pos < len(s.src) && ident(s.src[s.pos]) {
		s.pos++
	}
	if s.pos == len(s.src) || s.src[s.pos] != '\'' && s.src[s.pos] != '"' || s.pos-start > 2 {
		return
	}
	f := false
	for _, c := range s.src[start:s.pos] {
		switch c | 0x20 {
		case 'f', 't':
			f = true
		case 'r', 'b', 'u':
		default:
			return
		}
	}
	s.str(f)
}

// str skips the string whose opening quote is at pos.
func (s *scanner) str(format bool) {
	open, line := s.pos, s.line
	quote := s.src[s.pos]
	triple := s.pos+2 < len(s.src) && s.src[s.pos+1] == quote && s.src[s.pos+2] == quote
	s.pos++
	if triple {
		s.pos += 2
		if slices.Contains(s.distrust, open) {
			s.comment() // the rest of the line is lost, no more
			return
		}
	}
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '\\':
			s.escape()
			continue
		case c == '\n':
			if !triple {
				return // unclosed: it ends with its line
			}
			s.line++
		case c == quote && !triple:
			s.pos++
			return
		case c == quote && s.pos+2 < len(s.src) && s.src[s.pos+1] == quote && s.src[s.pos+2] == quote:
			s.pos += 3
			if line != s.line {
				s.triples = append(s.triples, span{open, s.pos, s.lineIndent})
			}
			return
		case c == '{' && format:
			if s.pos+1 < len(s.src) && s.src[s.pos+1] == '{' {
				s.pos += 2
				continue
			}
			if s.replacement(quote, triple) {
				continue
			}
		}
		s.pos++
	}
	if triple {
		s.triples = append(s.triples, span{open, s.pos, s.lineIndent})
		s.openString = true
	}
}

// escape skips a backslash and what follows it, a line's end included.
func (s *scanner) escape() {
	s.pos++
	if s.pos+1 < len(s.src) && s.src[s.pos] == '\r' && s.src[s.pos+1] == '\n' {
		s.pos++
	}
	if s.pos < len(s.src) {
		if s.src[s.pos] == '\n' {
			s.line++
		}
		s.pos++
	}
}

// replacement skips one {…} of a format string. It gives up, moving nothing, where the
// braces do not pair up before the string could end.
func (s *scanner) replacement(quote byte, triple bool) bool {
	pos, line := s.pos, s.line
	depth := 0
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '{' || c == '[' || c == '(':
			depth++
		case c == '}' || c == ']' || c == ')':
			if depth--; depth == 0 {
				s.pos++
				return true
			}
		case c == '\n':
			if !triple {
				s.pos, s.line = pos, line
				return false
			}
			s.line++
		case c == '\'' || c == '"':
			if c == quote && !s.nests(quote, triple) {
				s.pos, s.line = pos, line
				return false
			}
			s.str(false)
			continue
		}
		s.pos++
	}
	s.pos, s.line = pos, line
	return false
}

// nests reports whether the quote at pos opens a string inside a replacement field, as
// Python 3.12 allows, rather than ending the format string it stands in.
func (s *scanner) nests(quote byte, triple bool) bool {
	if triple {
		return !bytes.HasPrefix(s.src[s.pos:], []byte{quote, quote, quote})
	}
	eol := bytes.IndexByte(s.src[s.pos:], '\n')
	if eol < 0 {
		eol = len(s.src) - s.pos
	}
	rest := s.src[s.pos+1 : s.pos+eol]
	i := bytes.IndexByte(rest, quote)
	return i >= 0 && bytes.IndexByte(rest[i+1:], quote) >= 0 && bytes.IndexByte(rest[i+1:], '}') >= 0
}
