package discover

import (
	"maps"
	"reflect"
	"slices"

	"hotclub/runner"
)

// updating is one step from revision to revision. The one writer does the work and holds
// mu only to put its results in place: meanwhile readers see the revision before.
type updating struct {
	*Catalog
	homes  map[string]bool       // files whose items are to be listed anew
	dirs   map[runner.TestID]int // what holds said before of those that it was changed for
	change Change
}

func (c *Catalog) updating() *updating {
	return &updating{Catalog: c, homes: make(map[string]bool), dirs: make(map[runner.TestID]int)}
}

// update works out anew what some files say, once the library has their texts, and returns the
// difference.
func (c *Catalog) update(dirty map[string]bool) Change {
	u := c.updating()
	paths := slices.Collect(maps.Keys(dirty))
	loaded := make([]loading, len(paths))
	each(len(paths), func(i int) { loaded[i] = u.load(paths[i]) })
	c.mu.Lock()
	for i, path := range paths {
		u.homes[path] = true
		u.reload(path, loaded[i])
	}
	for path := range u.homes {
		u.entry(path).facts = nil // they were about another text
	}
	c.mu.Unlock()
	u.rebuild()
	return u.change
}

func (c *Catalog) entry(path string) *entry {
	e := c.entries[path]
	if e == nil {
		e = &entry{path: path}
		c.entries[path] = e
	}
	return e
}

// loading is what a loader takes from a module of tests.
type loading struct {
	classes []classKey // they may be at home elsewhere, and are listed there
	dynamic bool
	asked   []string // modules that this depends on
}

func (u *updating) load(path string) (l loading) {
	e, src := u.entries[path], u.library.source(path)
	if src == nil || e == nil || !e.reached {
		return l
	}
	r := newResolver(u.library, nil)
	for _, class := range r.loads(src) {
		l.classes = append(l.classes, classKey{class.source.path, class.qualified})
	}
	l.dynamic = r.dynamic(src) || r.dynamicAbove(src.module)
	l.asked = slices.Collect(maps.Keys(r.asked))
	return l
}

// reload puts in place what is loaded from a module now.
func (u *updating) reload(path string, l loading) {
	e := u.entry(path)
	for _, key := range e.loads {
		delete(u.loaders[key], path)
		if l.dynamic != e.dynamic || !slices.Contains(l.classes, key) {
			u.homes[key.path] = true
		}
	}
	for _, key := range l.classes {
		if l.dynamic != e.dynamic || !slices.Contains(e.loads, key) {
			u.homes[key.path] = true
		}
		if u.loaders[key] == nil {
			u.loaders[key] = make(map[string]*entry)
		}
		u.loaders[key][path] = e
	}
	e.loads, e.dynamic = l.classes, l.dynamic
	u.uses(e, byLoads, l.asked)
}

// dynamicAbove reports whether the load_tests of a package decides what becomes of a module
// in it.
func (r *resolver) dynamicAbove(module string) bool {
	for i := range module {
		if module[i] == '.' {
			if src := r.module(module[:i]); src != nil && r.dynamic(src) {
				return true
			}
		}
	}
	return false
}

// shown and dynamic say of a class whether any module loads it, and whether all of them
// have it from a load_tests.
func (c *Catalog) shown(class *class) bool {
	return len(c.loaders[classKey{class.source.path, class.qualified}]) > 0
}

func (c *Catalog) dynamic(class *class) bool {
	for _, loader := range c.loaders[classKey{class.source.path, class.qualified}] {
		if !loader.dynamic {
			return false
		}
	}
	return true
}

// rebuild lists the items of all homes anew and publishes what has become different.
func (u *updating) rebuild() {
	paths := slices.Sorted(maps.Keys(u.homes))
	lists := make([][]runner.Item, len(paths))
	asked := make([][]string, len(paths))
	each(len(paths), func(i int) {
		r := newResolver(u.library, nil)
		lists[i] = u.list(u.entries[paths[i]], r)
		asked[i] = slices.Collect(maps.Keys(r.asked))
	})
	u.mu.Lock()
	defer u.mu.Unlock()
	for i, path := range paths {
		e := u.entries[path]
		u.uses(e, byItems, asked[i])
		u.replace(e, lists[i])
		if u.library.source(path) == nil && len(e.items) == 0 {
			delete(u.entries, path)
		}
	}
	u.publish()
}

// list is what the tree shows of a file.
func (u *updating) list(e *entry, r *resolver) []runner.Item {
	var items []runner.Item
	src := u.library.source(e.path)
	if src != nil {
		items = r.describe(u.site, src, u.shown, u.dynamic)
		items[0].Dynamic = e.dynamic
	}
	items = e.facts.apply(u.site, e.path, src, items)
	if len(items) == 1 && !(e.reached && (e.dynamic || items[0].Error != nil)) && !e.facts.keepsFile() {
		return nil
	}
	return items
}

// What of a file depends on other modules, by its index in entry.asked.
const (
	byLoads = iota
	byItems
)

// uses notes the modules that something of a file depends on.
func (u *updating) uses(e *entry, what int, asked []string) {
	for _, module := range e.asked[what] {
		delete(u.users[module], e.path)
	}
	e.asked[what] = asked
	for _, list := range e.asked {
		for _, module := range list {
			if u.users[module] == nil {
				u.users[module] = make(map[string]bool)
			}
			u.users[module][e.path] = true
		}
	}
}

// replace gives a file other items and notes the difference.
func (u *updating) replace(e *entry, items []runner.Item) {
	old := make(map[runner.TestID]*runner.Item, len(e.items))
	var oldError *runner.Message
	for i := range e.items {
		old[e.items[i].ID] = &e.items[i]
		oldError = e.items[0].Error
	}
	for i := range items {
		item := &items[i]
		u.index[item.ID] = item
		if before := old[item.ID]; before == nil || !reflect.DeepEqual(before, item) {
			u.change.Items = append(u.change.Items, *item)
		}
		delete(old, item.ID)
	}
	for i := range slices.Backward(e.items) {
		if id := e.items[i].ID; old[id] != nil {
			delete(u.index, id)
			u.change.Removed = append(u.change.Removed, id)
		}
	}
	if len(items) > 0 && items[0].Error != nil && !reflect.DeepEqual(oldError, items[0].Error) {
		u.change.Errors = append(u.change.Errors, Problem{e.path, *items[0].Error})
	}
	u.hold(e.path, min(len(items), 1)-min(len(e.items), 1))
	e.items = items
}

// hold counts a file in or out of the directories around it.
func (u *updating) hold(path string, by int) {
	if by == 0 {
		return
	}
	project := u.site.id(u.site.Root)
	for dir := u.site.parent(u.site.id(path)); dir != project; dir = u.site.parent(dir) {
		if _, noted := u.dirs[dir]; !noted {
			u.dirs[dir] = u.holds[dir]
		}
		if u.holds[dir] += by; u.holds[dir] == 0 {
			delete(u.holds, dir)
		}
	}
}

func (u *updating) publish() {
	var dirs []runner.Item
	gone := slices.SortedFunc(maps.Keys(u.dirs), byPath)
	for _, dir := range gone {
		if u.dirs[dir] == 0 && u.holds[dir] > 0 {
			dirs = append(dirs, u.site.directory(dir))
		}
	}
	for _, dir := range slices.Backward(gone) {
		if u.dirs[dir] > 0 && u.holds[dir] == 0 {
			u.change.Removed = append(u.change.Removed, dir)
		}
	}
	u.change.Items = append(dirs, u.change.Items...)
	if !u.change.empty() {
		u.Catalog.revision++
		u.Catalog.tree = nil
		u.change.Revision = u.Catalog.revision
		u.outbox.put(u.change)
	}
}
