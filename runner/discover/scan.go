package discover

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Scan walks the project and reads its files of tests, and those that their classes inherit
// from. Only files whose size or time has changed are read again. Its error is that of a
// directory which cannot be listed, or of ctx; then nothing has changed. A file that cannot
// be read is no error but an item that has one.
func (c *Catalog) Scan(ctx context.Context) error {
	c.writing.Lock()
	defer c.outbox.tell()
	defer c.writing.Unlock()
	reached, err := c.site.walk(ctx, c.site.Dir)
	if err != nil {
		return err
	}
	changed := c.outdated(reached)
	sources := c.site.readAll(ctx, changed)
	if err := ctx.Err(); err != nil {
		return err
	}
	paths := slices.AppendSeq(slices.Collect(maps.Keys(reached)), maps.Keys(c.library.paths()))
	c.install(append(paths, changed...), sources, func(path string) bool { _, ok := reached[path]; return ok })
	return nil
}

// outdated lists the files to be read: those that are new, those that were read and are not
// what they were, and modules that were asked for in vain and have come.
func (c *Catalog) outdated(reached map[string]stamp) (paths []string) {
	known := c.library.paths()
	for path, at := range reached {
		if was, ok := known[path]; !ok || was != at {
			paths = append(paths, path)
		}
	}
	for _, path := range c.library.appeared(slices.Collect(maps.Keys(c.users))) {
		if _, ok := reached[path]; !ok {
			paths = append(paths, path)
		}
	}
	for path, was := range known {
		if _, ok := reached[path]; ok {
			continue
		}
		if info, err := os.Stat(path); err != nil || stampOf(info) != was {
			paths = append(paths, path)
		}
	}
	return paths
}

// readAll reads files, several at a time; a source is nil where there is no file.
func (s *site) readAll(ctx context.Context, paths []string) map[string]*source {
	list := make([]*source, len(paths))
	each(len(paths), func(i int) {
		if ctx.Err() == nil && exists(paths[i]) {
			list[i] = s.read(paths[i])
		}
	})
	sources := make(map[string]*source, len(paths))
	for i, path := range paths {
		sources[path] = list[i]
	}
	return sources
}

// each does something for the numbers below n, several at a time.
func each(n int, do func(int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(n, max(2, runtime.GOMAXPROCS(0))) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	workers.Wait()
}

// Saved tells of files that were saved, created, renamed or deleted, and of directories
// that came or went; of a rename both names. Texts that are the same as before change
// nothing. It returns what has changed, which may yet have to be told: somebody else may just
// be telling another change.
func (c *Catalog) Saved(paths ...string) (change Change) {
	c.writing.Lock()
	defer c.outbox.tell()
	defer c.writing.Unlock()
	affected := make(map[string]bool)
	for _, path := range paths {
		c.affectedBy(c.site.spelled(path), affected)
	}
	if len(affected) > 0 {
		paths := slices.Collect(maps.Keys(affected))
		change = c.install(paths, c.site.readAll(context.Background(), paths), c.site.reaches)
	}
	return change
}

// affectedBy adds the files that may be others now. A package that came or went opens or
// closes the way to all below it.
func (c *Catalog) affectedBy(path string, affected map[string]bool) {
	below := path
	switch {
	case filepath.Base(path) == "__init__.py":
		affected[path] = true
		below = filepath.Dir(path)
		if exists(path) == (c.library.source(path) != nil) {
			return
		}
	case strings.HasSuffix(path, ".py") && !isDir(path):
		affected[path] = true
		return
	}
	for known := range c.library.paths() {
		if known == path || strings.HasPrefix(known, below+string(filepath.Separator)) {
			affected[known] = true
		}
	}
	if isDir(below) && c.site.descends(below) {
		found, _ := c.site.walk(context.Background(), below) // what cannot be listed has no tests
		for path := range found {
			affected[path] = true
		}
	}
}

// install replaces the sources that were read, finds out anew which of some files a loader
// reaches, and works out what follows, which it returns.
func (c *Catalog) install(paths []string, sources map[string]*source, reached func(string) bool) Change {
	c.mu.Lock()
	dirty := make(map[string]bool)
	for _, path := range paths {
		old := c.library.source(path)
		src, read := sources[path]
		if !read {
			src = old
		}
		e := c.entries[path]
		if is := src != nil && reached(path); is != (e != nil && e.reached) {
			c.entry(path).reached = is
			dirty[path] = true
		}
		if read && (old != nil || src != nil) && !old.same(src) {
			dirty[path] = true
			for _, module := range c.site.modules(path) {
				maps.Copy(dirty, c.users[module])
			}
		}
	}
	c.library.put(sources)
	c.mu.Unlock()
	return c.update(dirty)
}

// modules are the names by which a file may be imported.
func (s *site) modules(path string) []string {
	names := []string{s.module(path)}
	if s.top != s.Dir {
		if rel, err := filepath.Rel(s.Dir, path); err == nil && filepath.IsLocal(rel) {
			inner := *s
			inner.top = s.Dir
			names = append(names, inner.module(path))
		}
	}
	return names
}
