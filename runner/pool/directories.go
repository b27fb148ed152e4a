package pool

import (
	"cmp"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"hotclub/runner/worker"
)

// installed is where packages are that nobody edits.
var installed = regexp.MustCompile(`[/\\]((site|dist)-packages|[Ll]ib[/\\]python\d[^/\\]*)([/\\]|$)`)

// Directories are those to watch for a project at root whose processes have read all this: where
// its files are, and the sources that it imports from elsewhere, but not installed packages. The
// highest come first.
func Directories(root string, reads []worker.Read) []string {
	dirs := make(map[string]bool)
	for _, read := range reads {
		dir := filepath.Dir(read.Path)
		if read.Kind == worker.ReadNames || read.Kind == worker.ReadPackages {
			dir = read.Path
		}
		if dirs[dir] || read.Kind == worker.ReadOther || installed.MatchString(dir) {
			continue
		}
		if inside(dir, root) || read.Kind == worker.ReadFile && filepath.Ext(read.Path) == ".py" {
			dirs[dir] = true
		}
	}
	depth := func(dir string) int { return strings.Count(dir, string(filepath.Separator)) }
	return slices.SortedFunc(maps.Keys(dirs), func(a, b string) int {
		return cmp.Or(depth(a)-depth(b), strings.Compare(a, b))
	})
}

func inside(dir, root string) bool {
	return dir == root || strings.HasPrefix(dir, strings.TrimSuffix(root, string(filepath.Separator))+string(filepath.Separator))
}
