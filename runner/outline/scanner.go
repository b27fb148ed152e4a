package outline

import "bytes"

// span is a string: its offsets, and the indentation of the statement that it stands in.
type span struct{ start, end, indent int }

// scanner is the state of one pass over a text.
type scanner struct {
	src  []byte
	pos  int
	line int

	defs       []Def
	imports    []Import
	assigns    []Assign
	inline     []inlineImport // of the current logical line
	open       []int          // indexes of the definitions that enclose the current line
	never      int            // indentation of the if statement whose body is never run by an import, or -1
	decorators []string
	decoLine   int
	codeLine   int // last line that held code

	triples    []span // triple-quoted strings met, for suspect
	distrust   []int  // offsets of opening quotes to be read as closed at their line's end
	openString bool
	lineIndent int

	keep     bool // the lists below are wanted
	lines    []logical
	comments []span
	colon    int // offset of the colon that ends the head of the current compound statement, or -1
}

// scan reads all of src. The quotes at the offsets in distrust are taken for strings
// that were never closed.
func scan(src []byte, distrust []int) *scanner {
	s := &scanner{src: src, distrust: distrust, decoLine: -1, codeLine: -1, never: -1}
	s.all()
	return s
}

// all reads to the end.
func (s *scanner) all() {
	src := s.src
	s.pos = len(src) - len(bytes.TrimPrefix(src, []byte("\xef\xbb\xbf")))
	for indent, ok := s.nextCode(); ok; indent, ok = s.nextCode() {
		s.statement(indent)
	}
	s.close(0)
}

// nextCode skips to the next line that holds code and measures its indentation.
func (s *scanner) nextCode() (indent int, ok bool) {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ':
			indent++
		case '\t':
			indent = (indent/8 + 1) * 8
		case '\f':
			indent = 0
		case '\r':
		case '\n':
			s.line++
			indent = 0
		case '#':
			s.comment()
			continue
		default:
			return indent, true
		}
		s.pos++
	}
	return 0, false
}

// statement reads one logical line.
func (s *scanner) statement(indent int) {
	s.lineIndent = indent
	s.close(indent)
	if indent <= s.never {
		s.never = -1
	}
	start, line := s.pos, s.line
	s.colon = -1
	if s.src[s.pos] == '@' {
		end := s.rest()
		s.note(logical{start: start, end: end, indent: indent, def: -1, inside: s.outermost()})
		if s.decoLine < 0 {
			s.decoLine = line
		}
		s.decorators = append(s.decorators, string(bytes.TrimSpace(s.src[start+1:end])))
		return
	}
	outer := s.scope()
	optional := s.optional(outer, indent)
	class, def, inside := false, -1, s.outermost()
	kind, isDef := s.keyword()
	if isDef && s.definition(kind, line, indent) {
		class, def = kind == Class, len(s.defs)-1
		s.defs[len(s.defs)-1].Optional, s.defs[len(s.defs)-1].Never = optional, s.never >= 0
	}
	s.decorators, s.decoLine, s.inline = nil, -1, s.inline[:0]
	head := s.pos
	end := s.rest()
	s.note(logical{start, end, s.colon, indent, def, inside})
	if class {
		s.defs[len(s.defs)-1].Bases = bases(s.src[head:end])
	}
	if !isDef && outer != inFunction {
		p := phrase{s.src[start:end], line, outer, optional}
		s.simple(p)
		s.inlineImports(p, end)
	}
}

// keyword skips class, def or async def.
func (s *scanner) keyword() (Kind, bool) {
	switch {
	case s.word("class"):
		return Class, true
	case s.word("def"):
		return Function, true
	case s.word("async"):
		s.blanks()
		return AsyncFunction, s.word("def")
	}
	return 0, false
}

// definition reads the name behind the keyword, if there is one already.
func (s *scanner) definition(kind Kind, line, indent int) bool {
	s.blanks()
	nameStart := s.pos
	for s.pos < len(s.src) && ident(s.src[s.pos]) {
		s.pos++
	}
	if s.pos == nameStart || s.src[nameStart] >= '0' && s.src[nameStart] <= '9' {
		return false // still being typed
	}
	d := Def{
		Kind: kind, Name: string(s.src[nameStart:s.pos]), Parent: -1,
		Line: line, FirstLine: line, EndLine: line, Decorators: s.decorators, indent: indent, body: -1,
		nameLine: s.line, nameColumn: nameStart - 1 - bytes.LastIndexByte(s.src[:nameStart], '\n'),
	}
	if s.decoLine >= 0 {
		d.FirstLine = s.decoLine
	}
	if len(s.open) > 0 {
		d.Parent = s.open[len(s.open)-1]
	}
	s.open = append(s.open, len(s.defs))
	s.defs = append(s.defs, d)
	return true
}

// bases cuts the text between the first and the matching parenthesis.
func bases(head []byte) string {
	i := bytes.IndexByte(head, '(')
	if i < 0 || bytes.IndexByte(head[:i], ':') >= 0 && bytes.IndexByte(head[:i], '[') < 0 {
		return ""
	}
	depth := 0
	for j := i; j < len(head); j++ {
		switch head[j] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				return string(bytes.TrimSpace(head[i+1 : j]))
			}
		}
	}
	return string(bytes.TrimSpace(head[i+1:]))
}

// close ends the definitions that a line with this indentation is no longer part of.
func (s *scanner) close(indent int) {
	for n := len(s.open); n > 0; n = len(s.open) {
		d := &s.defs[s.open[n-1]]
		if d.indent < indent {
			return
		}
		if s.codeLine > d.EndLine {
			d.EndLine = s.codeLine
		}
		s.open = s.open[:n-1]
	}
}

// rest reads to the end of the logical line and returns the offset of its end.
func (s *scanner) rest() (end int) {
	depth := 0
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; c {
		case '\n':
			s.codeLine = max(s.codeLine, s.line)
			s.pos++
			s.line++
			if depth == 0 || s.recovers() {
				return s.pos - 1
			}
		case '\\':
			s.pos++
			if s.pos < len(s.src) && s.src[s.pos] == '\r' {
				s.pos++
			}
			if s.pos < len(s.src) && s.src[s.pos] == '\n' {
				s.line++
				s.pos++
				if s.recovers() {
					return s.pos - 1
				}
			}
		case '#':
			s.comment()
		case '(', '[', '{':
			depth++
			s.pos++
		case ')', ']', '}':
			depth = max(depth-1, 0)
			s.pos++
		case '\'', '"':
			s.str(false)
		case ':', ';':
			if c == ':' && depth == 0 && s.colon < 0 {
				s.colon = s.pos
			}
			if depth == 0 && len(s.open) == 0 {
				s.importFollows()
			} else {
				s.pos++
			}
		default:
			if ident(c) {
				s.identOrString()
			} else {
				s.pos++
			}
		}
	}
	s.codeLine = max(s.codeLine, s.line)
	return s.pos
}
