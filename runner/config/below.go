package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// below looks for the manage.py one level down, as in backend/manage.py: below the start,
// then below what is above it, as long as that belongs to the same repository or
// configuration. It returns the file and the directory under which it was found.
func (s *search) below(w *walk) (string, string, *Error) {
	for _, dir := range w.dirs {
		if dir != w.start && w.git == "" && w.config == nil {
			break
		}
		switch found := manageBelow(dir); len(found) {
		case 0:
		case 1:
			return found[0], dir, nil
		default:
			return "", "", s.several(dir, found)
		}
		if w.config != nil && dir == w.config.dir {
			break
		}
	}
	return "", "", nil
}

func (s *search) several(dir string, found []string) *Error {
	names := make([]string, len(found))
	for i, path := range found {
		names[i] = s.show(path)
	}
	return &Error{
		What:   fmt.Sprintf("%d Django projects below %s: %s", len(found), dir, strings.Join(names, ", ")),
		Remedy: s.elsewhere(filepath.Dir(names[0])),
		Usage:  true, about: "root",
	}
}

// quoted makes a path with blanks fit for a shell's command line.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t'\"$&;()") {
		return `"` + path + `"`
	}
	return path
}

// manageBelow lists the manage.py files in the children of dir. A link to a directory
// that was seen already is no second project.
func manageBelow(dir string) []string {
	entries, _ := os.ReadDir(dir) // a directory that cannot be listed holds no candidate
	var found []string
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name(), "manage.py")
		if strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules" || !isFile(path) {
			continue
		}
		if !anySame(found, path) {
			found = append(found, path)
		}
	}
	return found
}

func anySame(paths []string, path string) bool {
	for _, other := range paths {
		if sameFile(other, path) {
			return true
		}
	}
	return false
}

// configuredManage follows the key "manage": a file, or the directory of a manage.py.
func (s *search) configuredManage(dir string, c choices) (string, *Error) {
	e, ok := c.entries["manage"]
	if !ok {
		return "", nil
	}
	text, ok := e.value.(string)
	if !ok || text == "" {
		return "", e.wrong(s, `the path of manage.py in quotes, such as "backend/manage.py"`)
	}
	path := s.absolute(dir, text)
	if isDir(path) {
		path = filepath.Join(path, "manage.py")
	}
	if !isFile(path) {
		fault := e.fault(s, fmt.Sprintf("manage = %q: there is no file %s", text, path))
		fault.Remedy = "the path is relative to the directory of " + filepath.Base(e.table.doc.path)
		return "", fault
	}
	return path, nil
}
