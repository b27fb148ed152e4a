package discover

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// library holds the sources of a project by path, and finds modules by their dotted names
// as an import from the project's directory does. It reads what it has not got yet. It is
// safe for concurrent use.
type library struct {
	site *site

	mu      sync.Mutex
	sources map[string]*source // by path
	found   map[string]string  // paths of modules, "" where the project has none of that name
}

func newLibrary(s *site) *library {
	return &library{site: s, sources: make(map[string]*source), found: make(map[string]string)}
}

// module finds the source of a module, or nil: it is not the project's.
func (l *library) module(dotted string) *source {
	l.mu.Lock()
	defer l.mu.Unlock()
	path := l.locate(dotted)
	if path == "" {
		return nil
	}
	src := l.sources[path]
	if src == nil {
		src = l.site.read(path)
		l.sources[path] = src
	}
	return src
}

func (l *library) locate(dotted string) string {
	path, known := l.found[dotted]
	if known {
		return path
	}
	if first, _, isDotted := strings.Cut(dotted, "."); isDotted && !l.hasTop(first) {
		return ""
	}
	path = l.look(strings.Split(dotted, "."))
	l.found[dotted] = path
	return path
}

// hasTop reports whether there is a package or a module of this name to import from, which
// spares the look for every module of Django.
func (l *library) hasTop(name string) bool {
	key := name + "/"
	if _, known := l.found[key]; !known {
		l.found[key] = ""
		for _, dir := range l.roots() {
			if exists(filepath.Join(dir, name)) {
				l.found[key] = dir
			}
		}
	}
	return l.found[key] != ""
}

func (l *library) look(parts []string) string {
	for _, dir := range l.roots() {
		base := filepath.Join(append([]string{dir}, parts...)...)
		for _, path := range []string{filepath.Join(base, "__init__.py"), base + ".py"} {
			if isFile(path) {
				return path
			}
		}
	}
	return ""
}

// roots are the directories that imports of the project's own modules start from.
func (l *library) roots() []string {
	if l.site.top == l.site.Dir {
		return []string{l.site.top}
	}
	return []string{l.site.top, l.site.Dir}
}

// appeared looks again for modules and lists the files of those that have not been read.
func (l *library) appeared(modules []string) (paths []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.found)
	for _, module := range modules {
		if path := l.locate(module); path != "" && l.sources[path] == nil && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// source is that of a file that has been read.
func (l *library) source(path string) *source {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sources[path]
}

// current reports whether a file has the text on the disk that was read of it. One that is none of the
// project's sources has no other.
func (l *library) current(path string) bool {
	src := l.source(path)
	if src == nil {
		return true
	}
	info, err := os.Stat(path)
	return err == nil && (stampOf(info) == src.at || l.site.read(path).same(src))
}

// paths lists the files that have been read.
func (l *library) paths() map[string]stamp {
	l.mu.Lock()
	defer l.mu.Unlock()
	paths := make(map[string]stamp, len(l.sources))
	for path, src := range l.sources {
		paths[path] = src.at
	}
	return paths
}

// put replaces the sources of some files; nil: the file is gone. A module may be found
// elsewhere from now on, so what was found is forgotten when a file comes or goes.
func (l *library) put(sources map[string]*source) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for path, src := range sources {
		if (src == nil) != (l.sources[path] == nil) {
			clear(l.found)
		}
		if src == nil {
			delete(l.sources, path)
		} else {
			l.sources[path] = src
		}
	}
}

// read makes the source of a file. One that cannot be read has a problem and no names.
func (s *site) read(path string) *source {
	text, at, err := readFile(path)
	src := newSource(s, path, text, -1)
	src.at = at
	if err != nil {
		src.problem = unreadable(path, err)
	}
	return src
}
