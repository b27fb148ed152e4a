package discover

import (
	"slices"

	"hotclub/runner"
)

// describe lists the items of a file as its text has them: the file, then the classes for
// which shown is true, each followed by its tests.
func (r *resolver) describe(s *site, src *source, shown func(*class) bool, dynamic func(*class) bool) []runner.Item {
	d := describing{resolver: r, file: s.file(src)}
	parts := [][]runner.Item{{d.file}}
	for _, c := range src.classes {
		if shown(c) && src.named[c.qualified] == c {
			parts = append(parts, d.class(c, dynamic(c)))
		}
	}
	return slices.Concat(parts...)
}

func (s *site) file(src *source) runner.Item {
	id := s.id(src.path)
	return runner.Item{
		ID: id, Parent: s.parent(id), Kind: runner.KindFile, Name: baseName(id), Label: src.module,
		File: src.path, Range: runner.Lines{Last: src.lines - 1},
		Defined: true, Runnable: true, Fidelity: runner.Static, Error: src.problem,
	}
}

type describing struct {
	*resolver
	file runner.Item
}

// class describes a class and its tests; nothing if it has none.
func (d *describing) class(c *class, dynamic bool) []runner.Item {
	tests := d.tests(c)
	if len(tests) == 0 {
		return nil
	}
	dynamic = dynamic || c.optional || d.generated(c.source, c.decorators)
	id := d.file.ID + runner.TestID("::"+c.qualified)
	tags := d.classTags(c)
	item := runner.Item{
		ID: id, Parent: d.file.ID, Kind: runner.KindClass, Name: c.qualified, Label: d.file.Label + "." + c.qualified,
		File: c.source.path, Range: c.lines, NameAt: c.at, Tags: sortedSet(tags), Base: d.testBase(c),
		Defined: true, Runnable: true, Dynamic: dynamic, Fidelity: runner.Static, Disabled: d.classSkipped(c),
	}
	items := make([]runner.Item, 0, len(tests)+1)
	items = append(items, item)
	for _, test := range tests {
		items = append(items, d.test(c, &item, tags, test))
	}
	return items
}

func (d *describing) test(c *class, parent *runner.Item, tags []string, test found) runner.Item {
	item := runner.Item{
		ID: parent.ID + runner.TestID("::"+test.name), Parent: parent.ID, Kind: runner.KindTest,
		Name: test.name, Label: parent.Label + "." + test.name,
		File: parent.File, Range: runner.Lines{First: c.head, Last: c.head}, NameAt: c.at, Tags: parent.Tags,
		Runnable: true, Dynamic: true, Fidelity: runner.Static, Disabled: parent.Disabled,
	}
	if test.owner == c {
		item.Defined = true
		item.Range, item.NameAt = test.member.lines, test.member.at
		item.Dynamic = parent.Dynamic || test.member.optional || d.generated(test.owner.source, test.member.decorators)
	}
	if len(test.member.decorators) > 0 {
		if more := d.tags(test.owner.source, test.member.decorators); len(more) > 0 {
			item.Tags = sortedSet(append(slices.Clone(tags), more...))
		}
		if item.Disabled == "" {
			item.Disabled = d.skipped(test.owner.source, test.member.decorators)
		}
	}
	return item
}

func sortedSet(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return slices.Compact(slices.Sorted(slices.Values(list)))
}
