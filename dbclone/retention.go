package dbclone

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"
)

// What is kept of the templates of one project and alias. Those that served for less than passing
// are most often states of a migration while it was written; a storm of them must not cost the
// templates of other branches.
const (
	passing     = time.Hour
	keepPassing = 6
	keepCount   = 6        // of the others
	keepBytes   = 1 << 30  // of all, but for the last two used
	keepAge     = 14 * day // since a template was last used
)

// stored is a template as it lies on the disk.
type stored struct {
	name   string
	dir    string
	record record
	fault  error // the record can't be read
	used   time.Time
}

// stored lists the templates of a project, the last used first.
func (m *Manager) stored(project string) ([]stored, error) {
	dir := m.layout.project(project)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, Storage("list", dir, err)
	}
	var list []stored
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !entry.IsDir() {
			continue
		}
		s := stored{name: entry.Name(), dir: m.layout.template(project, entry.Name()).Dir}
		s.record, s.fault = readRecord(s.dir)
		s.used = s.record.LastUsed
		if s.fault != nil {
			s.used = info.ModTime()
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b stored) int {
		return cmp.Or(b.used.Compare(a.used), b.record.Created.Compare(a.record.Created))
	})
	return list, nil
}

// expired picks what is too old or too many. What can't be read is of no use to anybody,
// unless another version of hotclub can read it.
func expired(list []stored, now time.Time) (names []string) {
	shelves := make(map[string]*shelf)
	for _, s := range list {
		due := now.Sub(s.used) > keepAge
		if s.fault == nil {
			lineage := s.record.Schema.lineage()
			if shelves[lineage] == nil {
				shelves[lineage] = new(shelf)
			}
			due = due || !shelves[lineage].keeps(s.record)
		} else if unlessForeign(s.fault) == nil {
			due = true
		}
		if due {
			names = append(names, s.name)
		}
	}
	return names
}

// shelf is what is kept of one lineage, the last used first.
type shelf struct {
	passing, lasting int
	bytes            int64
}

// keeps decides about the next template.
func (f *shelf) keeps(r record) bool {
	among, most := &f.lasting, keepCount
	if r.LastUsed.Sub(r.Created) < passing {
		among, most = &f.passing, keepPassing
	}
	if *among >= most || f.passing+f.lasting >= 2 && f.bytes+r.Sealed.Size > keepBytes {
		return false
	}
	*among++
	f.bytes += r.Sealed.Size
	return true
}

// prune drops old templates of the projects that something was just built for. That it could
// not is no reason to fail the build.
func (m *Manager) prune(ctx context.Context, schemas []Schema) {
	done := make(map[string]bool)
	for _, s := range schemas {
		if done[s.Project] {
			continue
		}
		done[s.Project] = true
		if _, err := m.pruneProject(ctx, s.Project); err != nil {
			m.log.Warn("old templates could not be removed", "project", s.Project, "error", err)
		}
	}
}

func (m *Manager) pruneProject(ctx context.Context, project string) (dropped int, err error) {
	list, err := m.stored(project)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, name := range expired(list, m.now()) {
		ok, err := m.drop(ctx, project, name)
		errs = append(errs, err)
		if ok {
			dropped++
		}
	}
	return dropped, errors.Join(errs...)
}

// drop removes a template that no live process holds; false when one does.
func (m *Manager) drop(ctx context.Context, project, name string) (bool, error) {
	lock, err := tryLock(m.layout.hold(project, name), exclusive)
	if lock == nil || err != nil {
		return false, err
	}
	spot := m.layout.template(project, name)
	// Without a readable record it is not known whose database this is; the folder has to do.
	if r, err := readRecord(spot.Dir); err == nil {
		engine, err := m.engine(r.Schema)
		if err == nil {
			err = m.unpark(ctx, project, name)
		}
		if err == nil {
			err = engine.Drop(ctx, m.template(r, spot.Dir))
		}
		if err != nil {
			lock.release()
			if unmet(err) {
				err = nil
			}
			return false, err
		}
	}
	if err := os.RemoveAll(spot.Dir); err != nil {
		lock.release()
		return false, Storage("remove the template", spot.Dir, err)
	}
	m.log.Info("a template was dropped", "template", name)
	return true, Storage("remove", m.layout.hold(project, name), lock.remove())
}

// Forget drops the templates of a project that no lease uses, here or in another process.
func (m *Manager) Forget(ctx context.Context, project string) error {
	ctx, end, err := m.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	for _, h := range m.heldOf(project) {
		m.demote(h)
		m.quiet(ctx, h)
	}
	list, err := m.stored(project)
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range list {
		ok, err := m.drop(ctx, project, s.name)
		errs = append(errs, err)
		if !ok && err == nil {
			m.log.Info("a template stays because it is in use", "template", s.name)
		}
	}
	return errors.Join(errs...)
}

func (m *Manager) heldOf(project string) (list []*held) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, h := range m.held {
		if h.project == project {
			list = append(list, h)
		}
	}
	return list
}
