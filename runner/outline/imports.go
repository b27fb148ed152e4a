package outline

import "strings"

// Import is one name that an import statement takes, as CPython's ast has it.
type Import struct {
	Module string // "a.b"; "" for from . import x
	Level  int    // leading dots
	Name   string // what is taken from Module, "*" for all of it, "" for import Module
	As     string // the name behind as, or ""
	Line   int    // of the statement
	// Optional and Never are those of [Def].
	Optional, Never bool
}

// inlineImport is an import statement behind a colon or a semicolon.
type inlineImport struct {
	pos, line int
	optional  bool
}

// importFollows notes the import statement behind the sign at pos, if there is one.
func (s *scanner) importFollows() {
	sign := s.src[s.pos]
	s.pos++
	s.blanks()
	if rest := s.src[s.pos:]; startsWord(rest, "import") || startsWord(rest, "from") {
		s.inline = append(s.inline, inlineImport{s.pos, s.line, sign == ':'})
	}
}

// inlineImports reads those that were noted in the logical line that ends at end.
func (s *scanner) inlineImports(p phrase, end int) {
	for _, each := range s.inline {
		s.importStatement(phrase{s.src[each.pos:end], each.line, p.outer, p.optional || each.optional})
	}
}

// importStatement reads what an import statement binds. One that is half-typed binds what
// it has got so far.
func (s *scanner) importStatement(p phrase) {
	w := words{src: p.text}
	each := Import{Line: p.line, Optional: p.optional, Never: s.never >= 0}
	if string(w.next()) == "import" {
		for more := true; more; {
			each.Module, each.As, more = w.name()
			if each.Module != "" {
				s.imports = append(s.imports, each)
			}
		}
		return
	}
	each.Level, each.Module = w.from()
	for more := string(w.next()) == "import"; more; {
		each.Name, each.As, more = w.name()
		if each.Name != "" {
			s.imports = append(s.imports, each)
		}
	}
}

// words cuts an import statement into names and single characters.
type words struct {
	src []byte
	pos int
}

// next is the next word, or nil at the statement's end. Parentheses say nothing here.
func (w *words) next() []byte {
	for w.pos < len(w.src) {
		start := w.pos
		switch c := w.src[w.pos]; {
		case c == ';':
			w.pos = len(w.src)
		case c == '#':
			for w.pos < len(w.src) && w.src[w.pos] != '\n' {
				w.pos++
			}
		case ident(c):
			for w.pos < len(w.src) && ident(w.src[w.pos]) {
				w.pos++
			}
			return w.src[start:w.pos]
		case c == '.' || c == ',' || c == '*':
			w.pos++
			return w.src[start:w.pos]
		default:
			w.pos++
		}
	}
	return nil
}

// from reads the module of a from statement, its dots counted.
func (w *words) from() (level int, module string) {
	for at := w.pos; ; at = w.pos {
		switch word := w.next(); {
		case len(word) == 1 && word[0] == '.' && module == "":
			level++
		case len(word) > 0 && string(word) != "import":
			module += string(word)
		default:
			w.pos = at
			return level, strings.TrimSuffix(module, ".")
		}
	}
}

// name reads one dotted name with its as, and tells whether a comma follows.
func (w *words) name() (name, as string, more bool) {
	for word := w.next(); word != nil; word = w.next() {
		switch {
		case word[0] == ',':
			return name, as, true
		case string(word) == "as":
			if follows := w.next(); len(follows) > 0 && ident(follows[0]) {
				as = string(follows)
			}
		default:
			name += string(word)
		}
	}
	return name, as, false
}
