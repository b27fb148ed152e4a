package discover

import (
	"maps"
	"slices"
	"strings"

	"hotclub/runner"
)

// facts is what collections said of one file since its text, or one that it depends on,
// was saved last. A nil *facts says nothing.
type facts struct {
	confirmed map[runner.TestID]runner.Test // the text tells of them too
	gone      map[runner.TestID]bool        // the text tells of them, wrongly
	extra     []extra                       // no text tells of them
	problem   *runner.Message               // it did not import
	skipped   bool                          // it raised SkipTest as a whole
}

// extra is a test that only a collection knows, perhaps of a class that the text has.
type extra struct {
	runner.Test
	ofText bool
}

func (f *facts) clone() *facts {
	if f == nil {
		return &facts{confirmed: make(map[runner.TestID]runner.Test), gone: make(map[runner.TestID]bool)}
	}
	clone := &facts{maps.Clone(f.confirmed), maps.Clone(f.gone), slices.Clone(f.extra), nil, false}
	if clone.confirmed == nil {
		clone.confirmed, clone.gone = make(map[runner.TestID]runner.Test), make(map[runner.TestID]bool)
	}
	return clone
}

// add takes a test that was found, given the items that the text tells of.
func (f *facts) add(test runner.Test, static map[runner.TestID]bool) {
	if static[test.ID] {
		f.confirmed[test.ID] = test
		delete(f.gone, test.ID)
		return
	}
	f.remove(test.ID, static)
	f.extra = append(f.extra, extra{test, static[parentOf(test)]})
}

// remove takes a test that was not found.
func (f *facts) remove(id runner.TestID, static map[runner.TestID]bool) {
	if static[id] {
		f.gone[id] = true
		delete(f.confirmed, id)
		return
	}
	f.extra = slices.DeleteFunc(f.extra, func(e extra) bool { return e.ID == id })
}

// keepsFile reports whether a file stays in the tree although it shows no test.
func (f *facts) keepsFile() bool { return f != nil && (f.problem != nil || f.skipped) }

// apply corrects what the text of a file tells. src is nil for a file that is none of the
// project's sources.
func (f *facts) apply(s *site, path string, src *source, items []runner.Item) []runner.Item {
	if f == nil {
		return items
	}
	if len(items) == 0 {
		if !f.keepsFile() && len(f.extra) == 0 {
			return nil
		}
		items = []runner.Item{s.file(&source{path: path, module: s.module(path), lines: 1})}
	}
	if f.skipped {
		items = items[:1]
		items[0].Disabled, items[0].Fidelity = "skipped while it was imported", runner.Collected
		return items
	}
	if f.problem != nil {
		items[0].Error = f.problem
		return items
	}
	a := applying{facts: f, source: src, result: items[:1:1]}
	a.static(items[1:])
	a.others()
	return a.result
}

// applying is the correction of one file.
type applying struct {
	*facts
	source *source
	result []runner.Item
}

// static takes the classes that the text tells of, with what was collected for them.
func (a *applying) static(items []runner.Item) {
	for len(items) > 0 {
		n := 1
		for n < len(items) && items[n].Kind != runner.KindClass {
			n++
		}
		a.class(items[0], items[1:n])
		items = items[n:]
	}
}

// class takes one class with the tests that the text tells of, less those that are gone,
// and those that only the collection knows.
func (a *applying) class(class runner.Item, tests []runner.Item) {
	at := len(a.result)
	told := make(map[runner.TestID]bool)
	a.result = append(a.result, class)
	for _, n := range tests {
		if a.gone[n.ID] {
			continue
		}
		told[n.ID] = true
		if test, ok := a.confirmed[n.ID]; ok {
			n.Fidelity, n.Tags = runner.Collected, sortedSet(test.Tags)
			a.result[at].Fidelity = runner.Collected
		}
		a.result = append(a.result, n)
	}
	for _, test := range a.extra {
		if test.Class == class.Name && parentOf(test.Test) == class.ID && !told[test.ID] {
			a.result[at].Fidelity = runner.Collected
			a.result = append(a.result, a.generated(test.Test, &a.result[at]))
		}
	}
	if len(a.result) == at+1 {
		a.result = a.result[:at]
		return
	}
	if a.result[at].Fidelity == runner.Collected {
		a.result[0].Fidelity = runner.Collected
	}
}

// others adds the classes that only the collection knows.
func (a *applying) others() {
	known := make(map[runner.TestID]bool)
	for _, n := range a.result {
		known[n.ID] = true
	}
	for _, test := range a.extra {
		id := parentOf(test.Test)
		if known[id] || test.ofText { // the class has been deleted in an open buffer
			continue
		}
		known[id] = true
		class := runner.Item{
			ID: id, Parent: a.result[0].ID, Kind: runner.KindClass, Name: test.Class,
			Label: strings.TrimSuffix(test.Label, "."+test.Name), File: a.result[0].File,
			Runnable: true, Dynamic: true, Fidelity: runner.Collected,
		}
		if a.source != nil && a.source.named[test.Class] != nil { // defined, but not where a loader was seen to take it
			c := a.source.named[test.Class]
			class.Range, class.NameAt, class.Defined = c.lines, c.at, true
		}
		a.class(class, nil)
	}
}

// generated describes a test that no text tells of. Where its line lies in a method that
// has the beginning of its name, the method was multiplied.
func (a *applying) generated(test runner.Test, class *runner.Item) runner.Item {
	item := runner.Item{
		ID: test.ID, Parent: class.ID, Kind: runner.KindTest, Name: test.Name, Label: test.Label, File: class.File,
		Range: runner.Lines{First: class.NameAt.Line, Last: class.NameAt.Line}, NameAt: class.NameAt, Tags: sortedSet(test.Tags),
		Runnable: true, Dynamic: true, Fidelity: runner.Collected,
	}
	if a.source == nil || a.source.named[test.Class] == nil {
		return item
	}
	for name, m := range a.source.named[test.Class].members {
		if m.function && m.lines.Holds(test.Line-1) && strings.HasPrefix(test.Name, name) {
			item.Kind, item.Range, item.NameAt = runner.KindCase, m.lines, m.at
		}
	}
	return item
}

// parentOf is the id of the class of a test.
func parentOf(test runner.Test) runner.TestID {
	id := string(test.ID)
	start := strings.Index(id, "//") + 2
	if i := strings.Index(id[start:], "::"+test.Class+"::"); i >= 0 {
		return test.ID[:start+i+len("::")+len(test.Class)]
	}
	return test.ID[:strings.LastIndex(id, "::")]
}
