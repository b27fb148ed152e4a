package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// oldest is the first version that we work with.
const oldest = 12

// facts is what we know of a server since we last connected to it.
type facts struct {
	version  int // server_version_num: 150018
	role     string
	super    bool
	createDB bool
	fsync    bool
	traits   string // see [dbclone.Met]
}

func (f facts) major() int { return f.version / 10000 }

// learn asks a server for the facts.
func learn(ctx context.Context, conn *pgx.Conn) (facts, error) {
	f := facts{}
	err := conn.QueryRow(ctx, `
		SELECT current_setting('server_version_num')::int, r.rolname::text, r.rolsuper, r.rolcreatedb,
			current_setting('fsync')::bool
		FROM pg_roles r WHERE r.rolname = current_user`,
	).Scan(&f.version, &f.role, &f.super, &f.createDB, &f.fsync)
	if err != nil {
		return facts{}, err
	}
	f.traits, err = f.ask(ctx, conn)
	return f, err
}

// ask puts together what any new database depends on: this very cluster, its version, and what
// template1, from which Django creates, says about characters and their order. The columns differ
// from version to version, so the row is read as JSON.
func (f facts) ask(ctx context.Context, conn *pgx.Conn) (string, error) {
	// The operating system may bring another order than the one template1 was made with.
	now := "''"
	if f.major() >= 15 {
		now = "coalesce(pg_database_collation_actual_version(d.oid), '')"
	} else if f.major() >= 13 {
		now = "coalesce((SELECT pg_collation_actual_version(c.oid) FROM pg_collation c WHERE c.collcollate = d.datcollate LIMIT 1), '')"
	}
	var parts [8]string
	err := conn.QueryRow(ctx, `
		SELECT (SELECT system_identifier::text FROM pg_control_system()), pg_encoding_to_char(d.encoding),
			d.datcollate::text, d.datctype::text, coalesce(j->>'datlocprovider', ''),
			coalesce(j->>'daticulocale', j->>'datlocale', ''), coalesce(j->>'daticurules', ''), `+now+`
		FROM pg_database d, to_jsonb(d) j WHERE d.datname = 'template1'`,
	).Scan(&parts[0], &parts[1], &parts[2], &parts[3], &parts[4], &parts[5], &parts[6], &parts[7])
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("postgresql %d, cluster %s, owner %q, %s", f.version, parts[0], f.role, strings.Join(parts[1:], " ")), nil
}
