package mysql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hotclub/dbclone"
)

// dirty reports whether the rows or the schema of a clone have changed.
func (s *server) dirty(ctx context.Context, on *session, template, clone dbclone.Spot) (bool, error) {
	clean, err := s.baseline(ctx, on, template, clone)
	if err != nil {
		return false, err
	}
	if err := on.use(ctx, clone.Name); err != nil {
		return number(err) == errNoDatabase, ignore(err, errNoDatabase)
	}
	now, same, err := clean.reread(ctx, on, s.untouchedIn(clone.Name))
	return err == nil && (!same || len(now.changed(clean)) > 0), err
}

// ignore leaves out an error of the server's.
func ignore(err error, n uint16) error {
	if number(err) == n {
		return nil
	}
	return err
}

// baseline is what a clone holds while it is clean.
func (s *server) baseline(ctx context.Context, on *session, template, clone dbclone.Spot) (*contents, error) {
	s.mu.Lock()
	accepted := s.baselines[clone.Name]
	s.mu.Unlock()
	if accepted != nil {
		return accepted, nil
	}
	return s.sealed(ctx, on, template)
}

// accept takes what a clone holds for clean.
func (s *server) accept(ctx context.Context, on *session, clone dbclone.Spot) error {
	if err := on.use(ctx, clone.Name); err != nil {
		return err
	}
	now, err := readContents(ctx, on)
	if err != nil {
		return err
	}
	s.setBaseline(clone.Name, now)
	return nil
}

// setBaseline notes what a clone holds; nil stands for what its template does.
func (s *server) setBaseline(clone string, held *contents) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if held == nil {
		delete(s.baselines, clone)
	} else {
		s.baselines[clone] = held
	}
}

// restore puts a clone back to an image. One that was captured is never reached by making the clone
// anew: whoever asks for it has another way, and is told so by ErrNoImage while nothing was changed.
func (s *server) restore(ctx context.Context, on *session, template, clone dbclone.Spot, wanted dbclone.Image) (dbclone.Restored, error) {
	sealed, err := s.sealed(ctx, on, template)
	if err != nil {
		return dbclone.Restored{}, err
	}
	if wanted == dbclone.Pristine {
		return s.restoreSealed(ctx, on, sealed, clone)
	}
	to := s.image(template.Name, wanted)
	if to == nil {
		return dbclone.Restored{}, fmt.Errorf("%w: %s", dbclone.ErrNoImage, wanted)
	}
	now, why, err := s.standing(ctx, on, sealed, clone)
	if err != nil {
		return dbclone.Restored{}, err
	}
	if why != "" {
		return dbclone.Restored{}, fmt.Errorf("%w that %s can be put back to: %s", dbclone.ErrNoImage, clone.Name, why)
	}
	r := &repair{on: on, now: now, to: to}
	tables, err := r.do(ctx)
	if err != nil && r.untouched && (number(err) == errLockWait || number(err) == errDeadlock) {
		on.spoil() // which rolls back
		return dbclone.Restored{}, fmt.Errorf("%w that %s can be put back to now: %w", dbclone.ErrNoImage, clone.Name, blamed(ctx, on, clone.Name, err))
	}
	if err != nil {
		on.spoil()
		return dbclone.Restored{}, blamed(ctx, on, clone.Name, err)
	}
	s.setBaseline(clone.Name, to.contents)
	return dbclone.Restored{Clean: tables == 0, Tables: tables}, nil
}

// restoreSealed puts a clone back to what its template holds, or makes it anew.
func (s *server) restoreSealed(ctx context.Context, on *session, sealed *contents, clone dbclone.Spot) (dbclone.Restored, error) {
	now, why, err := s.standing(ctx, on, sealed, clone)
	if err != nil {
		return dbclone.Restored{}, err
	}
	tables := 0
	if why == "" {
		tables, err = (&repair{on: on, now: now, to: &image{contents: sealed}}).do(ctx)
		if errors.Is(err, errNotAlike) {
			why, err = err.Error(), nil
		}
	}
	if err == nil && why != "" {
		if err = s.replace(ctx, on, sealed, clone); err != nil {
			err = fmt.Errorf("make it anew, because %s: %w", why, err)
		}
	}
	if err != nil {
		on.spoil() // a transaction may be open
		return dbclone.Restored{}, blamed(ctx, on, clone.Name, err)
	}
	s.setBaseline(clone.Name, nil)
	return dbclone.Restored{Clean: tables == 0 && why == "", Replaced: why != "", Why: why, Tables: tables}, nil
}

// standing is what a clone holds now, or why that can't be repaired.
func (s *server) standing(ctx context.Context, on *session, sealed *contents, clone dbclone.Spot) (now *contents, why string, err error) {
	e, err := ours(ctx, on, clone)
	switch {
	case err != nil:
		return nil, "", err
	case !e.present:
		return nil, "the database was dropped", nil
	case e.state != whole:
		return nil, "the database was never finished", nil
	}
	if err := on.use(ctx, clone.Name); err != nil {
		return nil, "", err
	}
	now, same, err := sealed.reread(ctx, on, s.untouchedIn(clone.Name))
	if err == nil && !same {
		why = "the schema was changed: " + sealed.schema.difference(now.schema)
	}
	return now, why, err
}

// replace makes a clone anew under its name. A transaction that somebody has open in it keeps it.
func (s *server) replace(ctx context.Context, on *session, sealed *contents, clone dbclone.Spot) error {
	if err := on.use(ctx, home); err != nil {
		return err
	}
	if err := s.putLabel(ctx, on, clone, making); err != nil {
		return err
	}
	if err := on.run(ctx, "DROP DATABASE IF EXISTS "+name(clone.Name)); err != nil {
		return blamed(ctx, on, clone.Name, err)
	}
	if err := fillNew(ctx, on, sealed, clone.Name); err != nil {
		return err
	}
	return s.putLabel(ctx, on, clone, whole)
}

// grace is how long sessions that are ending get for it.
const grace = 200 * time.Millisecond

// reset is a restore of a clone that nobody uses any more: sessions that are still in it are ended.
func (s *server) reset(ctx context.Context, on *session, template, clone dbclone.Spot) error {
	if err := vacate(ctx, on, clone.Name, grace); err != nil {
		return err
	}
	_, err := s.restore(ctx, on, template, clone, dbclone.Pristine)
	return err
}

// repair is the work on one clone.
type repair struct {
	on        *session
	now       *contents
	to        *image
	untouched bool // nothing was done that the end of the session does not undo
}

// errNotAlike says that rewriting did not help.
var errNotAlike = errors.New("a table was not the same after it was written again")

// do puts tables and counters back and says how many tables and sequences that took.
func (r *repair) do(ctx context.Context) (tables int, err error) {
	r.untouched = true
	dirty := r.now.changed(r.to.contents)
	drifted, sequences := r.now.drifted(r.to.contents)
	touched := slices.Concat(dirty, drifted)
	slices.Sort(touched)
	touched = slices.Compact(touched)
	if len(dirty) > 0 {
		if err := r.rewrite(ctx, dirty); err != nil {
			return 0, err
		}
		if err := r.verify(ctx, dirty); err != nil {
			return 0, err
		}
	}
	if err := r.setCounters(ctx, touched); err != nil {
		return 0, err
	}
	for _, each := range sequences {
		if err := r.on.run(ctx, r.to.contents.setSequence(each)); err != nil {
			return 0, err
		}
	}
	return len(touched) + len(sequences), nil
}

func (r *repair) verify(ctx context.Context, tables []string) error {
	sums, err := r.to.contents.sums.read(ctx, r.on, tables)
	if err != nil {
		return err
	}
	for table, sum := range sums {
		if sum != r.to.contents.tables[table] {
			return fmt.Errorf("%w: %s", errNotAlike, table)
		}
	}
	return nil
}

// rewrite writes the rows of tables again, in their order, in one transaction. Their triggers are
// taken away meanwhile, for a server can't be told to leave them out.
func (r *repair) rewrite(ctx context.Context, dirty []string) error {
	var lifted []object
	var before []string
	for _, table := range dirty {
		for _, o := range r.now.schema.triggers(table) {
			if !strings.Contains(o.order, "UPDATE") {
				lifted = append(lifted, o)
				before = append(before, "DROP TRIGGER "+name(o.name))
			}
		}
	}
	rows := []string{"START TRANSACTION"}
	for _, table := range dirty {
		if r.now.sums.engines[table] != transactional {
			// Rows would go where others were, in another order.
			before = append(append(before, "TRUNCATE TABLE "+name(table)), r.to.rowsOf(table)...)
			continue
		}
		if r.now.tables[table].rows > 0 {
			rows = append(rows, "DELETE FROM "+name(table))
		}
		rows = append(rows, r.to.rowsOf(table)...)
	}
	r.untouched = len(before) == 0
	if err := r.on.runAll(ctx, append(slices.Concat(before, rows), "COMMIT")); err != nil {
		return err
	}
	r.untouched = false
	for _, o := range lifted {
		if err := o.make(ctx, r.on, renamed(o.create, r.now.schema.name, r.on.in)); err != nil {
			return fmt.Errorf("make the trigger %s again: %w", o.name, err)
		}
	}
	return nil
}

// setCounters sets the AUTO_INCREMENT values of tables where they differ. On MySQL that is most of what
// a restore takes: each ALTER writes the definition of the table, and of those that foreign keys join to
// it, anew, 2 ms without and 7 ms with two foreign keys. Nothing else puts a counter back for less:
// TRUNCATE makes a new file, which on a disk takes about twice as long, and several sessions at once run
// into deadlocks about those other tables.
func (r *repair) setCounters(ctx context.Context, tables []string) error {
	shows := make([]string, len(tables))
	for i, table := range tables {
		shows[i] = "SHOW CREATE TABLE " + name(table)
	}
	results, err := r.on.query(ctx, shows...)
	if err != nil {
		return err
	}
	var all []string
	for i, table := range tables {
		_, has := splitCounter(results[i][0]["Create Table"])
		if wants := r.to.contents.schema.counters[table]; has != wants {
			all = append(all, fmt.Sprintf("ALTER TABLE %s AUTO_INCREMENT = %d", name(table), max(wants, 1)))
		}
	}
	return r.on.run(ctx, all...)
}

// setSequence is the statement that puts a sequence back.
func (c *contents) setSequence(sequence string) string {
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", name(sequence), sequenceColumns, c.sequences[sequence])
}
