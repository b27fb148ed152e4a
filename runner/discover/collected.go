package discover

import (
	"path/filepath"
	"strings"

	"hotclub/runner"
)

// Collection is what the project's own loader found.
type Collection struct {
	// Labels is what it was asked for, as manage.py test takes it: dotted names and
	// directories; empty for all. Tests of this scope that it did not find are gone.
	Labels []string

	// Filtered says that patterns or tags left tests out, so that nothing follows from a
	// test that is missing.
	Filtered bool

	// Units are the tests found. One without a class stands for a module that could not be
	// imported, or that skips itself.
	Units []runner.Unit

	// Errors says of the modules that could not be imported why, by the absolute path of
	// their file.
	Errors map[string]runner.Message

	// Unchanged reports of the absolute path of a file whether it is on the disk as it was for whoever
	// collected: of one that is not, the collection says nothing. Default: all are.
	Unchanged func(path string) bool
}

// Collected corrects the tree by what a worker collected: tests that no text tells of
// appear, those that its scope should have had and has not vanish. A file that did not
// import keeps what its text says, and has the error. This holds for a file until another
// text of it, or of one that its classes inherit from, is saved. It says nothing of a file whose
// text was another for the worker than it is for the catalog: one that was read while it was being
// written has no tests, and its next save may bring the text that the catalog had all the time.
func (c *Catalog) Collected(collection Collection) {
	c.writing.Lock()
	defer c.outbox.tell()
	defer c.writing.Unlock()
	m := merging{Catalog: c, scope: newScope(c.site, collection.Labels), filtered: collection.Filtered, files: make(map[string]*gathered)}
	m.gather(collection)
	for path, e := range c.entries {
		if m.files[path] == nil && m.concerns(e) {
			m.files[path] = &gathered{}
		}
	}
	settled := make(map[string]*facts, len(m.files))
	for path, g := range m.files {
		// In this order: what is unchanged since was the same when the catalog's text was looked at.
		if c.library.current(path) && (collection.Unchanged == nil || collection.Unchanged(path)) {
			settled[path] = m.settle(c.entries[path], path, g)
		}
	}
	u := c.updating()
	c.mu.Lock()
	for path, facts := range settled {
		c.entry(path).facts = facts
		u.homes[path] = true
	}
	c.mu.Unlock()
	u.rebuild()
}

// merging is one collection on its way into the catalog.
type merging struct {
	*Catalog
	scope    scope
	filtered bool
	files    map[string]*gathered
	failed   []string // files and directories about which the collection says nothing, since their import failed
}

// gathered is what a collection says of one file.
type gathered struct {
	tests   []runner.Test
	problem *runner.Message
	skipped bool
}

func (m *merging) file(path string) *gathered {
	path = m.site.spelled(path)
	if m.files[path] == nil {
		m.files[path] = &gathered{}
	}
	return m.files[path]
}

// gather sorts what was found by file.
func (m *merging) gather(collection Collection) {
	for _, unit := range collection.Units {
		for _, test := range unit.Tests {
			switch {
			case test.File == "": // a label that led nowhere
			case test.Class != "":
				g := m.file(test.File)
				g.tests = append(g.tests, test)
			case unit.Class == "ModuleSkipped":
				m.file(test.File).skipped = true
			case m.file(test.File).problem == nil:
				m.fail(test.File, runner.Message{Text: "it could not be imported", Summary: "it could not be imported", Phase: runner.PhaseImport})
			}
		}
	}
	for path, message := range collection.Errors {
		m.fail(path, message)
	}
}

func (m *merging) fail(path string, message runner.Message) {
	path = m.site.spelled(path)
	m.file(path).problem = &message
	m.failed = append(m.failed, path)
	if filepath.Base(path) == "__init__.py" {
		m.failed = append(m.failed, filepath.Dir(path)+string(filepath.Separator))
	}
}

func (m *merging) hasFailed(path string) bool {
	for _, failed := range m.failed {
		if path == failed || strings.HasSuffix(failed, string(filepath.Separator)) && strings.HasPrefix(path, failed) {
			return true
		}
	}
	return false
}

// concerns reports whether a collection that does not speak of a file says something by
// that: it shows tests, some of them in its scope.
func (m *merging) concerns(e *entry) bool {
	if m.filtered || m.hasFailed(e.path) {
		return false
	}
	if e.facts != nil && (e.facts.problem != nil || e.facts.skipped) && m.scope.holds(e.items[0].Label) {
		return true
	}
	for i := range e.items {
		if m.inScope(e, &e.items[i]) {
			return true
		}
	}
	return false
}

// inScope reports whether the collection had to find a test: its label leads there, or to
// a module that loads it and was imported.
func (m *merging) inScope(e *entry, item *runner.Item) bool {
	if item.Kind != runner.KindTest && item.Kind != runner.KindCase || !m.scope.holds(item.Label) {
		return false
	}
	if m.scope.names(e.items[0].Label, item.Label) {
		return true
	}
	class := string(item.Parent[len(e.items[0].ID)+2:])
	loaders := m.loaders[classKey{e.path, class}]
	for path := range loaders {
		if m.scope.holds(m.site.module(path)) && !m.hasFailed(path) {
			return true
		}
	}
	return len(loaders) == 0 // only an earlier collection knew it
}

// settle makes the facts of one file out of what was there, if anything was, and what was
// gathered.
func (m *merging) settle(e *entry, path string, g *gathered) *facts {
	if g.problem != nil || g.skipped {
		return &facts{problem: g.problem, skipped: g.skipped}
	}
	if e == nil {
		e = &entry{path: path}
	}
	f := e.facts.clone()
	found := make(map[runner.TestID]bool, len(g.tests))
	static := m.static(e)
	for _, test := range g.tests {
		found[test.ID] = true
		f.add(test, static)
	}
	for i := range e.items {
		if item := &e.items[i]; !m.filtered && !found[item.ID] && m.inScope(e, item) {
			f.remove(item.ID, static)
		}
	}
	return f
}

// static is the set of tests that a file's text tells of.
func (m *merging) static(e *entry) map[runner.TestID]bool {
	set := make(map[runner.TestID]bool)
	if src := m.library.source(e.path); src != nil {
		for _, n := range newResolver(m.library, nil).describe(m.site, src, m.shown, m.Catalog.dynamic) {
			set[n.ID] = true
		}
	}
	return set
}
