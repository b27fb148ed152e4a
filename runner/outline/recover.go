package outline

import "bytes"

// recovers reports whether the line at pos can only be a new statement, although a
// bracket is still open: it starts with def, class or a decorator and is not indented
// deeper than the statement that opened the bracket.
func (s *scanner) recovers() bool {
	i, indent := s.pos, 0
	for i < len(s.src) && (s.src[i] == ' ' || s.src[i] == '\t') {
		if s.src[i] == '\t' {
			indent = (indent/8 + 1) * 8
		} else {
			indent++
		}
		i++
	}
	if indent > s.lineIndent {
		return false
	}
	rest := s.src[i:]
	return startsWord(rest, "def") || startsWord(rest, "class") || startsWord(rest, "async") ||
		len(rest) > 1 && rest[0] == '@' && ident(rest[1]) && indent == s.lineIndent
}

// stringAround finds the multi-line string that holds an offset, or -1.
func (s *scanner) stringAround(offset int) int {
	for _, t := range s.triples {
		if t.start <= offset && offset < t.end {
			return t.start
		}
	}
	return -1
}

// suspect picks the multi-line string that is most likely the unclosed one: the first
// whose text holds a definition that is not indented deeper than its own statement.
func (s *scanner) suspect() int {
	for _, t := range s.triples {
		text := s.src[t.start:t.end]
		for i := bytes.IndexByte(text, '\n'); i >= 0 && i+1 < len(text); {
			sub := scanner{src: text, pos: i + 1, lineIndent: t.indent}
			if sub.recovers() {
				return t.start
			}
			j := bytes.IndexByte(text[i+1:], '\n')
			if j < 0 {
				break
			}
			i += j + 1
		}
	}
	return -1
}
