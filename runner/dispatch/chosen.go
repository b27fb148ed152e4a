package dispatch

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hotclub/runner"
	"hotclub/runner/discover"
)

// chosen is a selection by id, of the project with a key.
type chosen struct {
	key string
	runner.Selection
}

// restricts reports whether a run is to have less than its labels yield.
func (c chosen) restricts() bool { return len(c.IDs)+len(c.Exclude) > 0 }

// pick leaves the tests that were chosen; missing are ids under which nothing was found. A file that
// does not import is found in place of what is in it.
func (c chosen) pick(units []runner.Unit) (picked []runner.Unit, missing []runner.TestID) {
	found := make(map[runner.TestID]bool, len(c.IDs))
	for _, unit := range units {
		unit.Tests = slices.DeleteFunc(slices.Clone(unit.Tests), func(test runner.Test) bool {
			return !c.Chooses(test.ID) && !slices.ContainsFunc(c.IDs, func(id runner.TestID) bool { return standsFor(test, id) })
		})
		for _, test := range unit.Tests {
			for _, id := range c.IDs {
				if id.Holds(test.ID) || standsFor(test, id) {
					found[id] = true
				}
			}
		}
		if len(unit.Tests) > 0 {
			picked = append(picked, unit)
		}
	}
	for _, id := range c.IDs {
		if !found[id] {
			missing = append(missing, id)
		}
	}
	return picked, missing
}

// standsFor reports whether a file that does not import has an item in it: its error is the item's.
func standsFor(test runner.Test, id runner.TestID) bool {
	return test.Class == "" && test.File != "" && test.ID.Holds(id)
}

// labels are those by which a loader finds what was chosen: narrow ones first, and where these do
// not find everything (a class that was generated, a load_tests) those of the modules. None stand
// for the whole project.
func (c chosen) labels(root, dir string, narrow bool) []string {
	var labels []string
	for _, id := range c.IDs {
		path, names, _ := strings.Cut(strings.TrimPrefix(string(id), c.key+"//"), "::")
		label := pathLabel(root, dir, path)
		if label == "" {
			return nil
		}
		if names != "" && narrow {
			label = strings.Join(append([]string{label}, strings.Split(names, "::")...), ".")
		}
		if !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	return labels
}

// wide are labels that certainly lead to all that was chosen, if it is there at all: the modules,
// beside the labels that have been tried.
func (c chosen) wide(project Project, tried []string) []string {
	if len(tried) == 0 {
		return nil
	}
	modules := c.labels(project.Root, project.Dir, false)
	return slices.Compact(slices.Sorted(slices.Values(append(modules, withoutMissing(tried, modules)...))))
}

// withoutMissing leaves out labels below some modules.
func withoutMissing(labels, modules []string) []string {
	return slices.DeleteFunc(slices.Clone(labels), func(label string) bool { return below(label, modules) })
}

// plainly are ids as people know them.
func plainly(key string, ids []runner.TestID) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = strings.TrimPrefix(string(id), key+"//")
	}
	return names
}

// pathLabel names a file or directory of the project to the loader, "" for the project itself. What
// does not lie below root is a module already: see collect.py.
func pathLabel(root, dir, path string) string {
	if path == "" {
		return ""
	}
	if !strings.HasSuffix(path, ".py") && !strings.Contains(path, "/") && !isDirectory(filepath.Join(root, path)) {
		return path
	}
	full := path
	if !filepath.IsAbs(path) {
		full = filepath.Join(root, filepath.FromSlash(path))
	}
	if strings.HasSuffix(path, ".py") {
		if module, err := discover.Module(dir, full); err == nil {
			return module
		}
	}
	return full
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
