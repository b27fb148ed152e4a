package discover

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"hotclub/runner"
)

// Place is a project as discovery sees it.
type Place struct {
	Key     string // of ids
	Root    string // absolute; paths in ids are relative to it
	Dir     string // absolute; where manage.py runs and discovery starts, Root when ""
	Pattern string // of test files, as DiscoverRunner's --pattern; "" is its default, test*.py
}

// site is a place with what follows from it.
type site struct {
	Place
	top   string // the directory that the dotted names of the modules start from
	match *regexp.Regexp
}

func newSite(place Place) *site {
	if place.Dir == "" {
		place.Dir = place.Root
	}
	if place.Pattern == "" {
		place.Pattern = "test*.py"
	}
	return &site{Place: place, top: topLevel(place.Dir), match: fnmatch(place.Pattern)}
}

// topLevel climbs out of packages (django.test.runner.find_top_level).
func topLevel(dir string) string {
	for isFile(filepath.Join(dir, "__init__.py")) && filepath.Dir(dir) != dir {
		dir = filepath.Dir(dir)
	}
	return dir
}

// fnmatch is Python's function of that name, as far as file names need it.
func fnmatch(pattern string) *regexp.Regexp {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteString(".")
		case '[':
			set, _, closed := strings.Cut(pattern[i+1:], "]")
			if !closed || set == "" || set == "!" {
				b.WriteString(`\[`)
				continue
			}
			i += len(set) + 1
			negated, isNegated := strings.CutPrefix(strings.ReplaceAll(set, `\`, `\\`), "!")
			if isNegated {
				negated = "^" + negated
			}
			b.WriteString("[" + negated + "]")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	match, err := regexp.Compile("(?s)^(?:" + b.String() + ")$")
	if err != nil { // a set such as [z-a], which matches nothing in Python either
		return regexp.MustCompile("^" + regexp.QuoteMeta(pattern) + "$")
	}
	return match
}

// moduleName is unittest.loader.VALID_MODULE_NAME.
var moduleName = regexp.MustCompile(`(?i)^[_a-z][\p{L}\p{N}_]*\.py$`)

// isTestFile reports whether a loader takes a file of this name for a module of tests.
func (s *site) isTestFile(base string) bool {
	return moduleName.MatchString(base) && s.match.MatchString(base)
}

// reaches reports whether a loader that starts at Dir comes to a file: it descends into
// packages only, imports each of them, and the files that match.
func (s *site) reaches(path string) bool {
	if filepath.Base(path) == "__init__.py" {
		return s.descends(filepath.Dir(path)) && (filepath.Dir(path) != s.Dir || s.top != s.Dir)
	}
	return s.isTestFile(filepath.Base(path)) && s.descends(filepath.Dir(path))
}

// descends reports whether a loader that starts at Dir comes to a directory, and not by a
// link that leads back up.
func (s *site) descends(dir string) bool {
	rel, err := filepath.Rel(s.Dir, dir)
	if err != nil || !filepath.IsLocal(rel) {
		return false
	}
	var below []fs.FileInfo
	for ; ; dir = filepath.Dir(dir) {
		self, err := os.Stat(dir)
		if err != nil || slices.ContainsFunc(below, func(other fs.FileInfo) bool { return os.SameFile(self, other) }) {
			return false
		}
		below = append(below, self)
		if dir == s.Dir {
			return true
		}
		if !enters(filepath.Base(dir)) || !isFile(filepath.Join(dir, "__init__.py")) {
			return false
		}
	}
}

// enters reports whether a directory's name may be that of a package. The names beside are
// no packages anyway, unless somebody has put an __init__.py there.
func enters(name string) bool {
	switch name {
	case "node_modules", "__pycache__", "site-packages", "venv":
		return false
	}
	return !strings.Contains(name, ".")
}

// module is the dotted name by which a file is imported; of a package that is its
// directory's.
func (s *site) module(path string) string {
	rel, err := filepath.Rel(s.top, path)
	if err != nil || !filepath.IsLocal(rel) {
		return strings.TrimSuffix(filepath.Base(path), ".py")
	}
	name := strings.ReplaceAll(filepath.ToSlash(strings.TrimSuffix(rel, ".py")), "/", ".")
	if pkg, isPackage := strings.CutSuffix(name, ".__init__"); isPackage {
		return pkg
	}
	return name
}

// id names a file or directory: relative to Root where it lies inside, as the worker's
// collect.py has it.
func (s *site) id(path string) runner.TestID {
	rel, err := filepath.Rel(s.Root, path)
	switch {
	case err != nil || !filepath.IsLocal(rel):
		rel = path
	case rel == ".":
		rel = ""
	}
	return runner.TestID(s.Key + "//" + filepath.ToSlash(rel))
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
