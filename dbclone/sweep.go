package dbclone

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// SweepReport says what was removed.
type SweepReport struct {
	Owners     []Owner // found dead
	Clones     int
	Unfinished int // templates whose builder died
	Templates  int // old, too many, or damaged
}

// Sweep removes what dead owners left, and templates that are due. It goes on after errors
// and returns them together; what they kept it from removing is found again the next time.
func (m *Manager) Sweep(ctx context.Context) (SweepReport, error) {
	var report SweepReport
	ctx, end, err := m.begin(ctx)
	if err != nil {
		return report, err
	}
	defer end()
	dead, err := m.findDead(ctx)
	errs := []error{err}
	for id, lock := range dead {
		errs = append(errs, m.bury(ctx, id, lock, &report))
	}
	errs = append(errs, m.sweepTemplates(ctx, &report), m.sweepLocks())
	if len(report.Owners) > 0 || report.Templates > 0 {
		m.log.Info("swept", "owners", len(report.Owners), "clones", report.Clones,
			"unfinished", report.Unfinished, "templates", report.Templates)
	}
	return report, errors.Join(errs...)
}

// findDead returns the locks of dead owners; having them keeps other sweeps away.
func (m *Manager) findDead(ctx context.Context) (map[string]*fileLock, error) {
	janitor, err := lockFile(ctx, m.layout.janitor(), exclusive)
	if err != nil {
		return nil, err
	}
	defer janitor.release()
	dead := make(map[string]*fileLock)
	var errs []error
	for _, id := range m.ownerIDs() {
		if id == m.owner.ID {
			continue
		}
		lock, err := tryLock(m.layout.ownerLock(id), exclusive)
		errs = append(errs, err)
		if lock != nil {
			dead[id] = lock
		}
	}
	return dead, errors.Join(errs...)
}

// ownerIDs names all owners that left any trace.
func (m *Manager) ownerIDs() []string {
	var ids []string
	seen := make(map[string]bool)
	for _, dir := range []string{m.layout.owners(), m.layout.clones(""), m.layout.building("")} {
		entries, _ := os.ReadDir(dir)
		for _, entry := range entries {
			id, _, _ := strings.Cut(entry.Name(), ".")
			if ownerID.MatchString(id) && !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// bury removes everything of one dead owner. Its name goes last: as long as it is there the
// rest will be looked for.
func (m *Manager) bury(ctx context.Context, id string, lock *fileLock, report *SweepReport) error {
	owner := readOwner(m.layout, id)
	clones, err := m.dropAll(ctx, m.layout.clones(id), m.dropClone)
	report.Clones += clones
	unfinished, err2 := m.dropAll(ctx, m.layout.building(id), m.dropUnfinished)
	report.Unfinished += unfinished
	err = errors.Join(err, err2)
	if err == nil {
		err = m.eraseOwner(id)
	}
	if err != nil {
		lock.release()
		if unmet(err) {
			return nil // Meet sweeps again
		}
		return err
	}
	if owner.PID != 0 || clones+unfinished > 0 { // else it closed as it should, just now
		report.Owners = append(report.Owners, owner)
	}
	return Storage("remove", m.layout.ownerLock(id), lock.remove())
}

// eraseOwner removes the owner's file, and temporary ones beside it.
func (m *Manager) eraseOwner(id string) error {
	paths, err := filepath.Glob(m.layout.ownerFile(id) + "*")
	if err != nil {
		return err
	}
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Storage("remove", path, err)
		}
	}
	return nil
}

// dropAll drops the database in each folder of dir, and then dir.
func (m *Manager) dropAll(ctx context.Context, dir string, drop func(context.Context, string) error) (n int, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	errs := []error{Storage("list", dir, err)}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		err := drop(ctx, path)
		if err == nil {
			err = Storage("remove", path, os.RemoveAll(path))
		}
		if err == nil {
			n++
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return n, err
	}
	return n, Storage("remove", dir, os.Remove(dir))
}

// dropClone drops what a clone's record names. Without a record nothing had been made yet.
func (m *Manager) dropClone(ctx context.Context, dir string) error {
	r, err := readLeased(dir)
	if err != nil {
		return unlessForeign(err)
	}
	engine, err := m.engine(r.Schema)
	if err != nil {
		return err
	}
	return engine.Drop(ctx, m.on(Spot{Dir: dir, Name: r.Name}, r.Schema, KindClone))
}

// dropUnfinished also drops under the lasting name: the builder may have died between the two
// steps of publishing.
func (m *Manager) dropUnfinished(ctx context.Context, dir string) error {
	r, err := readRecord(dir)
	if err != nil {
		return unlessForeign(err)
	}
	engine, err := m.engine(r.Schema)
	if err != nil {
		return err
	}
	return errors.Join(
		engine.Drop(ctx, m.on(Spot{Dir: dir, Name: r.BuiltAs}, r.Schema, KindUnfinished)),
		engine.Drop(ctx, m.template(r, dir)),
	)
}

// unlessForeign lets a folder go whose record is missing or damaged, but not one of a version
// that may know databases which this one does not.
func unlessForeign(err error) error {
	var foreign *formatError
	if errors.As(err, &foreign) {
		return err
	}
	return nil
}

func (m *Manager) sweepTemplates(ctx context.Context, report *SweepReport) error {
	entries, err := os.ReadDir(m.layout.templates())
	errs := []error{Storage("list", m.layout.templates(), err)}
	for _, entry := range entries {
		n, err := m.pruneProject(ctx, entry.Name())
		report.Templates += n
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
