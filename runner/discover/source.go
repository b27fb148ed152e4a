package discover

import (
	"bytes"
	"hash/maphash"
	"math"
	"strings"

	"hotclub/runner"
	"hotclub/runner/outline"
)

// source is what one Python file says, not yet what its names mean. It never changes once
// it is made; another text of the file makes another source.
type source struct {
	path, module string
	isPackage    bool // an __init__.py
	at           stamp
	sum          uint64          // of the text
	problem      *runner.Message // it could not be read, or not as Python would

	lines   int
	names   map[string][]binding // of the module's namespace, all that each was bound to in turn
	deleted map[string]bool      // names that were in it while it was imported
	stars   []outline.Import     // from m import *
	all     []string             // __all__
	hasAll  bool                 // all is known to be complete
	classes []*class             // in source order, nested ones too, none within functions
	named   map[string]*class    // by qualified name
}

// binding is one statement that gives a name a meaning.
type binding struct {
	line     int
	optional bool // what the name meant before may be what it still means
	class    *class
	function bool
	imported *outline.Import
	value    string // text of what is assigned
}

// class is one class statement.
type class struct {
	source     *source
	qualified  string // "Inner", "Outer.Inner"
	bases      []string
	decorators []string
	lines      runner.Lines // decorators included
	at         runner.Position
	head       int // line of the class keyword
	members    map[string]*member
	order      []string // names of members as they first appear
	optional   bool     // a condition decides whether it is there
}

// member is what a class says of one of its names.
type member struct {
	class      *class // a nested one
	function   bool
	decorators []string // of a function
	value      string   // text of what is assigned
	lines      runner.Lines
	at         runner.Position
	optional   bool
}

var seed = maphash.MakeSeed()

// same reports whether two sources say the same, read from the same file.
func (s *source) same(other *source) bool {
	return s != nil && other != nil && s.sum == other.sum && (s.problem == nil) == (other.problem == nil)
}

// newSource reads a text, whose last edit ended at the offset edited, or -1.
func newSource(s *site, path string, text []byte, edited int) *source {
	src := &source{
		path: path, module: s.module(path), isPackage: strings.HasSuffix(path, "__init__.py"),
		lines: bytes.Count(text, []byte("\n")) + 1, sum: maphash.Bytes(seed, text),
		names: make(map[string][]binding), named: make(map[string]*class),
		deleted: make(map[string]bool),
	}
	m := outline.Read(text, edited)
	r := reading{source: src, defs: m.Defs, classes: make([]*class, len(m.Defs))}
	r.statements(m)
	return src
}

// reading makes a source out of an outline, statement by statement.
type reading struct {
	source  *source
	defs    []outline.Def
	classes []*class // by index of the definition; nil for functions
}

// statements reads the three lists of an outline as they stand in the text.
func (r *reading) statements(m outline.Module) {
	imports, assigns := m.Imports, m.Assigns
	until := func(line int) {
		for {
			switch {
			case len(imports) > 0 && imports[0].Line < line && (len(assigns) == 0 || imports[0].Line <= assigns[0].Line):
				r.imported(&imports[0])
				imports = imports[1:]
			case len(assigns) > 0 && assigns[0].Line < line:
				r.assigned(&assigns[0])
				assigns = assigns[1:]
			default:
				return
			}
		}
	}
	for i := range m.Defs {
		until(m.Defs[i].Line)
		r.definition(i)
	}
	until(r.source.lines)
}

// bind gives a name of the module another meaning.
func (r *reading) bind(name string, b binding) {
	delete(r.source.deleted, name)
	r.source.names[name] = append(r.source.names[name], b)
}

// meanings are what a name may mean at a line: its last binding before, and those that
// this one, in a branch of an if or try, may not have replaced.
func (s *source) meanings(name string, line int) []binding {
	all := s.names[name]
	for len(all) > 0 && all[len(all)-1].line >= line {
		all = all[:len(all)-1]
	}
	first := len(all) - 1
	for first > 0 && all[first].optional {
		first--
	}
	return all[max(first, 0):]
}

// atEnd is the line behind all, where a module's names mean what others find there.
const atEnd = math.MaxInt

func (r *reading) imported(i *outline.Import) {
	switch {
	case i.Never:
	case i.Name == "*":
		r.source.stars = append(r.source.stars, *i)
	case i.As != "":
		r.bind(i.As, binding{line: i.Line, optional: i.Optional, imported: i})
	case i.Name != "":
		r.bind(i.Name, binding{line: i.Line, optional: i.Optional, imported: i})
	default:
		first, _, _ := strings.Cut(i.Module, ".")
		r.bind(first, binding{line: i.Line, optional: i.Optional, imported: &outline.Import{Module: first}})
	}
}

func (r *reading) definition(i int) {
	d := &r.defs[i]
	if d.Never {
		return
	}
	var outer *class
	if d.Parent >= 0 {
		if outer = r.classes[d.Parent]; outer == nil {
			return // within a function, or within what is never defined
		}
	}
	if d.Kind == outline.Class {
		r.classDefinition(i, outer)
		return
	}
	if outer == nil {
		r.bind(d.Name, binding{line: d.Line, optional: d.Optional, function: true})
		return
	}
	line, column := d.NameAt()
	outer.add(d.Name, d.Optional, &member{
		function: true, decorators: d.Decorators, optional: d.Optional,
		lines: runner.Lines{First: d.FirstLine, Last: d.EndLine}, at: runner.Position{Line: line, Column: column},
	})
}

func (r *reading) classDefinition(i int, outer *class) {
	d := &r.defs[i]
	line, column := d.NameAt()
	c := &class{
		source: r.source, qualified: d.Name, decorators: d.Decorators, head: d.Line,
		lines: runner.Lines{First: d.FirstLine, Last: d.EndLine}, at: runner.Position{Line: line, Column: column},
		members: make(map[string]*member), optional: d.Optional,
	}
	c.bases, _ = arguments(d.Bases)
	r.classes[i] = c
	if outer == nil {
		r.bind(d.Name, binding{line: d.Line, optional: d.Optional, class: c})
	} else {
		c.qualified = outer.qualified + "." + d.Name
		outer.add(d.Name, d.Optional, &member{class: c, lines: c.lines, at: c.at})
	}
	r.source.classes = append(r.source.classes, c)
	if r.source.named[c.qualified] == nil || !d.Optional {
		r.source.named[c.qualified] = c
	}
}

// add gives a name of a class a meaning; of the branches of an if the first one counts.
func (c *class) add(name string, optional bool, m *member) {
	old := c.members[name]
	if old == nil {
		c.order = append(c.order, name)
	} else if optional {
		return
	}
	c.members[name] = m
}

func (r *reading) assigned(a *outline.Assign) {
	switch {
	case a.Never:
	case a.Parent >= 0:
		if c := r.classes[a.Parent]; c != nil && !(c.members[a.Name] != nil && mentions(a.Value, a.Name)) {
			here := runner.Lines{First: a.Line, Last: a.Line}
			c.add(a.Name, a.Optional, &member{value: a.Value, lines: here, at: runner.Position{Line: a.Line}})
		}
	case a.Name == "__all__":
		r.export(a)
	case a.Kind == outline.Deleted && !a.Optional:
		r.source.deleted[a.Name] = true // classes before this have it as a base all the same
	case a.Kind == outline.Set && !(r.source.names[a.Name] != nil && mentions(a.Value, a.Name)):
		r.bind(a.Name, binding{line: a.Line, optional: a.Optional, value: a.Value})
	}
}

// export reads what __all__ lists; where it is computed, all of the module counts.
func (r *reading) export(a *outline.Assign) {
	if a.Kind == outline.Set {
		r.source.all, r.source.hasAll = nil, true
	}
	if a.Value == "" || a.Value[0] != '[' && a.Value[0] != '(' {
		r.source.hasAll = false
		return
	}
	list, _ := arguments(a.Value[1:])
	for _, each := range list {
		name, ok := literal(each)
		r.source.hasAll = r.source.hasAll && ok
		r.source.all = append(r.source.all, name)
	}
}

// mentions reports whether an expression wraps what a name meant before, as in
// Tests = tag("slow")(Tests).
func mentions(value, name string) bool {
	for i := strings.Index(value, name); i >= 0; {
		end := i + len(name)
		if (i == 0 || !nameByte(value[i-1])) && (end == len(value) || !nameByte(value[end])) {
			return true
		}
		next := strings.Index(value[end:], name)
		if next < 0 {
			return false
		}
		i = end + next
	}
	return false
}
