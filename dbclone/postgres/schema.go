package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// tablesOf lists what holds rows. Foreign tables are not among them, their rows are elsewhere for a
// fresh clone too. Nor are partitioned tables: their partitions hold the rows. A view that was never
// populated holds nothing; when it is, the catalogs say so.
const tablesOf = `
SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relkind = 'm', pg_table_size(c.oid),
	EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attgenerated <> '' AND NOT a.attisdropped),
	EXISTS (SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
		LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typlen = -1
		WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
			AND (t.typsend = 0 OR t.typreceive = 0 OR e.typsend = 0 OR e.typreceive = 0))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated) AND c.relpersistence <> 't'
	AND n.nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY c.oid`

func readTables(ctx context.Context, conn *pgx.Conn, needText map[uint32]bool) ([]table, error) {
	return collect(ctx, conn, tablesOf, func(row pgx.CollectableRow) (t table, err error) {
		err = row.Scan(&t.oid, &t.name, &t.view, &t.size, &t.generated, &t.text)
		t.text = t.text || needText[t.oid]
		return t, err
	})
}

const sequencesOf = `
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), s.seqcache > 1
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
WHERE c.relpersistence <> 't' ORDER BY c.oid`

func readSequences(ctx context.Context, conn *pgx.Conn) ([]sequence, error) {
	sequences, err := collect(ctx, conn, sequencesOf, func(row pgx.CollectableRow) (s sequence, err error) {
		err = row.Scan(&s.name, &s.cached)
		return s, err
	})
	for i := range sequences {
		s := &sequences[i]
		err := conn.QueryRow(ctx, "SELECT last_value, is_called FROM "+s.name, pgx.QueryExecModeExec).Scan(&s.at.last, &s.at.called)
		if err != nil {
			return nil, err
		}
	}
	return sequences, err
}

// keysOf lists foreign keys between tables; partitions have their own. Django's keys are deferrable
// and do nothing by themselves.
const keysOf = `
SELECT conrelid, confrelid, NOT condeferrable OR confdeltype <> 'a'
FROM pg_catalog.pg_constraint WHERE contype = 'f' ORDER BY oid`

func readKeys(ctx context.Context, conn *pgx.Conn, tables []table) ([]foreignKey, error) {
	at := indexes(tables)
	all, err := collect(ctx, conn, keysOf, func(row pgx.CollectableRow) (key foreignKey, err error) {
		var child, parent uint32
		err = row.Scan(&child, &parent, &key.strict)
		key.child, key.parent = at(child), at(parent)
		return key, err
	})
	var keys []foreignKey
	for _, key := range all {
		if key.child >= 0 && key.parent >= 0 {
			keys = append(keys, key)
		}
	}
	return keys, err
}

// reactionsOf lists what acts on its own when rows are deleted or inserted: users' triggers, and rules
// of DELETE. COPY does not follow those of INSERT.
const reactionsOf = `
SELECT tgrelid, 'TRIGGER ' || quote_ident(tgname), tgenabled::text FROM pg_catalog.pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'
UNION ALL
SELECT ev_class, 'RULE ' || quote_ident(rulename), ev_enabled::text FROM pg_catalog.pg_rewrite WHERE ev_type = '4' AND ev_enabled <> 'D'`

func readReactions(ctx context.Context, conn *pgx.Conn, tables []table) error {
	at := indexes(tables)
	_, err := collect(ctx, conn, reactionsOf, func(row pgx.CollectableRow) (struct{}, error) {
		var relation uint32
		var name, enabled string
		err := row.Scan(&relation, &name, &enabled)
		if i := at(relation); err == nil && i >= 0 {
			tables[i].reactions = append(tables[i].reactions, reaction{name, firing(enabled[0])})
		}
		return struct{}{}, err
	})
	return err
}

// indexes returns a function from an oid to the index of its table, -1 if it is none of them.
func indexes(tables []table) func(uint32) int {
	at := make(map[uint32]int, len(tables))
	for i, each := range tables {
		at[each.oid] = i
	}
	return func(oid uint32) int {
		if i, ok := at[oid]; ok {
			return i
		}
		return -1
	}
}

// collect asks once, so it leaves no prepared statement behind.
func collect[T any](ctx context.Context, conn *pgx.Conn, sql string, scan func(pgx.CollectableRow) (T, error)) ([]T, error) {
	rows, err := conn.Query(ctx, sql, pgx.QueryExecModeExec)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}
