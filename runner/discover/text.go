package discover

import (
	"slices"

	"hotclub/runner"
)

// Text lists the items that a file would have were it saved with this text, as
// [Catalog.File] does: the file, its classes, their tests. The last edit ended at the
// offset edited, or -1. The rest of the project is as the catalog knows it. Nothing is
// kept: this is for every keystroke in an open buffer.
func (c *Catalog) Text(path string, text []byte, edited int) []runner.Item {
	path = c.site.spelled(path)
	src := newSource(c.site, path, text, edited)
	r := newResolver(c.library, src)
	reached := c.site.reaches(path)
	loaded := make(map[*class]bool)
	dynamic := false
	if reached {
		for _, class := range r.loads(src) {
			loaded[class] = true
		}
		dynamic = r.dynamic(src) || r.dynamicAbove(src.module)
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	items := r.describe(c.site, src, func(class *class) bool {
		return loaded[class] || len(c.others(class)) > 0
	}, func(class *class) bool {
		return (dynamic || !loaded[class]) && !slices.ContainsFunc(c.others(class), func(e *entry) bool { return !e.dynamic })
	})
	items[0].Dynamic = dynamic
	if e := c.entries[path]; e != nil {
		items = e.facts.apply(c.site, path, src, items)
	}
	if len(items) == 1 && !(reached && dynamic) {
		return nil
	}
	return items
}

// others are the other modules that load a class, as they were saved.
func (c *Catalog) others(class *class) (entries []*entry) {
	for path, e := range c.loaders[classKey{class.source.path, class.qualified}] {
		if path != class.source.path {
			entries = append(entries, e)
		}
	}
	return entries
}
