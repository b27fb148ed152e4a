package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone"
)

var errOutside = errors.New("settings or grants of the database were changed")

// reset puts a clone back when its worker has gone, or is about to: backends that outlive their
// client are sent away, and so is what a test has left with PREPARE TRANSACTION.
func (s *server) reset(ctx context.Context, from, at dbclone.Spot) error {
	_, err := s.putBack(ctx, from, at, dbclone.Pristine, func(conn *pgx.Conn) error {
		if err := rollBackPrepared(ctx, conn); err != nil {
			return err
		}
		return vacate(ctx, conn, at.Name, closing)
	})
	return err
}

// restore does the same while a worker stays connected.
func (s *server) restore(ctx context.Context, from, at dbclone.Spot, name dbclone.Image) (dbclone.Restored, error) {
	return s.putBack(ctx, from, at, name, func(*pgx.Conn) error { return nil })
}

// putBack repairs a clone, and makes it anew when that can't be done. The template must be there
// in any case: a clone of nothing is worth nothing.
func (s *server) putBack(ctx context.Context, from, at dbclone.Spot, name dbclone.Image, first func(*pgx.Conn) error) (dbclone.Restored, error) {
	t := s.template(from.Name)
	to := t.image(name)
	if to == nil && name != dbclone.Pristine {
		return dbclone.Restored{}, fmt.Errorf("%w: %s", dbclone.ErrNoImage, name)
	}
	if err := s.present(ctx, from); err != nil {
		return dbclone.Restored{}, err
	}
	restored, err := s.repair(ctx, s.tracked(at.Name), to, first)
	if err == nil || ctx.Err() != nil {
		return restored, err
	}
	s.log.Debug("a clone is made anew", "database", at.Name, "because", err)
	if err := s.replace(ctx, from, at, to); err != nil {
		return dbclone.Restored{}, err
	}
	return dbclone.Restored{Replaced: true, Why: err.Error()}, nil
}

// repair finds what has changed in a clone and puts back that.
func (s *server) repair(ctx context.Context, c *clone, to *image, first func(*pgx.Conn) error) (restored dbclone.Restored, err error) {
	if c.holds == nil || to == nil {
		return restored, errUnknown
	}
	err = s.within(ctx, c, func(conn *pgx.Conn) error {
		if err := first(conn); err != nil {
			return err
		}
		digest, err := outside(ctx, conn)
		if err != nil {
			return err
		}
		if digest != c.outside {
			return errOutside
		}
		d, err := findDirt(ctx, conn, c.holds, c.base)
		if err != nil {
			return err
		}
		if d.clean() && c.holds == to {
			restored.Clean = true
			c.known(to, c.base)
			return nil
		}
		base, err := repair(ctx, conn, c.holds, to, c.base, d)
		if err != nil {
			return err
		}
		restored.Tables = d.tables()
		c.known(to, base)
		return nil
	})
	return restored, err
}

// replace drops a clone and makes it again under its name.
func (s *server) replace(ctx context.Context, from, at dbclone.Spot, to *image) error {
	if err := s.drop(ctx, at); err != nil {
		return err
	}
	if err := s.clone(ctx, from, at); err != nil {
		return err
	}
	if to == nil || to == s.template(from.Name).image(dbclone.Pristine) {
		return nil
	}
	_, err := s.repair(ctx, s.tracked(at.Name), to, func(*pgx.Conn) error { return nil })
	return err
}

// present makes sure that the template is still there.
func (s *server) present(ctx context.Context, from dbclone.Spot) error {
	return s.admin(ctx, func(conn *pgx.Conn) error {
		d, err := look(ctx, conn, from.Name)
		if err == nil && d == nil {
			err = fmt.Errorf("%w: %s", dbclone.ErrTemplateGone, from.Name)
		}
		return err
	})
}

// dirty reports what is certain or possible: of a clone that we know nothing of, it is possible.
func (s *server) dirty(ctx context.Context, at dbclone.Spot) (dirty bool, err error) {
	c := s.tracked(at.Name)
	if c.holds == nil {
		return true, nil
	}
	err = s.within(ctx, c, func(conn *pgx.Conn) error {
		d, err := findDirt(ctx, conn, c.holds, c.clean)
		dirty = err == nil && !d.clean()
		return err
	})
	if errors.Is(err, errRestart) {
		return true, nil
	}
	return dirty, err
}

// accept leaves alone what the next repair goes by.
func (s *server) accept(ctx context.Context, at dbclone.Spot) error {
	c := s.tracked(at.Name)
	if c.holds == nil {
		return errUnknown
	}
	return s.within(ctx, c, func(conn *pgx.Conn) (err error) {
		c.clean, err = takeBaseline(ctx, conn, c.holds)
		return err
	})
}

// capture keeps what a clone holds. It counts as clean from then on.
func (s *server) capture(ctx context.Context, from, at dbclone.Spot, name dbclone.Image) error {
	c := s.tracked(at.Name)
	return s.within(ctx, c, func(conn *pgx.Conn) error {
		img, err := readImage(ctx, conn)
		if err != nil {
			return err
		}
		s.template(from.Name).keep(name, img)
		if c.holds != nil {
			c.clean, err = takeBaseline(ctx, conn, c.holds)
		}
		return err
	})
}
