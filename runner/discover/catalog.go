package discover

import (
	"path/filepath"
	"slices"
	"sync"

	"hotclub/runner"
)

// Catalog is the tree of a project's tests: what its texts say, corrected by what a worker
// collected. It is safe for concurrent use and shared by all editors of a project.
type Catalog struct {
	site    *site
	library *library
	outbox  outbox

	writing sync.Mutex // one of Scan, Saved and Collected at a time; mu is held for their last steps only

	mu       sync.RWMutex
	entries  map[string]*entry              // by path
	users    map[string]map[string]bool     // by the dotted name of a module: paths whose items depend on it
	loaders  map[classKey]map[string]*entry // modules of tests from which a class is loaded, by path
	holds    map[runner.TestID]int          // number of files in the tree below each directory
	index    map[runner.TestID]*runner.Item // of files and what is in them
	revision int
	looked   bool          // Scan has been called
	tree     []runner.Item // of the revision; nil until asked for
}

// entry is one file of the catalog.
type entry struct {
	path    string
	reached bool          // a loader comes by
	dynamic bool          // a load_tests decides what is loaded from it
	loads   []classKey    // classes that a loader takes from it
	asked   [2][]string   // modules that loads and items depend on
	facts   *facts        // of the last collection; nil when there is none or it is out of date
	items   []runner.Item // what the tree shows of it: the file, then its classes, each with its tests
}

// classKey names a class of the project.
type classKey struct{ path, qualified string }

// Open makes an empty catalog: Scan fills it.
func Open(place Place) *Catalog {
	s := newSite(place)
	return &Catalog{
		site: s, library: newLibrary(s),
		entries: make(map[string]*entry), users: make(map[string]map[string]bool),
		loaders: make(map[classKey]map[string]*entry), holds: make(map[runner.TestID]int),
		index: make(map[runner.TestID]*runner.Item),
	}
}

// Looked reports whether anybody has looked at the tree: it is empty before the first Scan.
func (c *Catalog) Looked() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.looked
}

// File lists the items of a file: the file, then its classes in source order, each followed
// by its tests in source order and those that it inherits by name. It is empty for a file
// without tests. The result is the caller's.
func (c *Catalog) File(path string) []runner.Item {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if e := c.entries[c.site.spelled(path)]; e != nil {
		return slices.Clone(e.items)
	}
	return nil
}

// Find is the item of an id.
func (c *Catalog) Find(id runner.TestID) (runner.Item, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if item := c.index[id]; item != nil {
		return *item, true
	}
	if c.holds[id] > 0 || id == c.site.id(c.site.Root) {
		return c.site.directory(id), true
	}
	return runner.Item{}, false
}

// spelled is a path as the catalog writes it. Editors may reach the project through a
// symbolic link; Root has none.
func (s *site) spelled(path string) string {
	path = filepath.Clean(path)
	if rel, err := filepath.Rel(s.Root, path); err == nil && filepath.IsLocal(rel) {
		return path
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path))
	}
	return path
}
