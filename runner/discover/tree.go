package discover

import (
	"path/filepath"
	"slices"
	"strings"

	"hotclub/runner"
)

// Items lists the tree, parents before their children, directories and files by name, and
// the revision that it shows. The result must not be changed.
func (c *Catalog) Items() (revision int, items []runner.Item) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tree == nil {
		c.tree = c.grow()
	}
	return c.revision, c.tree
}

func (c *Catalog) grow() []runner.Item {
	files := make([]*entry, 0, len(c.entries))
	for _, e := range c.entries {
		if len(e.items) > 0 {
			files = append(files, e)
		}
	}
	slices.SortFunc(files, func(a, b *entry) int { return byPath(a.items[0].ID, b.items[0].ID) })
	project := c.site.id(c.site.Root)
	tree := make([]runner.Item, 0, len(c.index)+len(c.holds)+1)
	tree = append(tree, c.site.directory(project))
	listed := map[runner.TestID]bool{project: true}
	for _, e := range files {
		var above []runner.TestID
		for dir := e.items[0].Parent; !listed[dir]; dir = c.site.parent(dir) {
			above = append(above, dir)
			listed[dir] = true
		}
		for _, dir := range slices.Backward(above) {
			tree = append(tree, c.site.directory(dir))
		}
		tree = append(tree, e.items...)
	}
	return tree
}

// byPath orders ids of files by the names on their way, so that what is in one directory
// stands together.
func byPath(a, b runner.TestID) int {
	return strings.Compare(strings.ReplaceAll(string(a), "/", "\x00"), strings.ReplaceAll(string(b), "/", "\x00"))
}

// parent is the id of the directory around a file or directory; a file outside of Root
// belongs to the project itself.
func (s *site) parent(id runner.TestID) runner.TestID {
	path := string(id)[len(s.Key)+2:]
	i := strings.LastIndexByte(path, '/')
	if i < 0 || filepath.IsAbs(filepath.FromSlash(path)) {
		return runner.TestID(s.Key + "//")
	}
	return runner.TestID(s.Key + "//" + path[:i])
}

func baseName(id runner.TestID) string {
	return string(id[strings.LastIndexByte(string(id), '/')+1:])
}

// directory describes a directory or the project by its id.
func (s *site) directory(id runner.TestID) runner.Item {
	item := runner.Item{ID: id, Kind: runner.KindDir, Name: baseName(id), Runnable: true, Fidelity: runner.Static}
	path := filepath.Join(s.Root, filepath.FromSlash(string(id)[len(s.Key)+2:]))
	if path == s.Root {
		item.Kind, item.Name = runner.KindProject, filepath.Base(s.Root)
	} else {
		item.Parent = s.parent(id)
	}
	item.Label = s.directoryLabel(path)
	return item
}

// directoryLabel is what manage.py test takes for a directory: the package's dotted name
// where it is one that discovery descends into, else a path relative to Dir.
func (s *site) directoryLabel(path string) string {
	rel, err := filepath.Rel(s.Dir, path)
	switch {
	case err != nil:
		return path
	case rel == "." || !filepath.IsLocal(rel):
		return "." // all of them are below Dir
	case !isFile(filepath.Join(path, "__init__.py")):
		return filepath.ToSlash(rel)
	}
	return s.module(filepath.Join(path, "__init__.py"))
}
