package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone"
)

var _ dbclone.Parker = (*Engine)(nil)

func (e *Engine) Park(ctx context.Context, template, clone dbclone.Spot) error {
	return e.on(ctx, clone, "park the clone "+clone.Name, func(s *server) error { return s.park(ctx, template, clone) })
}

func (e *Engine) Adopt(ctx context.Context, template, clone dbclone.Spot) error {
	return e.on(ctx, clone, "take over the clone "+clone.Name, func(s *server) error { return s.adopt(ctx, template, clone) })
}

// park closes a clone that nobody has changed since it was last put in order, and notes of which
// template it is a copy: from then on nobody can change it.
func (s *server) park(ctx context.Context, template, at dbclone.Spot) error {
	dirty, err := s.dirty(ctx, at)
	if err == nil && dirty {
		err = errors.New("somebody has changed it")
	}
	if err != nil {
		return err
	}
	s.forget(at.Name)
	return s.admin(ctx, func(conn *pgx.Conn) error {
		from, err := look(ctx, conn, template.Name)
		if err != nil || from == nil || !from.sealed() {
			return errors.Join(err, errChanged)
		}
		n := note{Label: at.Label, Seal: from.note.Seal}
		// Closed first: the label says that nobody could have changed it since.
		_, err = run(ctx, conn, "ALTER DATABASE "+identifier(at.Name)+" WITH ALLOW_CONNECTIONS false;"+n.comment(at.Name))
		if err != nil {
			return err
		}
		return vacate(ctx, conn, at.Name, closing)
	})
}

// adopt makes a parked database one of this owner's clones.
func (s *server) adopt(ctx context.Context, template, at dbclone.Spot) error {
	err := s.admin(ctx, func(conn *pgx.Conn) error {
		from, err := look(ctx, conn, template.Name)
		if err != nil || from == nil {
			return errors.Join(err, errChanged)
		}
		d, err := look(ctx, conn, at.Name)
		switch {
		case err != nil:
			return err
		case d == nil || !d.whole || d.open || d.prepared > 0:
			return errors.New("it is gone, or somebody has opened it")
		case d.note.Home != at.Label.Home || d.note.Kind != dbclone.KindParked || d.note.Seal != from.note.Seal:
			return fmt.Errorf("it is no copy of %s as that is now", template.Name)
		}
		_, err = run(ctx, conn, "BEGIN; SET LOCAL synchronous_commit = off;"+note{Label: at.Label}.comment(at.Name)+
			"; ALTER DATABASE "+identifier(at.Name)+" WITH ALLOW_CONNECTIONS true; COMMIT")
		return err
	})
	if err != nil {
		return err
	}
	c := &clone{name: at.Name}
	s.mu.Lock()
	s.clones[at.Name] = c
	s.mu.Unlock()
	return s.explore(ctx, c, s.template(template.Name))
}
