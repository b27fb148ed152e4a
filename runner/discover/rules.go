package discover

import (
	"maps"
	"slices"
	"strings"
)

// loads lists the classes whose tests a loader takes from a module: every TestCase in its
// namespace, wherever it was defined (unittest.TestLoader.loadTestsFromModule).
func (r *resolver) loads(src *source) (classes []*class) {
	for _, name := range slices.Sorted(maps.Keys(r.namespace(src))) {
		c := r.name(src, name, atEnd).class
		if c != nil && !slices.Contains(classes, c) && r.testBase(c) != "" {
			classes = append(classes, c)
		}
	}
	return classes
}

// dynamic reports whether a load_tests decides what is loaded from a module.
func (r *resolver) dynamic(src *source) bool {
	v := r.name(src, "load_tests", atEnd)
	return v.other || v.function || v.outside != "" && len(src.names["load_tests"]) > 0
}

// found is one test of a class: the member that defines it and the class that it stands in.
type found struct {
	name   string
	owner  *class
	member *member
}

// tests lists the test methods of a class, as unittest.TestLoader.getTestCaseNames finds
// them: its own as they stand in the source, then the inherited ones by name.
func (r *resolver) tests(c *class) []found {
	own, inherited := r.methods(c, func(name string) bool { return strings.HasPrefix(name, "test") })
	if len(own)+len(inherited) == 0 {
		own, inherited = r.methods(c, func(name string) bool { return name == "runTest" })
	}
	slices.SortFunc(inherited, func(a, b found) int { return strings.Compare(a.name, b.name) })
	return append(own, inherited...)
}

func (r *resolver) methods(c *class, wanted func(string) bool) (own, inherited []found) {
	var decided map[string]bool // by a class further up front
	order := r.order(c)
	for i, a := range order {
		if a.class == nil {
			continue
		}
		for _, name := range a.class.order {
			if !wanted(name) || decided[name] {
				continue
			}
			if len(order) > 1 {
				if decided == nil {
					decided = make(map[string]bool)
				}
				decided[name] = true
			}
			m := a.class.members[name]
			switch {
			case !r.callable(a.class, m, 0):
			case i == 0:
				own = append(own, found{name, a.class, m})
			default:
				inherited = append(inherited, found{name, a.class, m})
			}
		}
	}
	return own, inherited
}

// callable reports whether a member can be called, which makes it a test. Of values that
// are computed nobody knows; unless they wrap a function they count as data.
func (r *resolver) callable(c *class, m *member, depth int) bool {
	if m.class != nil || depth > 10 {
		return false
	}
	if m.function {
		return !slices.ContainsFunc(m.decorators, isProperty)
	}
	if strings.HasPrefix(m.value, "lambda") {
		return true
	}
	expression := parse(m.value)
	if expression.called {
		inner, _ := strings.CutPrefix(strings.TrimSpace(expression.rest), "(")
		wrapped, _ := arguments(inner)
		return len(wrapped) == 1 && expression.rest != "" && r.callableName(c, parse(wrapped[0]).name, depth)
	}
	return r.callableName(c, expression.name, depth)
}

func (r *resolver) callableName(c *class, name string, depth int) bool {
	if name == "" {
		return false
	}
	if m := c.members[name]; m != nil {
		return r.callable(c, m, depth+1)
	}
	return r.dotted(c.source, name, atEnd).function
}

func isProperty(decorator string) bool {
	name := parse(decorator).name
	return strings.HasSuffix(strings.ToLower(name), "property")
}
