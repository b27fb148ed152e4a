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
	with.config.RuntimeParams["application_name"] = "hotclub " + owner.ID // tells our sessions from those of others
	s.mu.Lock()
	s.settings = with // a password may have changed
	known := slices.ContainsFunc(s.owners, func(o dbclone.Owner) bool { return o.ID == owner.ID })
	if !known {
		s.owners = append(slices.Clone(s.owners), owner)
	}
	s.mu.Unlock()
	var facts facts
	err := s.admin(ctx, func(conn *pgx.Conn) (err error) {
		if !known {
			err = proclaim(ctx, conn, owner) // twice does no harm
		}
		if err == nil {
			facts, err = learn(ctx, conn) // rights are granted and revoked
		}
		return err
	})
	if err == nil {
		err = facts.suffice()
	}
	if err != nil {
		return dbclone.Met{}, failure(ctx, "get ready to make databases", s.id, facts.role, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.facts = facts
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
