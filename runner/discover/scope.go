package discover

import (
	"path/filepath"
	"strings"
)

// scope is the part of a project that some labels of manage.py test mean.
type scope struct {
	all    bool
	dotted []string // modules, packages, classes, methods
}

// newScope reads labels as DiscoverRunner.load_tests_for_label does: what exists as a
// directory, seen from Dir, is one.
func newScope(s *site, labels []string) scope {
	sc := scope{all: len(labels) == 0}
	for _, label := range labels {
		path := absolute(s.Dir, label)
		if !isDir(path) {
			sc.dotted = append(sc.dotted, label)
			continue
		}
		rel, err := filepath.Rel(s.top, path)
		switch {
		case err != nil || rel != "." && !filepath.IsLocal(rel):
		case path == s.Dir || rel == ".":
			sc.all = true
		default:
			sc.dotted = append(sc.dotted, strings.ReplaceAll(filepath.ToSlash(rel), "/", "."))
		}
	}
	return sc
}

// holds reports whether a dotted name is, or lies in, what was asked for.
func (sc scope) holds(name string) bool {
	if sc.all {
		return true
	}
	for _, label := range sc.dotted {
		if within(label, name) {
			return true
		}
	}
	return false
}

// names reports whether a label leads into a module, so that what it means there is found
// without discovery.
func (sc scope) names(module, name string) bool {
	for _, label := range sc.dotted {
		if within(label, name) && within(module, label) {
			return true
		}
	}
	return false
}

func within(outer, name string) bool {
	return name == outer || len(name) > len(outer) && name[len(outer)] == '.' && name[:len(outer)] == outer
}
