package metamodel

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// shape is a type that a JSON value, decoded with numbers kept as text, may have or not.
type shape interface {
	// check returns the first violation, nil if there is none.
	check(at path, value any) *Violation
	String() string
}

// named is a structure, an enumeration or a type alias where it is referred to.
type named struct {
	name  string
	shape shape
}

func (n *named) check(at path, value any) *Violation { return n.shape.check(at, value) }
func (n *named) String() string                      { return n.name }

// anything is LSPAny.
type anything struct{}

func (anything) check(path, any) *Violation { return nil }
func (anything) String() string             { return "LSPAny" }

// object is a structure, or an unnamed one. What it does not know is a violation.
type object struct {
	name       string
	order      []string // of the properties
	properties map[string]property
}

type property struct {
	shape    shape
	optional bool
}

func (o object) String() string { return o.name }

func (o object) check(at path, value any) *Violation {
	members, ok := value.(map[string]any)
	if !ok {
		return at.violation(o.name, value)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if _, known := o.properties[name]; !known {
			return &Violation{Path: at.member(name).String(), Want: "no such member of " + o.name, Got: describe(members[name]), depth: len(at) + 1}
		}
	}
	for _, name := range o.order {
		p := o.properties[name]
		member, present := members[name]
		switch {
		case !present && p.optional:
		case !present:
			return &Violation{Path: at.member(name).String(), Want: p.shape.String(), Got: "nothing", depth: len(at) + 1}
		default:
			if v := p.shape.check(at.member(name), member); v != nil {
				return v
			}
		}
	}
	return nil
}

// array is a list of any length.
type array struct{ element shape }

func (a array) String() string { return a.element.String() + "[]" }

func (a array) check(at path, value any) *Violation {
	list, ok := value.([]any)
	if !ok {
		return at.violation(a.String(), value)
	}
	for i, element := range list {
		if v := a.element.check(at.index(i), element); v != nil {
			return v
		}
	}
	return nil
}

// tuple is a list of fixed length.
type tuple []shape

func (t tuple) String() string { return "[" + join(t, ", ") + "]" }

func (t tuple) check(at path, value any) *Violation {
	list, ok := value.([]any)
	if !ok || len(list) != len(t) {
		return at.violation(t.String(), value)
	}
	for i, element := range list {
		if v := t[i].check(at.index(i), element); v != nil {
			return v
		}
	}
	return nil
}

// dictionary is an object whose members are all alike.
type dictionary struct{ key, value shape }

func (d dictionary) String() string { return fmt.Sprintf("{[%s]: %s}", d.key, d.value) }

func (d dictionary) check(at path, value any) *Violation {
	members, ok := value.(map[string]any)
	if !ok {
		return at.violation(d.String(), value)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if v := d.key.check(at.member(name), name); v != nil {
			return v
		}
		if v := d.value.check(at.member(name), members[name]); v != nil {
			return v
		}
	}
	return nil
}

// union is one of several types.
type union []shape

func (u union) String() string { return join(u, " | ") }

// check reports the violation of the alternative that fits furthest; where none fits at
// all, that none does.
func (u union) check(at path, value any) *Violation {
	var best *Violation
	for _, alternative := range u {
		v := alternative.check(at, value)
		if v == nil {
			return nil
		}
		if best == nil || v.depth > best.depth {
			best = v
		}
	}
	if best == nil || best.depth == len(at) {
		return at.violation(u.String(), value)
	}
	return best
}

func join(shapes []shape, separator string) string {
	names := make([]string, len(shapes))
	for i, s := range shapes {
		names[i] = s.String()
	}
	return strings.Join(names, separator)
}
