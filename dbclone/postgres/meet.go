package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone"
)

// meet connects to the server if that is still to be done, and makes an owner known there.
func (s *server) meet(ctx context.Context, with settings, owner dbclone.Owner) (dbclone.Met, error) {
	s.mu.Lock()
	s.settings = with // a password may have changed
	known := slices.ContainsFunc(s.owners, func(o dbclone.Owner) bool { return o.ID == owner.ID })
	if !known {
		s.owners = append(slices.Clone(s.owners), owner)
	}
	s.mu.Unlock()
	err := s.admin(ctx, func(conn *pgx.Conn) error {
		if known {
			return conn.Ping(ctx)
		}
		return proclaim(ctx, conn, owner) // twice does no harm
	})
	_, facts := s.known()
	if err == nil {
		err = facts.suffice()
	}
	if err != nil {
		return dbclone.Met{}, failure(ctx, "use the server", s.id, facts.role, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop == nil {
		life, stop := context.WithCancel(context.Background())
		s.stop = stop
		s.watch.Go(func() { s.beat(life) })
	}
	return dbclone.Met{ID: s.id, Traits: facts.traits}, nil
}

// suffice says whether a server can do what we need, and we there.
func (f facts) suffice() error {
	switch {
	case f.major() < oldest:
		return fmt.Errorf("%w: version %d", errTooOld, f.major())
	case !f.super && !f.createDB:
		return errNoRight
	}
	return nil
}
