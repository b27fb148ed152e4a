package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone"
)

// drop removes a database, whoever is still connected to it. Many at once are quicker than one after
// the other: each asks for a checkpoint, and they share it.
func (s *server) drop(ctx context.Context, at dbclone.Spot) error {
	s.forget(at.Name)
	return s.work(ctx, s.dropping, func(conn *pgx.Conn) error {
		return alone(ctx, conn, at.Name, func() error { return s.dropOn(ctx, conn, at) })
	})
}

// dropOn does it on a connection that has the name's lock.
func (s *server) dropOn(ctx context.Context, conn *pgx.Conn, at dbclone.Spot) error {
	if at.Label.Kind == dbclone.KindUnfinished {
		if err := stopCreation(ctx, conn, at.Name); err != nil {
			return err
		}
	}
	d, err := look(ctx, conn, at.Name)
	if err != nil || d == nil {
		return err
	}
	if err := d.refuse(at); err != nil {
		return err
	}
	if d.whole {
		if err := s.clearTheWay(ctx, conn, at.Name, d); err != nil {
			return err
		}
	}
	if err := vacate(ctx, conn, at.Name, 0); err != nil {
		return err
	}
	statement := "DROP DATABASE IF EXISTS " + identifier(at.Name)
	if major(conn) >= 13 {
		statement += " WITH (FORCE)" // for who came just now
	}
	_, err = conn.Exec(ctx, statement)
	return err
}

// stopCreation ends the sessions that are still making a database for a build whose process was killed:
// the server goes on with that until it is done, and nobody would know of it.
func stopCreation(ctx context.Context, conn *pgx.Conn, name string) error {
	const makers = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE 'CREATE DATABASE%' AND position($1 IN query) > 0`
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		var at int
		if err := conn.QueryRow(ctx, makers, identifier(name)).Scan(&at); err != nil || at == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// clearTheWay removes what keeps a database from being dropped, but for the sessions in it.
func (s *server) clearTheWay(ctx context.Context, conn *pgx.Conn, name string, d *database) error {
	if d.prepared > 0 {
		if err := s.visit(ctx, conn, name, d.open, rollBackPrepared); err != nil {
			return err
		}
	}
	if d.template || d.open || d.prepared > 0 {
		_, err := conn.Exec(ctx, "ALTER DATABASE "+identifier(name)+" WITH ALLOW_CONNECTIONS false IS_TEMPLATE false")
		return err
	}
	return nil
}

// visit does something in a database, which is opened for that when it is closed.
func (s *server) visit(ctx context.Context, conn *pgx.Conn, name string, open bool, do func(context.Context, *pgx.Conn) error) error {
	if !open {
		if _, err := conn.Exec(ctx, "ALTER DATABASE "+identifier(name)+" WITH ALLOW_CONNECTIONS true"); err != nil {
			return err
		}
	}
	inside, err := s.connect(ctx, name)
	if err != nil {
		return err
	}
	defer hangUp(inside)
	return do(ctx, inside)
}

// dropHalf removes what an attempt left that failed or was cancelled. A statement that the server
// is still at, because the connection was cut, has the lock of the name and is waited for.
func (s *server) dropHalf(ctx context.Context, at dbclone.Spot) {
	ctx, cancel := unwatched(ctx)
	defer cancel()
	if err := s.drop(ctx, at); err != nil {
		s.log.Warn("a clone that is not complete could not be dropped", "database", at.Name, "error", err)
	}
}

// closing is the grace for sessions whose client has hung up.
const closing = time.Second
