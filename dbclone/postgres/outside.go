package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// CREATE DATABASE copies what is inside of a database. What the server keeps about it elsewhere,
// which migrations may have set, is carried over here: ALTER DATABASE SET, GRANT ON DATABASE and
// the limit of connections.

// setting is one of ALTER DATABASE SET, or of ALTER ROLE IN DATABASE SET.
type setting struct {
	Role, Name, Value string
}

// grant is one privilege on a database. The role "" is everybody.
type grant struct {
	Role, Privilege string
	Grantable       bool
}

// carryOver gives a new clone what its template has outside.
func carryOver(ctx context.Context, conn *pgx.Conn, template uint32, clone string) error {
	if err := carrySettings(ctx, conn, template, clone); err != nil {
		return err
	}
	return carryGrants(ctx, conn, template, clone)
}

// carrySettings lets the server quote: values of some settings are lists. Nothing of it is in force
// in our own session for longer than the transaction.
func carrySettings(ctx context.Context, conn *pgx.Conn, template uint32, clone string) error {
	rows, err := conn.Query(ctx, `
		SELECT coalesce(r.rolname::text, ''), split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)
		FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) c LEFT JOIN pg_roles r ON r.oid = s.setrole
		WHERE s.setdatabase = $1`, template)
	if err != nil {
		return err
	}
	settings, err := pgx.CollectRows(rows, pgx.RowToStructByPos[setting])
	if err != nil || len(settings) == 0 {
		return err
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, each := range settings {
			target := "ALTER DATABASE " + identifier(clone)
			if each.Role != "" {
				target = "ALTER ROLE " + identifier(each.Role) + " IN DATABASE " + identifier(clone)
			}
			if _, err := tx.Exec(ctx, "SELECT set_config($1, $2, true)", each.Name, each.Value); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, target+" SET "+parameter(each.Name)+" FROM CURRENT"); err != nil {
				return err
			}
		}
		return nil
	})
}

func carryGrants(ctx context.Context, conn *pgx.Conn, template uint32, clone string) error {
	var owner string
	var own bool // it has grants of its own, and not those that every new database has
	var limit int
	err := conn.QueryRow(ctx, `
		SELECT r.rolname::text, d.datacl IS NOT NULL, d.datconnlimit
		FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE d.oid = $1`, template,
	).Scan(&owner, &own, &limit)
	if err != nil {
		return err
	}
	var statements []string
	if limit >= 0 {
		statements = append(statements, fmt.Sprintf("ALTER DATABASE %s CONNECTION LIMIT %d", identifier(clone), limit))
	}
	if own {
		grants, err := grantsOn(ctx, conn, template)
		if err != nil {
			return err
		}
		statements = append(statements, "REVOKE ALL ON DATABASE "+identifier(clone)+" FROM PUBLIC, "+identifier(owner))
		for _, each := range grants {
			statements = append(statements, each.on(clone))
		}
	}
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func grantsOn(ctx context.Context, conn *pgx.Conn, template uint32) ([]grant, error) {
	rows, err := conn.Query(ctx, `
		SELECT coalesce(r.rolname::text, ''), a.privilege_type, a.is_grantable
		FROM pg_database d CROSS JOIN aclexplode(d.datacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
		WHERE d.oid = $1`, template)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[grant])
}

func (g grant) on(database string) string {
	statement := "GRANT " + g.Privilege + " ON DATABASE " + identifier(database) + " TO "
	if g.Role == "" {
		return statement + "PUBLIC"
	}
	statement += identifier(g.Role)
	if g.Grantable {
		statement += " WITH GRANT OPTION"
	}
	return statement
}

// parameter quotes the name of a setting, which may have a part before a dot.
func parameter(name string) string { return pgx.Identifier(strings.Split(name, ".")).Sanitize() }
