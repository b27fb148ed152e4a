package discover

import (
	"slices"
	"strings"
)

// decorator is a decorator by the last name of what it means, as far as its arguments can
// be read.
type decorator struct {
	call
	name string // "tag", "skipIf"; "" for the project's own, and for pytest's, which unittest does not heed
}

func (r *resolver) decorator(src *source, text string) decorator {
	c := parse(text)
	path := c.name
	v := r.dotted(src, c.name, atEnd)
	for range 5 { // of a name for a decorator with its arguments, what it was made by
		if v.made.source == nil || c.called {
			break
		}
		c = parse(v.made.text)
		path = c.name
		v = r.dotted(v.made.source, c.name, atEnd)
	}
	if v.outside != "" {
		path = v.outside
	}
	if path == "" || v.function || v.class != nil || strings.HasPrefix(path, "pytest.") {
		return decorator{call: c}
	}
	return decorator{c, path[strings.LastIndexByte(path, '.')+1:]}
}

// tags are those of django.test.tag in a list of decorators.
func (r *resolver) tags(src *source, decorators []string) (tags []string) {
	for _, text := range decorators {
		d := r.decorator(src, text)
		if d.name != "tag" || !d.called {
			continue
		}
		for _, arg := range d.args {
			if name, ok := literal(arg); ok {
				tags = append(tags, name)
			}
		}
	}
	return tags
}

// classTags are the tags of a class: tag adds to those that the class has already, which
// are those of the next class in the order that has any.
func (r *resolver) classTags(c *class) []string {
	if tags, ok := r.tagged[c]; ok {
		return tags
	}
	tags := r.tags(c.source, c.decorators)
	r.tagged[c] = tags
	for _, a := range r.order(c)[1:] {
		if a.class == nil {
			continue
		}
		if inherited := r.classTags(a.class); len(inherited) > 0 {
			tags = append(tags, inherited...)
			break
		}
	}
	r.tagged[c] = tags
	return tags
}

// skipped is why the decorators skip what they stand at, or "".
func (r *resolver) skipped(src *source, decorators []string) string {
	for _, text := range decorators {
		d := r.decorator(src, text)
		switch {
		case d.name == "skip":
			return reason(d.args, 0, "skipped")
		case (d.name == "skipIf" || d.name == "skipUnless") && len(d.args) == 2:
			if text := reason(d.args, 1, ""); text != "" {
				return text + map[string]string{"skipIf": " (if ", "skipUnless": " (unless "}[d.name] + d.args[0] + ")"
			}
		}
	}
	return ""
}

func reason(args []string, at int, otherwise string) string {
	if at < len(args) {
		_, value := keyword(args[at])
		if text, ok := literal(value); ok && text != "" {
			return text
		}
	}
	return otherwise
}

// classSkipped is the reason of the nearest class in the order that is skipped.
func (r *resolver) classSkipped(c *class) string {
	for _, a := range r.order(c) {
		if a.class != nil {
			if reason := r.skipped(a.class.source, a.class.decorators); reason != "" {
				return reason
			}
		}
	}
	return ""
}

// generators are decorators that put other tests in the place of what they stand at:
// parameterized's and ddt's.
var generators = []string{"expand", "parameterized_class", "ddt", "data", "idata", "file_data", "unpack", "named_data", "parameters"}

func (r *resolver) generated(src *source, decorators []string) bool {
	return slices.ContainsFunc(decorators, func(text string) bool {
		return slices.Contains(generators, r.decorator(src, text).name)
	})
}
