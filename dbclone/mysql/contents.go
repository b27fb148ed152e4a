package mysql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// contents is what a database holds, as far as it takes to tell whether it still does.
type contents struct {
	schema *schema
	sums   *summing
	tables map[string]sum

	sequences map[string]string
}

// sum stands for the rows of one table.
type sum struct {
	rows int64
	sum  string
	weft string // of the rows' order, where they have one of their own
}

// readContents reads the database that a session is in.
func readContents(ctx context.Context, on *session) (*contents, error) {
	s, err := readSchema(ctx, on)
	if err != nil {
		return nil, err
	}
	plan, err := planSums(ctx, on, s)
	if err != nil {
		return nil, err
	}
	c := &contents{schema: s, sums: plan}
	if c.tables, err = plan.read(ctx, on, nil); err != nil {
		return nil, err
	}
	c.sequences, err = readSequences(ctx, on, s)
	return c, err
}

// reread reads contents again, ok if the schema is still the same. What is remembered of large tables
// is not read.
func (c *contents) reread(ctx context.Context, on *session, remembered *untouched) (now *contents, ok bool, err error) {
	s, err := readSchema(ctx, on)
	if err != nil || s.digest != c.schema.digest {
		return &contents{schema: s}, false, err
	}
	now = &contents{schema: s, sums: c.sums}
	if now.tables, err = remembered.reread(ctx, on, c); err != nil {
		return nil, false, err
	}
	now.sequences, err = readSequences(ctx, on, s)
	return now, err == nil, err
}

// changed lists the tables whose rows are not what they are in another reading of the same schema.
func (c *contents) changed(since *contents) (tables []string) {
	for _, table := range c.sums.order {
		if c.tables[table] != since.tables[table] {
			tables = append(tables, table)
		}
	}
	return tables
}

// drifted lists the tables and sequences that will give other values than in another reading.
func (c *contents) drifted(since *contents) (tables, sequences []string) {
	for _, table := range c.sums.order {
		if c.schema.counters[table] != since.schema.counters[table] {
			tables = append(tables, table)
		}
	}
	for each := range c.sequences {
		if c.sequences[each] != since.sequences[each] {
			sequences = append(sequences, each)
		}
	}
	return tables, sequences
}

// mark names contents for good, in any process.
func (c *contents) mark() string {
	hash := sha256.New()
	fmt.Fprintln(hash, c.schema.digest)
	for _, table := range c.sums.order {
		fmt.Fprintf(hash, "%q %v %d\n", table, c.tables[table], c.schema.counters[table])
	}
	for _, each := range slices.Sorted(maps.Keys(c.sequences)) {
		fmt.Fprintf(hash, "%q %s\n", each, c.sequences[each])
	}
	return "contents " + hex.EncodeToString(hash.Sum(nil)[:16])
}

// summing knows how to read the sums of all tables of a schema.
type summing struct {
	order   []string
	columns map[string][]tableColumn // that are written; generated ones follow from them
	engines map[string]string
	ordered map[string]bool // tables whose rows come in an order of their own
	queries []string        // one for each table
}

type tableColumn struct {
	name, kind, charset string
	nullable            bool
}

// planSums finds the columns out.
func planSums(ctx context.Context, on *session, s *schema) (*summing, error) {
	rows, err := on.one(ctx, `SELECT TABLE_NAME AS tab, COLUMN_NAME AS name, DATA_TYPE AS kind, CHARACTER_SET_NAME AS charset, IS_NULLABLE AS nullable
		FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = `+text(s.name)+` AND IFNULL(GENERATION_EXPRESSION, '') = ''
		ORDER BY TABLE_NAME, ORDINAL_POSITION`)
	if err != nil {
		return nil, err
	}
	plan := &summing{columns: make(map[string][]tableColumn), engines: make(map[string]string), ordered: make(map[string]bool)}
	for _, row := range rows {
		plan.columns[row["tab"]] = append(plan.columns[row["tab"]], tableColumn{row["name"], row["kind"], row["charset"], row["nullable"] == "YES"})
	}
	for i, table := range s.of(baseTable) {
		plan.order = append(plan.order, table.name)
		plan.engines[table.name], plan.ordered[table.name] = table.engine, table.ordered()
		plan.queries = append(plan.queries, sumQuery(i, table, plan.columns[table.name]))
	}
	return plan, nil
}

// transactional is the one engine that rolls back.
const transactional = "InnoDB"

// ordered reports whether a table's rows come in an order of their own instead of their key's.
func (o object) ordered() bool {
	return o.engine != transactional || !strings.Contains(o.create, "\n  PRIMARY KEY (")
}

// sumQuery reads number, sum and weft of one table. A checksum is linear in the bits, so that sums
// of it may agree by more than chance; that of its decimal digits is not.
func sumQuery(n int, table object, columns []tableColumn) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = c.summand()
	}
	if len(parts) == 0 {
		parts = []string{"''"}
	}
	hash := "CRC32(CRC32(CONCAT_WS(_binary',', " + strings.Join(parts, ", ") + ")))"
	if !table.ordered() {
		return fmt.Sprintf("SELECT %d AS n, COUNT(*) AS num, SUM(%s) AS total, 0 AS weft FROM %s", n, hash, name(table.name))
	}
	// A window function would number the rows in an order of its own.
	return fmt.Sprintf("SELECT %[1]d AS n, COUNT(*) AS num, SUM(h) AS total, SUM(CAST(h AS DECIMAL(20)) * i) AS weft FROM (SELECT CAST(@i%[1]d := @i%[1]d + 1 AS UNSIGNED) AS i, %[2]s AS h FROM %[3]s%[4]s, (SELECT @i%[1]d := 0) zero) x",
		n, hash, name(table.name), asTheyLie)
}

// asTheyLie behind a table's name makes its rows come in the order in which they are stored.
const asTheyLie = " USE INDEX ()"

func (p *summing) hint(table string) string {
	if p.ordered[table] {
		return asTheyLie
	}
	return ""
}

// summand is a column as bytes that no other value of it has, and that end where they seem to.
func (c tableColumn) summand() string {
	column := name(c.name)
	switch c.kind {
	case "tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "double", "date", "datetime", "timestamp", "time", "year":
		return c.orElse(column, "'-'")
	case "float": // shown with fewer digits than it has
		return c.orElse(column+" + 0e0", "'-'")
	case "mediumtext", "longtext", "mediumblob", "longblob", "json": // may not fit in a packet with the rest
		return c.orElse("LENGTH("+column+")", "-1") + ", CRC32(" + column + ")"
	case "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geomcollection", "geometrycollection", "vector":
		return c.orElse("HEX("+column+")", "'-'")
	}
	return c.orElse("LENGTH("+column+")", "-1") + ", " + column
}

// orElse is an expression, or something else where the column is NULL: CONCAT_WS leaves NULL out.
func (c tableColumn) orElse(expression, other string) string {
	if !c.nullable {
		return expression
	}
	return "IFNULL(" + expression + ", " + other + ")"
}

// read sums some tables, or all.
func (p *summing) read(ctx context.Context, on *session, only []string) (map[string]sum, error) {
	var queries []string
	for i, table := range p.order {
		if only == nil || slices.Contains(only, table) {
			queries = append(queries, p.queries[i])
		}
	}
	if len(queries) == 0 {
		return nil, nil
	}
	rows, err := on.one(ctx, strings.Join(queries, " UNION ALL "))
	if err != nil {
		return nil, err
	}
	sums := make(map[string]sum, len(rows))
	for _, row := range rows {
		n, err := strconv.Atoi(row["n"])
		if err != nil {
			return nil, err
		}
		count, err := strconv.ParseInt(row["num"], 10, 64)
		if err != nil {
			return nil, err
		}
		sums[p.order[n]] = sum{rows: count, sum: row["total"], weft: row["weft"]}
	}
	return sums, nil
}

// names of the columns of a table that are written.
func (p *summing) names(table string) []string {
	var list []string
	for _, c := range p.columns[table] {
		list = append(list, c.name)
	}
	return list
}

// sequenceColumns are those of a sequence, which is a table of one row.
const sequenceColumns = "next_not_cached_value, minimum_value, maximum_value, start_value, increment, cache_size, cycle_option, cycle_count"

func readSequences(ctx context.Context, on *session, s *schema) (map[string]string, error) {
	sequences := s.of(sequence)
	if len(sequences) == 0 {
		return nil, nil
	}
	queries := make([]string, len(sequences))
	for i, each := range sequences {
		queries[i] = "SELECT CONCAT_WS(', ', " + sequenceColumns + ") AS state FROM " + name(each.name)
	}
	results, err := on.query(ctx, queries...)
	if err != nil {
		return nil, err
	}
	states := make(map[string]string, len(sequences))
	for i, each := range sequences {
		states[each.name] = results[i][0]["state"]
	}
	return states, nil
}
