package discover

import (
	"slices"
	"strings"

	"hotclub/runner/outline"
)

// Nearest names the test method around a line (from 0) of a Python text, outermost class
// first; else the class; else nothing, which stands for the file. A line in a helper or
// in setUp means the class, for all of its tests run through them.
func Nearest(src []byte, line int) []string {
	defs := outline.Scan(src)
	var names []string
	for i := outline.Enclosing(defs, line); i >= 0; i = defs[i].Parent {
		names = append(names, defs[i].Name)
		if !addressable(defs, i) {
			names = nil
		}
	}
	slices.Reverse(names)
	return names
}

// addressable reports whether a loader finds definition i by its name: classes, unless
// within a function, and test methods.
func addressable(defs []outline.Def, i int) bool {
	d := defs[i]
	inClass := d.Parent >= 0 && defs[d.Parent].Kind == outline.Class
	if d.Kind == outline.Class {
		return inClass || d.Parent < 0
	}
	return inClass && strings.HasPrefix(d.Name, "test")
}
