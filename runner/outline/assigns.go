package outline

import "bytes"

// AssignKind tells how a statement changes what a name means.
type AssignKind uint8

const (
	Set     AssignKind = iota // name = value, name: annotation = value
	Extend                    // name += value
	Deleted                   // del name
)

// Assign is a statement that gives one name of a module or a class another meaning.
type Assign struct {
	Kind   AssignKind
	Parent int // index of the class that it stands in, or -1
	Name   string
	Value  string // text of the value, comments included; "" for Deleted
	Line   int
	// Optional and Never are those of [Def].
	Optional, Never bool
}

// scope says what the current line belongs to: inFunction, inModule, or a class by its index.
func (s *scanner) scope() int {
	if len(s.open) == 0 {
		return inModule
	}
	for _, i := range s.open {
		if s.defs[i].Kind != Class {
			return inFunction
		}
	}
	return s.open[len(s.open)-1]
}

const (
	inModule   = -1
	inFunction = -2
)

// optional reports whether a statement stands in a block of its module or class.
func (s *scanner) optional(outer, indent int) bool {
	if outer < 0 {
		return outer == inModule && indent > 0
	}
	d := &s.defs[outer]
	if d.body < 0 {
		d.body = indent
	}
	return indent > d.body
}

// phrase is a logical line and where it stands.
type phrase struct {
	text     []byte
	line     int
	outer    int // see scope
	optional bool
}

// simple reads a statement that is no definition.
func (s *scanner) simple(p phrase) {
	switch {
	case p.outer == inModule && (startsWord(p.text, "import") || startsWord(p.text, "from")):
		s.importStatement(p)
	case p.outer == inModule && startsWord(p.text, "del"):
		s.deletion(p)
	case startsWord(p.text, "if"):
		if s.never < 0 && impossible(p.text[len("if"):]) {
			s.never = s.lineIndent
		}
	default:
		s.assignment(p)
	}
}

func (s *scanner) deletion(p phrase) {
	w := words{src: p.text[len("del"):]}
	for more := true; more; {
		var name string
		name, _, more = w.name()
		s.addAssign(p, Deleted, name, nil)
	}
}

// assignment reads name = value, name = other = value, name: annotation = value and
// name += value.
func (s *scanner) assignment(p phrase) {
	names, value := chain(p.text)
	for _, name := range names {
		s.addAssign(p, Set, name, value)
	}
	name, rest := target(p.text)
	switch {
	case len(names) > 0 || name == "":
	case rest[0] == '+' && rest[1] == '=':
		s.addAssign(p, Extend, name, rest[2:])
	case rest[0] == ':' && name != "else" && name != "try" && name != "finally":
		if i := bytes.IndexByte(rest, '='); i >= 0 {
			s.addAssign(p, Set, name, rest[i+1:])
		}
	}
}

// chain cuts name = other = value into its names and the value.
func chain(text []byte) (names []string, value []byte) {
	for {
		name, rest := target(text)
		if name == "" || rest[0] != '=' || rest[1] == '=' {
			return names, text
		}
		names, text = append(names, name), bytes.TrimLeft(rest[1:], " \t")
	}
}

// target cuts the name that a text begins with, if at least two characters follow it.
func target(text []byte) (name string, rest []byte) {
	n := 0
	for n < len(text) && ident(text[n]) {
		n++
	}
	if rest = bytes.TrimLeft(text[n:], " \t"); len(rest) < 2 {
		return "", nil
	}
	return string(text[:n]), rest
}

func (s *scanner) addAssign(p phrase, kind AssignKind, name string, value []byte) {
	if name != "" {
		s.assigns = append(s.assigns, Assign{kind, p.outer, name, string(bytes.TrimSpace(value)), p.line, p.optional, s.never >= 0})
	}
}

// impossible reports whether a condition, up to its colon, does not hold while a test
// loader imports the module.
func impossible(condition []byte) bool {
	condition, _, ok := bytes.Cut(condition, []byte(":"))
	switch text := string(bytes.TrimSpace(condition)); text {
	case "False", "0", "TYPE_CHECKING", `__name__ == "__main__"`, `__name__ == '__main__'`:
		return ok
	default:
		return ok && bytes.HasSuffix(condition, []byte(".TYPE_CHECKING")) && bytes.IndexByte(bytes.TrimSpace(condition), ' ') < 0
	}
}
