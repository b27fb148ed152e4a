package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone"
)

// clone copies a template, and makes the first connection to the copy: that is the slow one, and it
// is the time to note what a clone looks like that nobody has touched.
func (s *server) clone(ctx context.Context, from, at dbclone.Spot) error {
	c, err := s.create(ctx, from, at)
	if err != nil {
		return err
	}
	if at.Label.Kind == dbclone.KindUnfinished {
		return nil // a build goes on with it, or drops it: then nobody may be in it
	}
	err = s.explore(ctx, c, s.template(from.Name))
	if noSlot(err) {
		return nil // it serves; it only can't be repaired
	}
	if err != nil {
		s.dropHalf(ctx, at)
	}
	return err
}

// create leaves nothing behind when it fails or the context ends.
func (s *server) create(ctx context.Context, from, at dbclone.Spot) (*clone, error) {
	begun := false
	err := s.work(ctx, s.creating, func(conn *pgx.Conn) error {
		return alone(ctx, conn, at.Name, func() error {
			template, err := s.source(ctx, conn, from)
			if err != nil {
				return err
			}
			begun = true
			if err := s.copy(ctx, conn, from, at); err != nil {
				// What was there before is not ours to remove.
				begun = !stateIs(err, "42P04")
				return err
			}
			if err := (note{Label: at.Label}).mark(ctx, conn, at.Name); err != nil {
				return fmt.Errorf("labelling it: %w", err)
			}
			if err := carryOver(ctx, conn, template.oid, at.Name); err != nil {
				return fmt.Errorf("giving it the settings and grants of its template: %w", err)
			}
			return nil
		})
	})
	if err != nil {
		if begun {
			s.dropHalf(ctx, at)
		}
		return nil, err
	}
	c := &clone{name: at.Name}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clones[at.Name] = c
	return c, nil
}

// source finds the template, with nobody in it: the server would wait for five seconds for them to
// leave, and then refuse.
func (s *server) source(ctx context.Context, conn *pgx.Conn, from dbclone.Spot) (*database, error) {
	d, err := look(ctx, conn, from.Name)
	switch {
	case err != nil:
		return nil, err
	case d == nil:
		return nil, fmt.Errorf("%w: %s", dbclone.ErrTemplateGone, from.Name)
	case !d.sealed():
		return nil, errChanged
	}
	t := s.template(from.Name)
	t.mu.Lock()
	if t.pace.best == "" {
		t.pace.best = d.note.Strategy
	}
	t.mu.Unlock()
	if err := vacate(ctx, conn, from.Name, 0); err != nil {
		return nil, fmt.Errorf("the template %s: %w", from.Name, err)
	}
	return d, nil
}

// copy makes the database, in the way that is or may be the fastest.
func (s *server) copy(ctx context.Context, conn *pgx.Conn, from, at dbclone.Spot) error {
	t := s.template(from.Name)
	_, facts := s.known()
	first := facts.first()
	t.mu.Lock()
	used := t.pace.next(first)
	t.mu.Unlock()
	statement := "CREATE DATABASE " + identifier(at.Name) + " TEMPLATE " + identifier(from.Name)
	if used != "" {
		statement += " STRATEGY " + string(used)
	}
	began := time.Now()
	if _, err := conn.Exec(ctx, statement); err != nil {
		return err
	}
	t.mu.Lock()
	settled := t.pace.took(first, used, time.Since(began))
	best := t.pace.best
	t.mu.Unlock()
	if !settled {
		return nil
	}
	s.log.Debug("the fastest way to copy a template is known", "template", from.Name, "strategy", best)
	return annotate(ctx, conn, from.Name, func(d *database) error { // for whoever uses it later
		d.note.Strategy = best
		return nil
	})
}

// explore notes what a clone holds that nobody has used yet.
func (s *server) explore(ctx context.Context, c *clone, t *template) error {
	return s.within(ctx, c, func(conn *pgx.Conn) error {
		img, err := t.pristine(ctx, conn)
		if err != nil {
			return err
		}
		base, err := takeBaseline(ctx, conn, img)
		if err != nil {
			return err
		}
		c.known(img, base)
		return nil
	})
}
