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

// blame reads again a text that ends inside a string. What was typed last has made it so,
// and everything before it was in order: either the string around the edit has lost its
// closing quotes, or its opening ones are gone and the next quotes, which used to close
// it, open one instead. The reading that leaves the most code is taken.
func (s *scanner) blame(edited int) *scanner {
	best := s
	for _, t := range s.triples {
		if t.end <= edited {
			continue
		}
		if again := scan(s.src, []int{t.start}); again.better(best) {
			best = again
		}
		if t.start >= edited {
			break
		}
	}
	return best
}

func (s *scanner) better(than *scanner) bool {
	if s.openString != than.openString {
		return than.openString
	}
	return len(s.defs) > len(than.defs)
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
