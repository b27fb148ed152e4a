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
	extra     []runner.Test                 // no text tells of them
	problem   *runner.Message               // it did not import
	skipped   bool                          // it raised SkipTest as a whole
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

func (f *facts) add(test runner.Test, static bool) {
	if static {
		f.confirmed[test.ID] = test
		delete(f.gone, test.ID)
		return
	}
	f.remove(test.ID, false)
	f.extra = append(f.extra, test)
}

func (f *facts) remove(id runner.TestID, static bool) {
	if static {
		f.gone[id] = true
		delete(f.confirmed, id)
		return
	}
	f.extra = slices.DeleteFunc(f.extra, func(t runner.Test) bool { return t.ID == id })
}

// keepsFile reports whether a file stays in the tree although it shows no test.
func (f *facts) keepsFile() bool { return f != nil && (f.problem != nil || f.skipped) }

// apply corrects what the text of a file tells. src is nil for a file that is none of the
// project's sources.
func (f *facts) apply(s *site, path string, src *source, nodes []node) []node {
	if f == nil {
		return nodes
	}
	if len(nodes) == 0 {
		if !f.keepsFile() && len(f.extra) == 0 {
			return nil
		}
		nodes = []node{s.file(&source{path: path, module: s.module(path), lines: 1})}
	}
	if f.skipped {
		nodes = nodes[:1]
		nodes[0].Disabled, nodes[0].Fidelity = "skipped while it was imported", runner.Collected
		return nodes
	}
	if f.problem != nil {
		nodes[0].Error = f.problem
		return nodes
	}
	a := applying{facts: f, source: src, result: nodes[:1:1]}
	a.static(nodes[1:])
	a.others()
	return a.result
}

// applying is the correction of one file.
type applying struct {
	*facts
	source *source
	result []node
}

// static takes the classes that the text tells of, with what was collected for them.
func (a *applying) static(nodes []node) {
	for len(nodes) > 0 {
		n := 1
		for n < len(nodes) && nodes[n].Kind != runner.KindClass {
			n++
		}
		a.class(nodes[0], nodes[1:n])
		nodes = nodes[n:]
	}
}

func (a *applying) class(class node, tests []node) {
	at := len(a.result)
	a.result = append(a.result, class)
	for _, n := range tests {
		if a.gone[n.ID] {
			continue
		}
		if test, ok := a.confirmed[n.ID]; ok {
			n.Fidelity, n.Tags = runner.Collected, test.Tags
			a.result[at].Fidelity = runner.Collected
		}
		a.result = append(a.result, n)
	}
	for _, test := range a.extra {
		if test.Class == class.Name && parentOf(test) == class.ID {
			a.result[at].Fidelity = runner.Collected
			a.result = append(a.result, a.generated(test, &a.result[at].Item))
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
		id := parentOf(test)
		if known[id] {
			continue
		}
		known[id] = true
		class := node{Item: runner.Item{
			ID: id, Parent: a.result[0].ID, Kind: runner.KindClass, Name: test.Class,
			Label: strings.TrimSuffix(test.Label, "."+test.Name), File: a.result[0].File,
			Runnable: true, Dynamic: true, Fidelity: runner.Collected,
		}}
		if a.source != nil && a.source.named[test.Class] != nil { // defined, but not where a loader was seen to take it
			c := a.source.named[test.Class]
			class.Range, class.NameAt, class.own = c.lines, c.at, true
		}
		a.class(class, nil)
	}
}

// generated describes a test that no text tells of. Where its line lies in a method that
// has the beginning of its name, the method was multiplied.
func (a *applying) generated(test runner.Test, class *runner.Item) node {
	item := runner.Item{
		ID: test.ID, Parent: class.ID, Kind: runner.KindTest, Name: test.Name, Label: test.Label, File: class.File,
		Range: runner.Lines{First: class.NameAt.Line, Last: class.NameAt.Line}, NameAt: class.NameAt, Tags: test.Tags,
		Runnable: true, Dynamic: true, Fidelity: runner.Collected,
	}
	if a.source == nil || a.source.named[test.Class] == nil {
		return node{Item: item}
	}
	for name, m := range a.source.named[test.Class].members {
		if m.function && m.lines.Holds(test.Line-1) && strings.HasPrefix(test.Name, name) {
			item.Kind, item.Range, item.NameAt = runner.KindCase, m.lines, m.at
		}
	}
	return node{Item: item}
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
