package oracle

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"hotclub/dbclone"
)

// restore puts a clone back to an image.
func (s *server) restore(ctx context.Context, template, at dbclone.Spot, image dbclone.Image) (dbclone.Restored, error) {
	want, err := s.imageSource(ctx, template, image)
	if err != nil {
		return dbclone.Restored{}, err
	}
	c, err := s.known(ctx, at)
	if err != nil {
		return dbclone.Restored{}, err
	}
	d, base, err := s.distance(ctx, c, want)
	if err != nil {
		return dbclone.Restored{}, err
	}
	switch {
	case d.clean():
		c.holds, c.base, c.accepted = want, base, nil
		return dbclone.Restored{Clean: true}, nil
	case d.schema == "":
		tables, err := s.repair(ctx, c, want, d)
		switch {
		case err == nil:
			return dbclone.Restored{Tables: len(tables)}, nil
		case image != dbclone.Pristine && is(err, resourceBusy):
			return dbclone.Restored{}, unreachable(image, err)
		case image != dbclone.Pristine || !errors.Is(err, errNotAsWanted):
			return dbclone.Restored{}, err
		}
		d.schema = "its contents could not be put back one by one"
	case image != dbclone.Pristine:
		return dbclone.Restored{}, unreachable(image, errors.New(d.schema))
	}
	return dbclone.Restored{Replaced: true, Why: d.schema}, s.refill(ctx, c, want)
}

// unreachable says that a clone is as it was and can't be put back to an image without being made
// anew, which would be the template's contents: whoever asked makes the contents by itself.
func unreachable(image dbclone.Image, err error) error {
	return fmt.Errorf("%w: %s can't be had in this clone: %w", dbclone.ErrNoImage, image, err)
}

// distance is what a clone lacks to be what is wanted. What is known of it helps only when that is
// what it held before.
func (s *server) distance(ctx context.Context, c *clone, want *source) (dirt, *baseline, error) {
	base := c.base
	if c.holds != want || base == nil {
		if err := s.letRead(ctx, want, c.in.user); err != nil {
			return dirt{}, nil, err
		}
		base = &baseline{marks: make(map[string]mark)}
	}
	d, err := findDirt(ctx, c.in, want.schema, base, fromSource(c.in, want))
	return d, base, err
}

// repair puts rows and numbers back, in the sessions that the user has. It returns the tables that it
// wrote.
func (s *server) repair(ctx context.Context, c *clone, want *source, d dirt) ([]string, error) {
	tables := want.schema.reached(d.tables)
	c.holds = nil // whatever happens now
	mine, err := c.named(ctx, want.schema)
	if err != nil {
		return nil, err
	}
	aside, back := mine.aside(tables)
	if err := c.in.exec(ctx, aside...); err != nil {
		return nil, err
	}
	err = rewrite(ctx, c.in, want, tables)
	// What was set aside comes back even if the rows could not be.
	if again := c.in.exec(context.WithoutCancel(ctx), back...); again != nil && err == nil {
		err = fmt.Errorf("%w: %w", errNotAsWanted, again)
	}
	if err != nil {
		return nil, err
	}
	have, err := readCounters(ctx, c.in)
	if err == nil {
		err = restartAll(ctx, c.in, want.schema, have)
	}
	if err == nil {
		c.base, err = readBaseline(ctx, c.in, want.schema)
	}
	if err != nil {
		return nil, err
	}
	for _, name := range tables {
		differs, err := fromSource(c.in, want)(ctx, want.schema.tables[name])
		if err != nil {
			return nil, err
		}
		if differs && compare(want.schema.tables[name], "l", "r") != "" {
			return nil, fmt.Errorf("%w: %s", errNotAsWanted, name)
		}
	}
	c.holds, c.accepted = want, nil
	return tables, nil
}

// named is a schema by the names that it has in this clone: generated ones are its own.
func (c *clone) named(ctx context.Context, like *schema) (*schema, error) {
	if slices.ContainsFunc(like.keys, func(key foreignKey) bool { return key.generated }) {
		return readSchema(ctx, c.in)
	}
	return like, nil
}

// rewrite replaces the rows of some tables in one transaction. Children and parents come in any
// order: what can't be deferred was set aside.
func rewrite(ctx context.Context, in *session, from *source, tables []string) error {
	if len(tables) == 0 {
		return nil
	}
	tx, err := in.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	statements := []string{
		"SET CONSTRAINTS ALL DEFERRED",
		"LOCK TABLE " + quoteAll(tables) + " IN EXCLUSIVE MODE WAIT 5",
	}
	for _, name := range tables {
		statements = append(statements, "DELETE FROM "+quote(name))
	}
	for _, name := range tables {
		statements = append(statements, copyRows(from.schema.tables[name], from.user, ""))
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// refill makes the contents anew for the same user.
func (s *server) refill(ctx context.Context, c *clone, want *source) error {
	c.holds, c.accepted = nil, nil
	if err := wipe(ctx, c.in); err != nil {
		return err
	}
	return s.fillClone(ctx, want, c)
}

// reached adds to some tables those whose rows a deletion in them would take away or change.
func (s *schema) reached(tables []string) []string {
	all := slices.Clone(tables)
	for i := 0; i < len(all); i++ {
		for _, key := range s.keys {
			if key.parent == all[i] && key.enabled && key.rule != "NO ACTION" && !slices.Contains(all, key.table) {
				all = append(all, key.table)
			}
		}
	}
	slices.Sort(all)
	return all
}

// aside is the DDL that takes out of the way what keeps rows from being replaced, and the DDL that
// brings it back: triggers, foreign keys that can't be deferred, columns that give their own numbers.
func (s *schema) aside(tables []string) (aside, back []string) {
	for _, name := range tables {
		if len(s.triggers[name]) > 0 {
			aside = append(aside, "ALTER TABLE "+quote(name)+" DISABLE ALL TRIGGERS")
		}
		for _, trigger := range s.triggers[name] {
			back = append(back, "ALTER TRIGGER "+quote(trigger)+" ENABLE")
		}
		if t := s.tables[name]; t.identity != nil && t.identity.generation == "ALWAYS" {
			open := *t.identity
			open.generation = "BY DEFAULT"
			aside = append(aside, restartIdentity(&table{name: name, identity: &open}, open.next))
			back = append(back, restartIdentity(t, t.identity.next))
		}
	}
	for _, key := range s.keys {
		if key.enabled && !key.deferrable && (slices.Contains(tables, key.parent) || slices.Contains(tables, key.table)) {
			alter := "ALTER TABLE " + quote(key.table)
			aside = append(aside, alter+" DISABLE CONSTRAINT "+quote(key.name))
			back = append(back, alter+" ENABLE CONSTRAINT "+quote(key.name))
		}
	}
	return aside, back
}
