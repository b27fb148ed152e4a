package affected

import (
	"path/filepath"
	"slices"
	"strings"
)

// imports are the edges between the project's files that one process has executed: which may
// import which, by what their texts mention.
type imports struct {
	process *process
	names   []string // by number

	facts   map[int]*Facts   // by path
	ends    map[string][]int // paths by the last part of their dotted name
	edges   map[int][]int
	reached map[int]map[int]bool
}

func (i *imports) prepare() {
	if i.facts != nil {
		return
	}
	i.facts, i.ends = make(map[int]*Facts), make(map[string][]int)
	i.edges, i.reached = make(map[int][]int), make(map[int]map[int]bool)
	seen := i.process.texts()
	for _, list := range [][]int{i.process.past.executed, i.process.own.executed, i.process.past.late, i.process.own.late} {
		for _, path := range list {
			i.facts[path] = seen[i.names[path]]
			last := modulePath(i.names[path])
			last = last[strings.LastIndexByte(last, '/')+1:]
			if !slices.Contains(i.ends[last], path) {
				i.ends[last] = append(i.ends[last], path)
			}
		}
	}
}

// modulePath is "/root/shop/cart" for cart.py, "/root/shop" for the package.
func modulePath(path string) string {
	path = strings.TrimSuffix(filepath.ToSlash(path), ".py")
	return strings.TrimSuffix(path, "/__init__")
}

// from lists what a file may import. Whatever directory a dotted name starts from, all files that
// it may mean count.
func (i *imports) from(path int) []int {
	i.prepare()
	if edges, known := i.edges[path]; known {
		return edges
	}
	var edges []int
	if facts := i.facts[path]; facts != nil {
		for _, mention := range facts.Mentions {
			edges = append(edges, i.meant(path, mention)...)
		}
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	i.edges[path] = edges
	return edges
}

// meant are the files that a dotted name in a file may mean, packages around them included.
func (i *imports) meant(path int, mention string) []int {
	name := strings.TrimLeft(mention, ".")
	var around string
	if level := len(mention) - len(name); level > 0 {
		around = filepath.ToSlash(i.names[path])
		for range level {
			around = around[:max(0, strings.LastIndexByte(around, '/'))]
		}
	}
	var found []int
	end := around
	if name == "" {
		return i.ending(end)
	}
	for part := range strings.SplitSeq(name, ".") {
		end += "/" + part
		found = append(found, i.ending(end)...)
	}
	return found
}

func (i *imports) ending(end string) (found []int) {
	for _, candidate := range i.ends[end[strings.LastIndexByte(end, '/')+1:]] {
		if strings.HasSuffix(modulePath(i.names[candidate]), end) {
			found = append(found, candidate)
		}
	}
	return found
}

// reaches reports whether a module may have come to import a file, directly or not. One that makes
// up names may have come to all.
func (i *imports) reaches(module, path int) bool {
	i.prepare()
	reached := i.reached[module]
	if reached == nil {
		reached = make(map[int]bool)
		i.visit(module, reached)
		i.reached[module] = reached
	}
	return reached[path] || reached[everything]
}

// everything stands for all files.
const everything = -1

func (i *imports) visit(path int, reached map[int]bool) {
	if reached[path] {
		return
	}
	reached[path] = true
	facts := i.facts[path]
	if facts == nil || facts.Dynamic {
		reached[everything] = true
		return
	}
	for _, next := range append(i.around(path), i.from(path)...) {
		i.visit(next, reached)
	}
}

// around are the packages that a file is in: an import executes them first.
func (i *imports) around(path int) (found []int) {
	for dir := filepath.Dir(i.names[path]); len(dir) > 1; dir = filepath.Dir(dir) {
		for _, candidate := range i.ends[filepath.Base(dir)] {
			if i.names[candidate] == filepath.Join(dir, "__init__.py") {
				found = append(found, candidate)
			}
		}
	}
	return found
}
