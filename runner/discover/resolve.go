package discover

import (
	"maps"
	"strings"

	"hotclub/runner/outline"
)

// value is what a name means: one of the project's classes, functions or modules, or
// something outside of the project by its dotted name, or nothing that is known.
type value struct {
	class    *class
	function bool
	module   *source
	outside  string
	other    bool // it is bound to what is none of these
	made     made // by this call
}

// made is a call that a name of a module is bound to, as in slow = tag("slow").
type made struct {
	source *source
	text   string
}

func (v value) known() bool {
	return v.class != nil || v.function || v.module != nil || v.outside != ""
}

// resolver finds out what names mean, across files. It serves one question at a time and
// is thrown away: it remembers what it found, and notes the modules that the answer
// depends on.
type resolver struct {
	library *library
	overlay *source         // stands for the file of its path
	asked   map[string]bool // dotted names of modules, whether or not the project has them
	seen    map[nameIn]value
	orders  map[*class][]ancestor
	tagged  map[*class][]string
}

type nameIn struct {
	source *source
	name   string
	line   int
}

func newResolver(l *library, overlay *source) *resolver {
	return &resolver{
		library: l, overlay: overlay, asked: make(map[string]bool),
		seen: make(map[nameIn]value), orders: make(map[*class][]ancestor), tagged: make(map[*class][]string),
	}
}

func (r *resolver) module(dotted string) *source {
	r.asked[dotted] = true
	if r.overlay != nil && r.overlay.module == dotted {
		return r.overlay
	}
	return r.library.module(dotted)
}

// named is the module of a dotted name as a value.
func (r *resolver) named(dotted string) value {
	if src := r.module(dotted); src != nil {
		return value{module: src}
	}
	return value{outside: dotted}
}

// name looks a name up in the namespace that a module has at a line.
func (r *resolver) name(src *source, name string, line int) value {
	if all := src.names[name]; len(all) == 0 || all[len(all)-1].line < line {
		line = atEnd
	}
	key := nameIn{src, name, line}
	if v, ok := r.seen[key]; ok {
		return v
	}
	r.seen[key] = value{} // modules that import each other in a circle find nothing
	v := r.bound(src, name, line)
	r.seen[key] = v
	return v
}

func (r *resolver) bound(src *source, name string, line int) value {
	var last value
	for _, b := range src.meanings(name, line) {
		v := r.binding(src, b)
		if v.known() && v.outside == "" {
			return v
		}
		if last.outside == "" { // of several, what the project has can be told most of
			last = value{outside: v.outside, other: v.outside == "", made: v.made}
		}
	}
	if last.outside != "" {
		return last
	}
	for _, star := range src.stars {
		from := r.named(importedFrom(src, star.Level, star.Module))
		if from.outside != "" && last.outside == "" {
			last.outside = from.outside + "." + name
		}
		if from.module != nil && r.exports(from.module, name) {
			if v := r.name(from.module, name, atEnd); v.known() {
				return v
			}
		}
	}
	if last.other {
		return value{other: true, made: last.made}
	}
	return last
}

func (r *resolver) binding(src *source, b binding) value {
	switch {
	case b.class != nil:
		return value{class: b.class}
	case b.function:
		return value{function: true}
	case b.imported != nil:
		return r.imported(src, b.imported)
	default:
		c := parse(b.value)
		if c.called {
			return value{other: true, made: made{src, b.value}}
		}
		if c.name == "" {
			return value{other: true}
		}
		return r.dotted(src, c.name, b.line)
	}
}

func (r *resolver) imported(src *source, i *outline.Import) value {
	from := r.named(importedFrom(src, i.Level, i.Module))
	if i.Name == "" {
		return from
	}
	return r.attribute(from, i.Name)
}

// importedFrom is the dotted name of a module that a source imports from.
func importedFrom(src *source, level int, module string) string {
	if level == 0 {
		return module
	}
	pkg := src.module
	for up := level; up > 0; up-- {
		if up == level && src.isPackage {
			continue
		}
		i := strings.LastIndexByte(pkg, '.')
		pkg = pkg[:max(i, 0)]
	}
	if pkg == "" || module == "" {
		return pkg + module
	}
	return pkg + "." + module
}

// dotted looks up "a.b.C" as a statement at a line of a module does.
func (r *resolver) dotted(src *source, expression string, line int) value {
	first, rest, more := strings.Cut(expression, ".")
	v := r.name(src, first, line)
	for more {
		first, rest, more = strings.Cut(rest, ".")
		v = r.attribute(v, first)
	}
	return v
}

func (r *resolver) attribute(of value, name string) value {
	switch {
	case of.module != nil:
		if v := r.name(of.module, name, atEnd); v.known() || v.other {
			return v
		}
		return r.named(of.module.module + "." + name)
	case of.outside != "":
		return r.named(of.outside + "." + name)
	case of.class != nil:
		for _, a := range r.order(of.class) {
			if a.class == nil || a.class.members[name] == nil {
				continue
			}
			m := a.class.members[name]
			return value{class: m.class, function: m.function, other: m.class == nil && !m.function}
		}
	}
	return value{}
}

// exports reports whether from src import * takes a name.
func (r *resolver) exports(src *source, name string) bool {
	if src.hasAll {
		for _, each := range src.all {
			if each == name {
				return true
			}
		}
		return false
	}
	return !strings.HasPrefix(name, "_")
}

// namespace lists the names that a module has once it is imported, those of star imports
// included; not its submodules.
func (r *resolver) namespace(src *source) map[string]bool {
	names := make(map[string]bool, len(src.names))
	r.collect(src, names, map[*source]bool{})
	return names
}

func (r *resolver) collect(src *source, names map[string]bool, visited map[*source]bool) {
	if visited[src] {
		return
	}
	visited[src] = true
	for name := range src.names {
		names[name] = true
	}
	defer maps.DeleteFunc(names, func(name string, _ bool) bool { return src.deleted[name] })
	for _, star := range src.stars {
		from := r.named(importedFrom(src, star.Level, star.Module)).module
		if from == nil {
			continue
		}
		exported := make(map[string]bool)
		r.collect(from, exported, visited)
		for name := range exported {
			if r.exports(from, name) {
				names[name] = true
			}
		}
	}
}
