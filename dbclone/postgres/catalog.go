package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// catalog is one system catalog of a database, as an image has it. Together they are the schema,
// with comments, grants, extensions and all.
type catalog struct {
	name   string
	digest string
	sum    string // SQL for the digest, one value
}

// catalogs that say nothing about the schema: statistics, and large objects, which are contents. Those
// that all databases share are left out as well; see settingsOf for what they say about ours.
var notSchema = []string{"pg_statistic", "pg_statistic_ext_data", "pg_largeobject", "pg_largeobject_metadata"}

// columnsOfCatalogs lists the columns of all catalogs that the session may read.
const columnsOfCatalogs = `
SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND NOT c.relisshared
	AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AND c.relname <> ALL ($1)
GROUP BY c.relname ORDER BY c.relname`

// accidental are columns that change while the schema does not: where the rows lie, how many they
// are, hints that VACUUM puts right, and what a rewrite of the table makes superfluous.
var accidental = map[string][]string{
	"pg_class": {
		"relfilenode", "relpages", "reltuples", "relallvisible", "relallfrozen", "relhasindex", "relhasrules",
		"relhastriggers", "relhassubclass", "relrewrite", "relfrozenxid", "relminmxid",
	},
	"pg_attribute": {"attcacheoff", "atthasmissing", "attmissingval"},
	"pg_index":     {"indcheckxmin"},
}

// ofRelation names the column that says to which relation a row belongs; 0 is none. Before version 14 a
// table for long values has a type of its own.
var ofRelation = map[string]string{
	"pg_class": "oid", "pg_attribute": "attrelid", "pg_attrdef": "adrelid", "pg_constraint": "conrelid",
	"pg_index": "indrelid", "pg_trigger": "tgrelid", "pg_rewrite": "ev_class", "pg_policy": "polrelid",
	"pg_inherits": "inhrelid", "pg_sequence": "seqrelid", "pg_partitioned_table": "partrelid",
	"pg_type": "typrelid",
}

// Temporary objects belong to a session that is still connected, not to the database. And each time
// that a materialised view is refreshed, it gets another table for its long values.
const (
	passingRelations = `(SELECT oid FROM pg_catalog.pg_class WHERE relpersistence = 't'
		UNION ALL SELECT reltoastrelid FROM pg_catalog.pg_class WHERE relkind = 'm' AND reltoastrelid <> 0
		UNION ALL SELECT i.indexrelid FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class m ON m.reltoastrelid = i.indrelid AND m.relkind = 'm')`
	temporarySchemas = `(SELECT oid FROM pg_catalog.pg_namespace WHERE nspname ~ '^pg_(toast_)?temp_')`
)

// lasting are the rows of a catalog that count, where that is not said by ofRelation or a schema.
var lasting = map[string]string{
	"pg_namespace":   `c.nspname !~ '^pg_(toast_)?temp_'`,
	"pg_description": `NOT (c.classoid = 'pg_catalog.pg_class'::regclass AND c.objoid IN ` + passingRelations + `)`,
	// What depends on what follows from the other catalogs, except for members of extensions and owners
	// of sequences.
	"pg_depend": `(c.deptype IN ('e', 'x') OR c.deptype IN ('a', 'i') AND c.refobjsubid > 0
		AND c.classid = 'pg_catalog.pg_class'::regclass AND c.refclassid = c.classid)
		AND NOT (c.classid = 'pg_catalog.pg_class'::regclass AND c.objid IN ` + passingRelations + `)`,
}

// readCatalogs finds the catalogs of a database and digests them.
func readCatalogs(ctx context.Context, conn *pgx.Conn) ([]catalog, error) {
	rows, err := conn.Query(ctx, columnsOfCatalogs, notSchema)
	if err != nil {
		return nil, err
	}
	catalogs, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (catalog, error) {
		var name string
		var columns []string
		err := row.Scan(&name, &columns)
		return catalog{name: name, sum: sumOf(name, columns)}, err
	})
	if err != nil {
		return nil, err
	}
	digests, err := digest(ctx, conn, catalogs)
	for i, each := range digests {
		catalogs[i].digest = each
	}
	return catalogs, err
}

// sumOf writes the SQL for the digest of a catalog: a sum of hashes, so that no order is needed.
func sumOf(name string, columns []string) string {
	var values, conditions []string
	for _, column := range columns {
		if slices.Contains(accidental[name], column) {
			continue
		}
		if column == "reltoastrelid" {
			values = append(values, "CASE c.relkind WHEN 'm' THEN 0 ELSE c.reltoastrelid END")
		} else {
			values = append(values, "c."+column)
		}
		if strings.HasSuffix(column, "namespace") {
			conditions = append(conditions, "c."+column+" NOT IN "+temporarySchemas)
		}
	}
	if column, ok := ofRelation[name]; ok {
		conditions = append(conditions, "c."+column+" NOT IN "+passingRelations)
	}
	if condition, ok := lasting[name]; ok {
		conditions = append(conditions, condition)
	}
	sum := fmt.Sprintf("SELECT count(*) || ' ' || coalesce(sum(pg_catalog.hashtextextended(ROW(%s)::text, 0)), 0) FROM pg_catalog.%s c",
		strings.Join(values, ", "), name)
	if len(conditions) > 0 {
		sum += " WHERE " + strings.Join(conditions, " AND ")
	}
	return sum
}

// digest computes the digests of catalogs as they are now.
func digest(ctx context.Context, conn *pgx.Conn, catalogs []catalog) ([]string, error) {
	if len(catalogs) == 0 {
		return nil, nil
	}
	var sums []string
	for i, each := range catalogs {
		sums = append(sums, fmt.Sprintf("SELECT %d AS n, (%s) AS digest", i, each.sum))
	}
	rows, err := conn.Query(ctx, "SELECT digest FROM ("+strings.Join(sums, " UNION ALL ")+") AS all_of_them ORDER BY n", pgx.QueryExecModeExec)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// changedCatalogs names those of the given catalogs whose contents are not those of the image.
func changedCatalogs(ctx context.Context, conn *pgx.Conn, catalogs []catalog) ([]string, error) {
	digests, err := digest(ctx, conn, catalogs)
	var changed []string
	for i, each := range digests {
		if each != catalogs[i].digest {
			changed = append(changed, catalogs[i].name)
		}
	}
	return changed, err
}
