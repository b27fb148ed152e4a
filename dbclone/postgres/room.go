package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone"
)

var _ dbclone.Limited = (*Engine)(nil)

func (e *Engine) Room(ctx context.Context, template dbclone.Spot) (room dbclone.Room, err error) {
	err = e.on(ctx, template, "count the connections", func(s *server) error {
		room, err = s.room(ctx, template.Label)
		return err
	})
	return room, err
}

// limits are how many connections a server takes.
type limits struct {
	slots    int // max_connections
	reserved int // of these for superusers and the like: whoever is one leaves them alone as well
	role     int // that whoever we connect as may have, below 0 for any number
	user     string
}

// most is how many connections we could have if nobody else had any.
func (l limits) most() int {
	if l.role >= 0 {
		return min(l.slots, l.role)
	}
	return l.slots
}

// places is how many of them are for our sessions beside the held one.
func (l limits) places() int { return dbclone.OurShare(l.most()) }

// ours is what we take: these and the held one.
func (l limits) ours() int { return l.places() + 1 }

// sessions counts who is connected.
type sessions struct {
	others     int // neither we nor the workers that are asked about
	othersRole int // those of them that count for our role
}

// room asks the server each time: limits are changed and sessions come and go. The number of
// connections to one database may be limited too, which a clone has from its template; but each worker
// has a clone of its own.
func (s *server) room(ctx context.Context, whose dbclone.Label) (dbclone.Room, error) {
	var l limits
	var there sessions
	err := s.admin(ctx, func(conn *pgx.Conn) (err error) {
		if l, err = readLimits(ctx, conn); err == nil {
			there, err = countOthers(ctx, conn, whose)
		}
		return err
	})
	if err != nil {
		return dbclone.Room{}, err
	}
	s.limitPlaces(l.places())
	return l.room(s.id, there), nil
}

func (l limits) room(id string, there sessions) dbclone.Room {
	all := []dbclone.Limit{{
		Whose: "the server takes", Most: l.slots, Reserved: l.reserved, Others: there.others,
		Remedy: "raise max_connections in postgresql.conf and restart the server, or close other clients",
	}}
	if l.role >= 0 {
		all = append(all, dbclone.Limit{
			Whose: fmt.Sprintf("the role %q may have", l.user), Most: l.role, Others: there.othersRole,
			Remedy: fmt.Sprintf("as a superuser, run: ALTER ROLE %s CONNECTION LIMIT -1", identifier(l.user)),
		})
	}
	return dbclone.RoomWithin(id, l.ours(), all...)
}

func readLimits(ctx context.Context, conn *pgx.Conn) (l limits, err error) {
	err = conn.QueryRow(ctx, `
		SELECT current_setting('max_connections')::int,
			current_setting('superuser_reserved_connections')::int + coalesce(current_setting('reserved_connections', true), '0')::int,
			CASE WHEN r.rolsuper THEN -1 ELSE r.rolconnlimit END, r.rolname::text
		FROM pg_roles r WHERE r.rolname = session_user`,
	).Scan(&l.slots, &l.reserved, &l.role, &l.user)
	return l, err
}

// countOthers leaves out our own sessions, known by their name, and those in the databases that are the
// workers', known by their labels. Processes of the server itself have no role or no database.
func countOthers(ctx context.Context, conn *pgx.Conn, whose dbclone.Label) (there sessions, err error) {
	rows, err := conn.Query(ctx, `
		SELECT coalesce(shobj_description(a.datid, 'pg_database'), ''), a.usename = session_user, count(*)::int
		FROM pg_stat_activity a
		WHERE a.datid IS NOT NULL AND a.usesysid IS NOT NULL AND coalesce(a.backend_type, 'client backend') = 'client backend'
			AND a.application_name IS DISTINCT FROM current_setting('application_name')
		GROUP BY 1, 2`)
	if err != nil {
		return there, err
	}
	var comment string
	var sameRole bool
	var n int
	_, err = pgx.ForEachRow(rows, []any{&comment, &sameRole, &n}, func() error {
		if at, _ := readNote(comment); at.Owner == whose.Owner && at.Project == whose.Project {
			return nil
		}
		there.others += n
		if sameRole {
			there.othersRole += n
		}
		return nil
	})
	return there, err
}
