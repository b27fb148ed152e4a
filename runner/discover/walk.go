package discover

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// depthLimit ends the descent into packages within packages.
const depthLimit = 64

// walk lists the files that a loader which starts at Dir loads from dir on, as
// unittest.TestLoader._find_tests does: it descends into packages only and takes their
// __init__.py whatever the pattern. A link that leads back up is not followed, which
// unittest would do until the path is too long.
func (s *site) walk(ctx context.Context, dir string) (map[string]stamp, error) {
	w := walk{site: s, ctx: ctx, found: make(map[string]stamp)}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot list the tests of %s: %w", dir, plain(err))
	}
	w.directory(dir, entries, nil)
	return w.found, ctx.Err()
}

type walk struct {
	site  *site
	ctx   context.Context
	found map[string]stamp
}

// directory takes one directory; above are those on the way to it.
func (w *walk) directory(dir string, entries []fs.DirEntry, above []fs.FileInfo) {
	if w.ctx.Err() != nil || len(above) > depthLimit {
		return
	}
	self, err := os.Stat(dir)
	if err != nil {
		return
	}
	for _, upper := range above {
		if os.SameFile(upper, self) {
			return
		}
	}
	above = append(above, self)
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		switch {
		case entry.IsDir(), entry.Type()&fs.ModeSymlink != 0 && isDir(path):
			w.enter(path, above)
		case entry.Name() == "__init__.py" && w.site.reaches(path), w.site.isTestFile(entry.Name()):
			w.file(path, entry)
		}
	}
}

// enter descends into a directory that is a package.
func (w *walk) enter(dir string, above []fs.FileInfo) {
	if !enters(filepath.Base(dir)) {
		return
	}
	if entries, err := os.ReadDir(dir); err == nil && isFile(filepath.Join(dir, "__init__.py")) {
		w.directory(dir, entries, above)
	}
}

func (w *walk) file(path string, entry fs.DirEntry) {
	info, err := entry.Info()
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		info, err = os.Stat(path)
	}
	if err == nil && info.Mode().IsRegular() { // not deleted since, no link to nowhere
		w.found[path] = stampOf(info)
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
