package mysql

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"hotclub/dbclone"
)

// ours looks a name up and refuses what bears the label of another home.
func ours(ctx context.Context, on *session, at dbclone.Spot) (entry, error) {
	e, err := lookUp(ctx, on, at.Name)
	if err == nil && e.state != "" && e.label.Home != at.Label.Home {
		err = fmt.Errorf("%w: %s", dbclone.ErrNotOurs, at.Name)
	}
	return e, err
}

// clone makes a database that holds what a template does, where nothing is. It leaves nothing when
// it fails.
func (s *server) clone(ctx context.Context, on *session, from *contents, at dbclone.Spot) (err error) {
	e, err := ours(ctx, on, at)
	if err != nil {
		return err
	}
	if e.present {
		return fmt.Errorf("mysql: there is a database %s already", at.Name)
	}
	if err := s.putLabel(ctx, on, at, making); err != nil {
		return err
	}
	defer func() {
		switch {
		case number(err) == errDatabaseExists: // somebody was quicker
			err = errors.Join(err, takeLabel(ctx, on, at.Name))
		case err != nil:
			on.spoil() // others may have all places, and undo wait for this one
			err = errors.Join(err, s.undo(ctx, at.Name))
		}
	}()
	if err := fillNew(ctx, on, from, at.Name); err != nil {
		return err
	}
	return s.putLabel(ctx, on, at, whole)
}

// undo drops a database that was not finished, in a session of its own: the one that made it may
// have been cut off, with the server still at work for it.
func (s *server) undo(ctx context.Context, database string) error {
	ctx, cancel := unwatched(ctx)
	defer cancel()
	on, err := s.open(ctx, home)
	if err != nil {
		return err
	}
	defer on.close()
	return s.drop(ctx, on, database)
}

// drop removes a database, then its label.
func (s *server) drop(ctx context.Context, on *session, database string) error {
	if err := on.use(ctx, home); err != nil {
		return err
	}
	if err := unmake(ctx, on, database); err != nil {
		return err
	}
	s.forget(database)
	return takeLabel(ctx, on, database)
}

// unmake drops a database together with the sessions in it. A transaction of theirs would keep it.
func unmake(ctx context.Context, on *session, database string) error {
	if err := vacate(ctx, on, database, 0); err != nil {
		return err
	}
	err := on.run(ctx, "DROP DATABASE IF EXISTS "+name(database))
	return blamed(ctx, on, database, err)
}

// fillNew makes a database and all that is in it, and compares.
func fillNew(ctx context.Context, on *session, from *contents, database string) error {
	err := createEmpty(ctx, on, from.schema, database)
	if err == nil {
		err = on.use(ctx, database)
	}
	if err == nil {
		err = makeTables(ctx, on, from)
	}
	if err == nil {
		err = makePrograms(ctx, on, from)
	}
	if err != nil {
		on.spoil() // it may be in a transaction, or in another SQL mode
		return err
	}
	made, same, err := from.reread(ctx, on, nil)
	switch {
	case err != nil:
		return err
	case !same:
		return fmt.Errorf("mysql: %s is not as the template: %s", database, from.schema.difference(made.schema))
	case made.mark() != from.mark():
		return fmt.Errorf("mysql: %s does not hold what the template does: %s", database, strings.Join(made.changed(from), ", "))
	}
	return nil
}

// createEmpty is not broken off half-way: the server might make the database after it was dropped
// again. What comes later needs it and can't.
func createEmpty(ctx context.Context, on *session, like *schema, database string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	ctx, cancel := unwatched(ctx)
	defer cancel()
	return on.run(ctx, fmt.Sprintf("CREATE DATABASE %s CHARACTER SET %s COLLATE %s", name(database), like.charset, like.collation))
}

// makeTables makes sequences and tables and copies what is in them. Foreign keys are made with the
// tables: they are not checked in this session, so the order does not matter.
func makeTables(ctx context.Context, on *session, from *contents) error {
	s := from.schema
	var all []string
	for _, o := range s.of(sequence) {
		all = append(all, renamed(o.create, s.name, on.in),
			from.setSequence(o.name))
	}
	for _, o := range s.of(baseTable) {
		create := renamed(o.create, s.name, on.in)
		if n := s.counters[o.name]; n > 0 {
			create = withCounter(create, n)
		}
		all = append(all, create)
	}
	all = append(all, "START TRANSACTION")
	for _, o := range s.of(baseTable) {
		if from.tables[o.name].rows > 0 {
			all = append(all, from.copyRows(o.name))
		}
	}
	return on.runAll(ctx, append(all, "COMMIT"))
}

// copyRows is the statement that copies a table's rows into the table of the same name in the
// current database.
func (c *contents) copyRows(table string) string {
	columns := names(c.sums.names(table))
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s.%s%s", name(table), columns, columns,
		name(c.schema.name), name(table), c.sums.hint(table))
}

// makePrograms makes what tables do without. Views need each other, in an order that nobody tells, so
// what can't be made yet is tried again after the rest.
func makePrograms(ctx context.Context, on *session, from *contents) error {
	var rest []object
	for _, kind := range makeOrder[2:] {
		rest = append(rest, from.schema.of(kind)...)
	}
	for len(rest) > 0 {
		var later []object
		var why error
		for _, o := range rest {
			err := o.make(ctx, on, renamed(o.create, from.schema.name, on.in))
			switch number(err) {
			case errNoTable, errNoSuchRoutine, errViewInvalid, errNoColumn:
				later, why = append(later, o), fmt.Errorf("make the %s %s: %w", strings.ToLower(o.kind), o.name, err)
			default:
				if err != nil {
					return fmt.Errorf("make the %s %s: %w", strings.ToLower(o.kind), o.name, err)
				}
			}
		}
		if len(later) == len(rest) {
			return why
		}
		rest = later
	}
	return nil
}
