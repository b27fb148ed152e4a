package dbclone

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// Template is a sealed database. It stays valid until a later call of Templates for the same
// project and alias has returned another one and its last lease is released; [Manager.Lease]
// says so with ErrTemplateGone when it has been dropped since.
type Template struct {
	schema   Schema
	project  string
	name     string
	location string
	created  time.Time
	inputs   map[string]string
	coarse   bool
}

// Schema returns the schema that was asked for.
func (t *Template) Schema() Schema { return t.schema }

// Name is unique among all templates that ever were.
func (t *Template) Name() string { return t.name }

// Parts stands for the digest of a file of which only parts count.
const Parts = "?"

// Inputs are the files that it was built from beside what the schema covers, with their digests:
// [Input.SHA256], or [Parts].
func (t *Template) Inputs() map[string]string { return t.inputs }

// Coarse reports whether its inputs may be more than it depends on; see [Manager.Refine].
func (t *Template) Coarse() bool { return t.coarse }

// Location is how a Django process names the database. Nobody writes to it.
func (t *Template) Location() string { return t.location }

// Created is when it was sealed.
func (t *Template) Created() time.Time { return t.created }

// Templates returns a sealed template for each schema, in order. What is not there, or is not
// any more what its inputs say, is built by one call of build. Whoever wants the same in the
// meantime, here or in another process, waits and finds it sealed. When build fails or the
// context ends, nothing stays of what was begun.
func (m *Manager) Templates(ctx context.Context, schemas []Schema, build Build) ([]*Template, error) {
	ctx, end, err := m.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	for _, s := range schemas {
		if err := s.validate(); err != nil {
			return nil, err
		}
		if _, err := m.engine(s); err != nil {
			return nil, err
		}
	}
	got := make(map[string]*held)
	defer func() {
		for _, h := range got {
			m.unpin(h)
		}
	}()
	missing, err := m.findAll(ctx, schemas, got)
	if err == nil && len(missing) > 0 {
		err = m.supply(ctx, missing, got, build)
	}
	if err != nil {
		return nil, err
	}
	return m.templates(ctx, schemas, got), nil
}

// Serves reports whether a template is still there and still is what a build would make now, as
// far as its inputs tell.
func (m *Manager) Serves(ctx context.Context, t *Template) bool {
	ctx, end, err := m.begin(ctx)
	if err != nil {
		return false
	}
	defer end()
	h, err := m.pin(t.project, t.name)
	if err != nil {
		return false
	}
	defer m.unpin(h)
	return m.fault(ctx, h, t.schema) == nil
}

// supply builds what is missing, unless somebody else turns out to have built it while this
// call waited for the locks.
func (m *Manager) supply(ctx context.Context, missing []Schema, got map[string]*held, build Build) error {
	unlock, err := m.lockBuilds(ctx, missing)
	if err != nil {
		return err
	}
	defer unlock()
	missing, err = m.findAll(ctx, missing, got)
	if err != nil || len(missing) == 0 {
		return err
	}
	built, err := m.build(ctx, missing, build)
	for _, h := range built {
		got[h.record.Schema.id()] = h
	}
	return err
}

// lockBuilds takes the locks in the order of their names, the same for everybody: two calls
// that share two schemas could otherwise wait for each other.
func (m *Manager) lockBuilds(ctx context.Context, schemas []Schema) (unlock func(), err error) {
	paths := make([]string, len(schemas))
	for i, s := range schemas {
		paths[i] = m.layout.buildLock(s)
	}
	slices.Sort(paths)
	var locks []*fileLock
	unlock = func() {
		for _, lock := range locks {
			lock.release()
		}
	}
	for _, path := range paths {
		lock, err := lockFile(ctx, path, exclusive)
		if err != nil {
			unlock()
			return nil, fmt.Errorf("dbclone: waiting until nobody else builds the same template: %w", err)
		}
		locks = append(locks, lock)
	}
	return unlock, nil
}

// findAll adds to got what is sealed and fresh, pinned, and returns the others, each once.
func (m *Manager) findAll(ctx context.Context, schemas []Schema, got map[string]*held) (missing []Schema, err error) {
	asked := make(map[string]bool)
	for _, s := range schemas {
		if got[s.id()] != nil || asked[s.id()] {
			continue
		}
		asked[s.id()] = true
		h, err := m.find(ctx, s)
		if err != nil {
			return nil, err
		}
		if h == nil {
			missing = append(missing, s)
			continue
		}
		got[s.id()] = h
	}
	return missing, nil
}

// find returns a template that serves, pinned, or nil. There can be several: on two branches
// the same schema may have been built from different inputs.
func (m *Manager) find(ctx context.Context, s Schema) (*held, error) {
	names, err := m.candidates(s)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		h, err := m.pin(s.Project, name)
		if err != nil {
			m.log.Debug("a template was passed over", "template", name, "error", err)
			continue
		}
		fault := m.fault(ctx, h, s)
		if ctx.Err() != nil {
			m.unpin(h)
			return nil, context.Cause(ctx)
		}
		if fault == nil {
			return h, nil
		}
		m.log.Info("a template can't be used", "template", name, "schema", s.Display, "error", fault)
		m.unpin(h)
	}
	return nil, nil
}

// candidates names the templates that were built for a schema, the last used first.
func (m *Manager) candidates(s Schema) ([]string, error) {
	dir := m.layout.project(s.Project)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, Storage("list", dir, err)
	}
	prefix := slug(s.Alias) + "-" + s.digest() + "-"
	used := make(map[string]time.Time)
	var names []string
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && entry.IsDir() && strings.HasPrefix(entry.Name(), prefix) {
			names = append(names, entry.Name())
			used[entry.Name()] = info.ModTime()
		}
	}
	slices.SortFunc(names, func(a, b string) int { return used[b].Compare(used[a]) })
	return names, nil
}

// templates turns what was found into what the caller gets.
func (m *Manager) templates(ctx context.Context, schemas []Schema, got map[string]*held) []*Template {
	result := make([]*Template, len(schemas))
	for i, s := range schemas {
		h := got[s.id()]
		m.promote(h)
		m.touch(ctx, h)
		result[i] = &Template{
			schema: s, project: h.project, name: h.name,
			location: h.engine.Locate(h.spot), created: h.record.Created,
		}
		result[i].inputs, result[i].coarse = m.inputs(h)
	}
	return result
}

// inputs are what a template was built from.
func (m *Manager) inputs(h *held) (digests map[string]string, coarse bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	digests = make(map[string]string, len(h.record.Inputs))
	for _, input := range h.record.Inputs {
		switch {
		case input.Fact != "":
		case input.Part != "":
			digests[input.Path] = Parts
		case digests[input.Path] != Parts:
			digests[input.Path] = input.SHA256
		}
	}
	return digests, h.record.Coarse
}
