package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone"
)

var errUnknown = errors.New("it is not known any more what it holds")

// reset puts a clone back whose worker is gone: backends that outlive their client are sent away. The
// template must be there: a clone of nothing is worth nothing to the next worker.
func (s *server) reset(ctx context.Context, from, at dbclone.Spot) error {
	if err := s.present(ctx, from); err != nil {
		return err
	}
	_, err := s.pristine(ctx, from, at, func(conn *pgx.Conn, c *clone) (restored dbclone.Restored, err error) {
		if err := vacate(ctx, conn, at.Name, closing); err != nil {
			return restored, err
		}
		if restored, err = c.repair(ctx, conn, s.template(from.Name).image(dbclone.Pristine), &s.repairs); err != nil {
			return restored, err
		}
		base, err := compact(ctx, conn, c.holds, c.base)
		if err == nil {
			c.known(c.holds, base)
		}
		return restored, err
	})
	return err
}

// restore puts a clone back while a worker stays connected.
func (s *server) restore(ctx context.Context, from, at dbclone.Spot, name dbclone.Image) (dbclone.Restored, error) {
	if name != dbclone.Pristine {
		return s.recall(ctx, from, at, name)
	}
	return s.pristine(ctx, from, at, func(conn *pgx.Conn, c *clone) (dbclone.Restored, error) {
		return c.repair(ctx, conn, s.template(from.Name).image(dbclone.Pristine), &s.repairs)
	})
}

// pristine repairs a clone in some way, and makes it anew when that can't be done.
func (s *server) pristine(ctx context.Context, from, at dbclone.Spot, mend func(*pgx.Conn, *clone) (dbclone.Restored, error)) (restored dbclone.Restored, err error) {
	c := s.tracked(at.Name)
	err = errUnknown
	if c.holds != nil {
		err = s.within(ctx, c, func(conn *pgx.Conn) error {
			restored, err = mend(conn, c)
			return err
		})
	}
	if err == nil || ctx.Err() != nil {
		return restored, err
	}
	why := whyReclone(err)
	s.log.Debug("a clone is made anew", "database", at.Name, "because", why)
	if err = s.drop(ctx, at); err == nil {
		err = s.clone(ctx, from, at)
	}
	return dbclone.Restored{Replaced: err == nil, Why: why}, err
}

// recall puts a clone to an image that was captured. That is only ever done in place: the worker has
// another way to get there, its own flush, and keeps its connections. So any failure means that there
// is no such image for this clone.
func (s *server) recall(ctx context.Context, from, at dbclone.Spot, name dbclone.Image) (restored dbclone.Restored, err error) {
	c, to := s.tracked(at.Name), s.template(from.Name).image(name)
	switch {
	case to == nil:
		return restored, fmt.Errorf("%w: %s", dbclone.ErrNoImage, name)
	case c.holds == nil:
		return restored, fmt.Errorf("%w for this clone: %w", dbclone.ErrNoImage, errUnknown)
	}
	err = s.within(ctx, c, func(conn *pgx.Conn) error {
		restored, err = c.repair(ctx, conn, to, &s.repairs)
		return err
	})
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w that this clone can be put to: %w", dbclone.ErrNoImage, err)
	}
	return restored, err
}

// repair finds what has changed in a clone and puts back that.
func (c *clone) repair(ctx context.Context, conn *pgx.Conn, to *image, ours *repairs) (restored dbclone.Restored, err error) {
	if to == nil {
		return restored, errUnknown
	}
	d, err := findDirt(ctx, conn, c.holds, c.base, ours)
	if err != nil {
		return restored, err
	}
	restored.Clean, restored.Tables = d.clean() && c.holds == to, d.tables()
	base, err := repair(ctx, conn, c.holds, to, c.base, d, ours)
	if err == nil {
		c.known(to, base)
	}
	return restored, err
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
		d, err := findDirt(ctx, conn, c.holds, c.clean, &s.repairs)
		dirty = err == nil && !d.clean()
		return err
	})
	if errors.Is(err, errRestart) {
		return true, nil
	}
	return dirty, err
}

// identify makes a name of the digests of all tables. Only those that have changed are read.
func (s *server) identify(ctx context.Context, at dbclone.Spot) (name string, err error) {
	c := s.tracked(at.Name)
	if c.holds == nil {
		return "", errUnknown
	}
	err = s.within(ctx, c, func(conn *pgx.Conn) error {
		d, err := findDirt(ctx, conn, c.holds, c.base, &s.repairs)
		switch {
		case err != nil:
			return err
		case d.lost != nil:
			return d.lost
		case len(d.objects) > 0 || len(d.seen.prepared) > 0 || d.seen.writers != "":
			return errUnknown
		}
		sum := sha256.New()
		for i, t := range c.holds.tables {
			digest := t.digest
			if _, touched := d.states[i]; touched {
				if digest, err = t.now(ctx, conn); err != nil {
					return refused(err, "reading the rows of "+t.name)
				}
			}
			sum.Write(digest[:])
		}
		name = hex.EncodeToString(sum.Sum(nil))
		return nil
	})
	return name, err
}

// accept leaves alone what the next repair goes by.
func (s *server) accept(ctx context.Context, at dbclone.Spot) error {
	c := s.tracked(at.Name)
	if c.holds == nil {
		return errUnknown
	}
	return s.within(ctx, c, func(conn *pgx.Conn) error {
		base, err := takeBaseline(ctx, conn, c.holds)
		if err == nil {
			c.clean = base
		}
		return err
	})
}

// capture keeps what a clone holds, unless there is an image of this name. The schema has to be that
// of the template, or the image would fit no other clone.
func (s *server) capture(ctx context.Context, from, at dbclone.Spot, name dbclone.Image) error {
	t, c := s.template(from.Name), s.tracked(at.Name)
	pristine := t.image(dbclone.Pristine)
	switch {
	case t.image(name) != nil:
		return nil
	case pristine == nil:
		return errUnknown
	}
	return s.within(ctx, c, func(conn *pgx.Conn) error {
		img, err := readImage(ctx, conn)
		if err != nil {
			return err
		}
		if !img.sameSchema(pristine) {
			return errors.New("its schema is not the one of its template any more")
		}
		base, err := takeBaseline(ctx, conn, img)
		if err != nil {
			return err
		}
		img.share(pristine)
		t.keep(name, img)
		c.known(img, base)
		return nil
	})
}
