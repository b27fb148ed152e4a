package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// settleSession sets for the session:
//   - plans that are made once, without what costs more than it saves on small tables;
//   - an error where row security would hide rows from us, and instead of a long wait for a lock;
//   - no wait for the disk at commit: whoever loses the last moments in a crash also loses the lease;
//   - tables read from their first page, and one text format of values: both decide what an image holds.
const settleSession = `SELECT
	set_config('plan_cache_mode', 'force_generic_plan', false), set_config('jit', 'off', false),
	set_config('max_parallel_workers_per_gather', '0', false),
	set_config('row_security', 'off', false), set_config('lock_timeout', '250ms', false),
	set_config('statement_timeout', '0', false), set_config('idle_in_transaction_session_timeout', '0', false),
	set_config('synchronous_commit', 'off', false), set_config('vacuum_cost_delay', '0', false),
	set_config('default_transaction_isolation', 'read committed', false),
	set_config('default_transaction_read_only', 'off', false),
	set_config('synchronize_seqscans', 'off', false),
	set_config('datestyle', 'ISO, DMY', false), set_config('intervalstyle', 'postgres', false),
	set_config('timezone', 'UTC', false), set_config('extra_float_digits', '3', false),
	set_config('bytea_output', 'hex', false), set_config('xmloption', 'content', false),
	set_config('client_min_messages', 'error', false)`

// beReplica keeps triggers and foreign keys from interfering with a repair. It is set for the whole
// session, because each change of it throws the prepared plans away. Others than superusers may be
// allowed to since version 15.
const (
	beReplica        = `SET session_replication_role = replica`
	beReplicaIfMayBe = `SELECT set_config('session_replication_role', 'replica', false)
		WHERE has_parameter_privilege('session_replication_role', 'SET')`
)

// dontCount keeps the rows that a repair deletes from calling autovacuum, which would let later rows
// take their places, before those of the image.
const dontCount = `SET track_counts = off`

// prepareSession readies a connection for the functions below. It is for nothing else afterwards.
func prepareSession(ctx context.Context, conn *pgx.Conn) error {
	statements := []string{settleSession}
	switch {
	case conn.PgConn().ParameterStatus("is_superuser") == "on":
		statements = append(statements, beReplica, dontCount)
	case major(conn) >= 15:
		statements = append(statements, beReplicaIfMayBe)
	}
	if _, err := run(ctx, conn, strings.Join(statements, ";")); err != nil {
		return fmt.Errorf("postgres: preparing a session for repairs: %w", err)
	}
	return nil
}

// run executes statements in one round trip and returns the results of all.
func run(ctx context.Context, conn *pgx.Conn, statements string) ([]*pgconn.Result, error) {
	return conn.PgConn().Exec(ctx, statements).ReadAll()
}
