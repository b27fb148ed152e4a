package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone"
)

var errChanged = errors.New("the template was changed after it was sealed")

// seal closes a database that a build has written, after it was frozen.
func (s *server) seal(ctx context.Context, at dbclone.Spot) (sealed dbclone.Sealed, err error) {
	err = s.work(ctx, s.creating, func(conn *pgx.Conn) error {
		d, err := look(ctx, conn, at.Name)
		switch {
		case err != nil:
			return err
		case d == nil:
			return fmt.Errorf("%w: %s", dbclone.ErrNotBuilt, at.Name)
		case !d.whole:
			return errors.New("the server was stopped while this database was being dropped")
		case d.prepared > 0:
			return errors.New("the build left a prepared transaction in it")
		}
		if err := d.refuse(at); err != nil {
			return err
		}
		if err := vacate(ctx, conn, at.Name, closing); err != nil {
			return err
		}
		if err := s.visit(ctx, conn, at.Name, d.open, freeze); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, "ALTER DATABASE "+identifier(at.Name)+" WITH ALLOW_CONNECTIONS false IS_TEMPLATE true"); err != nil {
			return err
		}
		if err := vacate(ctx, conn, at.Name, closing); err != nil {
			return err
		}
		d.note = note{Label: at.Label, Seal: rand.Text()}
		if err := d.note.write(ctx, conn, at.Name); err != nil {
			return err
		}
		sealed.Mark = d.mark()
		return conn.QueryRow(ctx, "SELECT pg_database_size($1::oid)", d.oid).Scan(&sealed.Size)
	})
	return sealed, err
}

// freeze vacuums and analyzes all tables of a database: no clone will ever have to be vacuumed for the
// age of its rows, and all of them are too young to be analyzed. The tables that all databases share
// are left out: an owner of a database may not touch them, and the server would log that for each.
func freeze(ctx context.Context, conn *pgx.Conn) error {
	var tables string
	err := conn.QueryRow(ctx, `
		SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'm') AND NOT c.relisshared AND c.relpersistence <> 't'`,
	).Scan(&tables)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "VACUUM (FREEZE, ANALYZE) "+tables)
	return err
}

// mark recognises a template. An oid comes again one day, so that is not enough.
func (d *database) mark() string { return fmt.Sprintf("oid %d, seal %s", d.oid, d.note.Seal) }

// sealed reports whether a database is closed as a template is.
func (d *database) sealed() bool { return d.whole && d.template && !d.open && d.note.Seal != "" }

func (s *server) publish(ctx context.Context, from, to dbclone.Spot) error {
	return s.admin(ctx, func(conn *pgx.Conn) error {
		d, err := look(ctx, conn, from.Name)
		if err == nil && d == nil {
			// This may be the second attempt, after the connection was lost.
			if d, err = look(ctx, conn, to.Name); err == nil && (d == nil || d.note.Home != to.Label.Home || !d.sealed()) {
				err = fmt.Errorf("%w: %s", dbclone.ErrNotBuilt, from.Name)
			}
		} else if err == nil {
			_, err = conn.Exec(ctx, "ALTER DATABASE "+identifier(from.Name)+" RENAME TO "+identifier(to.Name))
		}
		if err != nil {
			return err
		}
		d.note.Label = to.Label
		return d.note.write(ctx, conn, to.Name)
	})
}

// check is one question on the held connection.
func (s *server) check(ctx context.Context, at dbclone.Spot, as dbclone.Sealed) error {
	return s.admin(ctx, func(conn *pgx.Conn) error {
		d, err := look(ctx, conn, at.Name)
		switch {
		case err != nil:
			return err
		case d == nil:
			return fmt.Errorf("%w: %s", dbclone.ErrTemplateGone, at.Name)
		case !d.sealed() || d.mark() != as.Mark:
			return errChanged
		}
		return nil
	})
}

// touch leaves the rest of the note as it is.
func (s *server) touch(ctx context.Context, at dbclone.Spot, label dbclone.Label) error {
	return s.admin(ctx, func(conn *pgx.Conn) error {
		return annotate(ctx, conn, at.Name, func(d *database) error {
			err := d.refuse(at)
			d.note.Label = label
			return err
		})
	})
}

// annotate changes what stands with a template.
func annotate(ctx context.Context, conn *pgx.Conn, name string, change func(*database) error) error {
	d, err := look(ctx, conn, name)
	if err == nil && d == nil {
		err = fmt.Errorf("%w: %s", dbclone.ErrTemplateGone, name)
	}
	if err == nil {
		err = change(d)
	}
	if err != nil {
		return err
	}
	return d.note.write(ctx, conn, name)
}
