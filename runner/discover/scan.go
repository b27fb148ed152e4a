package discover

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
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
	c.install(sources, func(path string) bool { _, ok := reached[path]; return ok })
	return nil
}

// outdated lists the files to be read: those that are new, and those that were read and are
// not what they were.
func (c *Catalog) outdated(reached map[string]stamp) (paths []string) {
	known := c.library.paths()
	for path, at := range reached {
		if was, ok := known[path]; !ok || was != at {
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
	sources := make(map[string]*source, len(paths))
	queue := make(chan string)
	var mu sync.Mutex
	var readers sync.WaitGroup
	for range min(len(paths), max(2, runtime.GOMAXPROCS(0))) {
		readers.Go(func() {
			for path := range queue {
				var src *source
				if _, err := os.Stat(path); err == nil {
					src = s.read(path)
				}
				mu.Lock()
				sources[path] = src
				mu.Unlock()
			}
		})
	}
	for _, path := range paths {
		if ctx.Err() == nil {
			queue <- path
		}
	}
	close(queue)
	readers.Wait()
	return sources
}

// Saved tells of files that were saved, created, renamed or deleted, and of directories
// that came or went; of a rename both names. Texts that are the same as before change
// nothing.
func (c *Catalog) Saved(paths ...string) {
	c.writing.Lock()
	defer c.outbox.tell()
	defer c.writing.Unlock()
	affected := make(map[string]bool)
	for _, path := range paths {
		c.affectedBy(c.site.spelled(path), affected)
	}
	if len(affected) > 0 {
		c.install(c.site.readAll(context.Background(), keys(affected)), c.site.reaches)
	}
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

// install replaces sources and works out what follows.
func (c *Catalog) install(sources map[string]*source, reached func(string) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	dirty := make(map[string]bool)
	for path, src := range sources {
		old, is := c.library.source(path), src != nil && reached(path)
		e := c.entries[path]
		was := e != nil && e.reached
		if is {
			c.entry(path).reached = true
		} else if was {
			e.reached = false
		}
		if is != was && (is || e != nil) {
			dirty[path] = true
		}
		if !old.same(src) {
			dirty[path] = true
			for _, module := range c.site.modules(path) {
				maps.Copy(dirty, c.users[module])
			}
		}
	}
	c.library.put(sources)
	c.update(dirty)
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

func keys(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for key := range set {
		list = append(list, key)
	}
	return list
}
