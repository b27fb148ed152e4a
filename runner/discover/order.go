package discover

import (
	"slices"
	"strings"
)

// ancestor is a class in the order in which Python looks for attributes: one of the
// project's, or the dotted name of one outside.
type ancestor struct {
	class   *class
	outside string
}

// order is the method resolution order of a class, itself first, as type.mro has it. Where
// Python would refuse the bases it is depth first.
func (r *resolver) order(c *class) []ancestor {
	if order, ok := r.orders[c]; ok {
		return order
	}
	r.orders[c] = []ancestor{{class: c}} // for a class that is its own ancestor in a half-typed text
	bases := r.bases(c)
	lists := make([][]ancestor, 0, len(bases)+1)
	for _, b := range bases {
		if b.class != nil {
			lists = append(lists, r.order(b.class))
		} else {
			lists = append(lists, []ancestor{b})
		}
	}
	order := []ancestor{{class: c}}
	if len(lists) == 1 {
		order = append(order, lists[0]...)
	} else {
		order = append(order, merge(append(lists, bases))...)
	}
	r.orders[c] = order[:min(len(order), orderLimit):min(len(order), orderLimit)]
	return r.orders[c]
}

// orderLimit ends the order of classes that no person has written.
const orderLimit = 200

func (r *resolver) bases(c *class) (bases []ancestor) {
	for _, text := range c.bases {
		if name, _ := keyword(text); name != "" {
			continue // a metaclass
		}
		text, _, _ = strings.Cut(text, " if ") // of two bases that a condition chooses from, the first
		expression := parse(text)
		if expression.name == "" || expression.name == "object" {
			continue
		}
		v := r.dotted(c.source, expression.name, c.head)
		switch {
		case v.class == c, expression.called && v.class != nil:
		case v.class != nil:
			bases = append(bases, ancestor{class: v.class})
		case v.outside != "":
			bases = append(bases, ancestor{outside: v.outside})
		default: // not imported yet, or made by a call
			bases = append(bases, ancestor{outside: expression.name})
		}
	}
	return bases
}

// merge is the one of the C3 linearization.
func merge(lists [][]ancestor) (order []ancestor) {
	lists = slices.Clone(lists)
	for {
		lists = slices.DeleteFunc(lists, func(l []ancestor) bool { return len(l) == 0 })
		if len(lists) == 0 {
			return order
		}
		next := lists[0][0]
		for _, l := range lists {
			if !inTail(lists, l[0]) {
				next = l[0]
				break
			}
		}
		order = append(order, next)
		for i, l := range lists {
			lists[i] = slices.DeleteFunc(slices.Clone(l), func(a ancestor) bool { return a == next })
		}
	}
}

func inTail(lists [][]ancestor, a ancestor) bool {
	for _, l := range lists {
		if slices.Contains(l[1:], a) {
			return true
		}
	}
	return false
}

// testBase is the first base outside of the project that makes a class a TestCase, or "".
// All of unittest's, Django's and the REST framework's end in TestCase; of other packages
// one that is called so, or a Test, most likely is one.
func (r *resolver) testBase(c *class) string {
	for _, a := range r.order(c) {
		name := a.outside[strings.LastIndexByte(a.outside, '.')+1:]
		for _, suffix := range []string{"TestCase", "Test", "Tests"} {
			if strings.HasSuffix(name, suffix) && name != "SkipTest" {
				return a.outside
			}
		}
	}
	return ""
}
