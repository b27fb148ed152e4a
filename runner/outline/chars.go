package outline

import "bytes"

// comment skips to the end of the line.
func (s *scanner) comment() {
	start := s.pos
	if i := bytes.IndexByte(s.src[s.pos:], '\n'); i >= 0 {
		s.pos += i
	} else {
		s.pos = len(s.src)
	}
	if s.keep {
		s.comments = append(s.comments, span{start, s.pos, 0})
	}
}

// blanks skips to the next word of a statement.
func (s *scanner) blanks() {
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == ' ' || c == '\t' || c == '\f':
			s.pos++
		case c == '\\' && s.pos+1 < len(s.src) && s.src[s.pos+1] == '\n':
			s.pos += 2
			s.line++
		default:
			return
		}
	}
}

// word skips the keyword w at pos, if it stands there.
func (s *scanner) word(w string) bool {
	if !startsWord(s.src[s.pos:], w) {
		return false
	}
	s.pos += len(w)
	return true
}

// startsWord reports whether b begins with w as a whole word.
func startsWord(b []byte, w string) bool {
	return len(b) >= len(w) && string(b[:len(w)]) == w && (len(b) == len(w) || !ident(b[len(w)]))
}

// ident reports whether c may be part of a name; all of UTF-8 beyond ASCII may.
func ident(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}
