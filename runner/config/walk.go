package config

import (
	"os"
	"path/filepath"
	"strings"
)

// walk is what stands on the way from the start up to the repository's root.
type walk struct {
	start  string
	dirs   []string // start first
	git    string   // the repository's root, "" outside of any
	manage string   // nearest directory with a manage.py, "" if there is none below the configuration
	config *level   // nearest configuration, nil if there is none
}

// level is one directory with configuration of hotclub.
type level struct {
	dir    string
	tables []*table
}

func (l *level) names() string {
	names := make([]string, len(l.tables))
	for i, t := range l.tables {
		names[i] = filepath.Base(t.doc.path)
	}
	return strings.Join(names, " and ")
}

func (s *search) walk(start string) (*walk, *Error) {
	w := &walk{start: start, dirs: ancestors(start)}
	if top := w.dirs[len(w.dirs)-1]; exists(filepath.Join(top, ".git")) {
		w.git = top
	}
	for _, dir := range w.dirs {
		if w.manage == "" && isFile(filepath.Join(dir, "manage.py")) {
			w.manage = dir
		}
		tables, fault := s.tables(dir)
		if fault != nil {
			return nil, fault
		}
		if len(tables) > 0 {
			w.config = &level{dir, tables}
			break
		}
	}
	return w, nil
}

// whence says where dir is, seen from the start.
func (w *walk) whence(dir string) string {
	if dir == w.start {
		return "in this directory"
	}
	return "in a parent directory"
}

// ancestors lists dir and what is above it: up to the root of its repository, else up to
// the root of the file system. A directory in which anyone may create files, such as
// /tmp, is nobody's project: what lies there could have been put there for us.
func ancestors(dir string) []string {
	dirs := []string{dir}
	for !exists(filepath.Join(dir, ".git")) {
		parent := filepath.Dir(dir)
		info, err := os.Stat(parent)
		if parent == dir || err != nil || info.Mode()&os.ModeSticky != 0 && info.Mode().Perm()&0o002 != 0 {
			break
		}
		dir = parent
		dirs = append(dirs, dir)
	}
	return dirs
}
