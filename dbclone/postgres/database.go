package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// database is what the server's list says about one.
type database struct {
	oid      uint32
	template bool
	open     bool // to connections
	whole    bool // no server stopped in the middle of dropping it
	prepared int  // transactions that wait for their second phase
	labelled bool
	note     note
}

// look finds a database; nil when there is none of this name.
func look(ctx context.Context, conn *pgx.Conn, name string) (*database, error) {
	d, comment := &database{}, ""
	err := conn.QueryRow(ctx, `
		SELECT oid, datistemplate, datallowconn, datconnlimit <> -2, coalesce(shobj_description(oid, 'pg_database'), ''),
			(SELECT count(*) FROM pg_prepared_xacts p WHERE p.database = d.datname)
		FROM pg_database d WHERE datname = $1`, name,
	).Scan(&d.oid, &d.template, &d.open, &d.whole, &comment, &d.prepared)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	d.note, d.labelled = readNote(comment)
	return d, err
}

// visitor is somebody's session in a database.
type visitor struct {
	PID         int32
	Role        string
	Application string
}

func (v visitor) String() string {
	if v.Application == "" {
		return fmt.Sprintf("process %d of %q", v.PID, v.Role)
	}
	return fmt.Sprintf("process %d of %q (%s)", v.PID, v.Role, v.Application)
}

// visitors lists the sessions in a database. Processes of the server itself, which have no role, do
// not count: it ends those when they are in the way.
func visitors(ctx context.Context, conn *pgx.Conn, name string) ([]visitor, error) {
	rows, err := conn.Query(ctx, `
		SELECT pid, usename::text, coalesce(application_name, '') FROM pg_stat_activity
		WHERE datname = $1 AND usename IS NOT NULL AND pid <> pg_backend_pid() ORDER BY pid`, name)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[visitor])
}

// vacate waits until nobody is in a database: a session lasts a moment longer than its client. Who
// is still there after a while of grace is sent away. Asking often is cheaper than to let the server
// wait, which CREATE and DROP DATABASE do for 100 ms and more.
func vacate(ctx context.Context, conn *pgx.Conn, name string, grace time.Duration) error {
	polite, deadline := time.Now().Add(grace), time.Now().Add(grace+patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for told := map[int32]bool{}; ; {
		list, err := visitors(ctx, conn, name)
		if err != nil || len(list) == 0 {
			return err
		}
		var stay []string
		for _, v := range list {
			if time.Now().Before(polite) {
				break
			}
			if !told[v.PID] {
				told[v.PID] = true
				if err := sendAway(ctx, conn, v); err != nil {
					stay = append(stay, v.String())
				}
			}
		}
		if len(stay) > 0 || time.Now().After(deadline) {
			return fmt.Errorf("%w by %s", errOccupied, naming(stay, list))
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

func naming(stay []string, list []visitor) string {
	if len(stay) == 0 {
		for _, v := range list {
			stay = append(stay, v.String())
		}
	}
	return strings.Join(stay, ", ")
}

// sendAway ends a session. It is an error when that is not for us to do.
func sendAway(ctx context.Context, conn *pgx.Conn, v visitor) error {
	_, err := conn.Exec(ctx, "SELECT pg_terminate_backend($1)", v.PID)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "42501" {
		return err
	}
	return nil // it may have ended by itself; a lost connection shows at the next question
}

// rollBackPrepared gives up the transactions in a database that wait for their second phase: they
// hold on to it, and nobody of ours would ever finish them.
func rollBackPrepared(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()")
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, id := range ids {
		if err == nil {
			_, err = conn.Exec(ctx, "ROLLBACK PREPARED "+literal(id))
		}
	}
	return err
}
