package oracle

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// schema is what a user owns, but for the rows.
type schema struct {
	tables    map[string]*table
	keys      []foreignKey
	sequences map[string]sequence // but for those of identity columns
	triggers  map[string][]string // enabled, by table
	strange   []string            // kinds of objects that are not copied
	digest    string              // of all of it, whatever the user's name and the generated ones
}

type table struct {
	name      string
	temporary bool
	byKey     bool // index-organised: it has no ORA_ROWSCN that says anything
	columns   []columnDef
	key       []string // of the primary key
	identity  *identity
}

type columnDef struct {
	name     string
	kind     string
	virtual  bool
	collated bool // it compares some texts as equal that are not
}

type identity struct {
	column     string
	generation string // ALWAYS, BY DEFAULT
	onNull     bool
	next       int64
}

type sequence struct{ next int64 }

// foreignKey refers from a table to a parent.
type foreignKey struct {
	name, table, parent string
	rule                string // NO ACTION, CASCADE, SET NULL
	deferrable          bool
	enabled             bool
	generated           bool // its name differs from clone to clone
}

// Queries about what a user owns. Generated names differ from clone to clone and are left out; so
// are recycled tables.
const (
	askTables = `SELECT t.table_name, t.temporary, NVL(t.iot_type, '-'), t.partitioned FROM user_tables t
WHERE t.nested = 'NO' AND t.secondary = 'N' AND t.dropped = 'NO' AND NVL(t.iot_type, '-') NOT IN ('IOT_OVERFLOW', 'IOT_MAPPING')
AND t.table_name NOT IN (SELECT container_name FROM user_mviews) ORDER BY t.table_name`
	askColumns = `SELECT table_name, column_name, data_type, data_length, char_used, data_precision, data_scale, nullable,
virtual_column, identity_column, default_on_null, collation, data_default FROM user_tab_cols WHERE hidden_column = 'NO' ORDER BY table_name, column_id`
	askConstraints = `SELECT c.table_name, c.constraint_name, c.constraint_type, c.generated,
(SELECT LISTAGG(k.column_name, ',') WITHIN GROUP (ORDER BY k.position, k.column_name) FROM user_cons_columns k WHERE k.constraint_name = c.constraint_name),
r.table_name, c.delete_rule, c.deferrable, c.deferred, c.status, c.validated, c.search_condition_vc FROM user_constraints c
LEFT JOIN user_constraints r ON r.constraint_name = c.r_constraint_name
WHERE c.constraint_name NOT LIKE 'BIN$%'`
	askIndexes = `SELECT i.table_name, i.index_name, i.generated, i.index_type, i.uniqueness, i.status, i.visibility,
(SELECT LISTAGG(k.column_name || ' ' || k.descend, ',') WITHIN GROUP (ORDER BY k.column_position) FROM user_ind_columns k WHERE k.index_name = i.index_name)
FROM user_indexes i WHERE i.index_type <> 'LOB' AND i.index_name NOT LIKE 'BIN$%'`
	askExpressions = `SELECT index_name, column_position, column_expression FROM user_ind_expressions ORDER BY index_name, column_position`
	askTriggers    = `SELECT table_name, trigger_name, status FROM user_triggers WHERE trigger_name NOT LIKE 'BIN$%' ORDER BY trigger_name`
	askCode        = `SELECT type, name, line, text FROM user_source WHERE name NOT LIKE 'BIN$%' ORDER BY type, name, line`
	askViews       = `SELECT view_name, text FROM user_views ORDER BY view_name`
	askMaterial    = `SELECT mview_name, query FROM user_mviews ORDER BY mview_name`
	askSequences   = `SELECT sequence_name, min_value, max_value, increment_by, cycle_flag, order_flag, cache_size, last_number FROM user_sequences
WHERE sequence_name NOT IN (SELECT sequence_name FROM user_tab_identity_cols) ORDER BY sequence_name`
	askIdentities = `SELECT i.table_name, i.column_name, i.generation_type, s.last_number FROM user_tab_identity_cols i
JOIN user_sequences s ON s.sequence_name = i.sequence_name ORDER BY i.table_name`
	askComments = `SELECT table_name, NULL, comments FROM user_tab_comments WHERE comments IS NOT NULL AND table_name NOT LIKE 'BIN$%'
UNION ALL SELECT table_name, column_name, comments FROM user_col_comments WHERE comments IS NOT NULL AND table_name NOT LIKE 'BIN$%' ORDER BY 1, 2 NULLS FIRST`
	askKinds = `SELECT DISTINCT object_type FROM user_objects WHERE generated = 'N' AND object_name NOT LIKE 'BIN$%' ORDER BY object_type`
)

// copied are the kinds of objects that a clone gets; partitions and LOBs come with their tables.
var copied = []string{
	"TABLE", "TABLE PARTITION", "TABLE SUBPARTITION", "INDEX", "INDEX PARTITION", "INDEX SUBPARTITION", "LOB", "LOB PARTITION",
	"SEQUENCE", "VIEW", "MATERIALIZED VIEW", "FUNCTION", "PROCEDURE", "PACKAGE", "PACKAGE BODY", "TRIGGER", "TYPE", "TYPE BODY", "SYNONYM",
}

// reader collects what the queries say, and the lines that the digest is made of.
type reader struct {
	*schema
	rename func(string) string
	lines  []string
}

func readSchema(ctx context.Context, in *session) (*schema, error) {
	r := &reader{
		schema: &schema{
			tables: make(map[string]*table), sequences: make(map[string]sequence), triggers: make(map[string][]string),
		},
		rename: renamer(in.user, "CLONE"),
	}
	for _, ask := range []struct {
		query  string
		note   func(cells []string)
		sorted bool // the order of the server's answer depends on generated names
	}{
		{askTables, r.table, false},
		{askColumns, r.column, false},
		{askConstraints, r.constraint, true},
		{askIndexes, r.index, true},
		{askExpressions, nil, false},
		{askTriggers, r.trigger, false},
		{askCode, nil, false},
		{askViews, nil, false},
		{askMaterial, nil, false},
		{askSequences, r.sequence, false},
		{askIdentities, r.identity, false},
		{askComments, nil, false},
		{askKinds, r.kind, false},
	} {
		rows, err := textRows(ctx, in.conn, ask.query)
		if err != nil {
			return nil, err
		}
		var lines []string
		for _, cells := range rows {
			if ask.note != nil {
				ask.note(cells)
			}
			lines = append(lines, strings.Join(cells, "\x1f"))
		}
		if ask.sorted {
			slices.Sort(lines)
		}
		r.lines = append(append(r.lines, lines...), "\x1e")
	}
	sum := sha256.Sum256([]byte(r.rename(strings.Join(r.lines, "\n"))))
	r.digest = hex.EncodeToString(sum[:])
	return r.schema, nil
}

// readCounters reads of a schema only what its sequences and identity columns give next.
func readCounters(ctx context.Context, in *session) (*schema, error) {
	r := &reader{schema: &schema{tables: make(map[string]*table), sequences: make(map[string]sequence)}}
	sequences, err := textRows(ctx, in.conn, askSequences)
	if err != nil {
		return nil, err
	}
	for _, cells := range sequences {
		r.sequence(cells)
	}
	identities, err := textRows(ctx, in.conn, askIdentities)
	for _, cells := range identities {
		r.tables[cells[0]] = &table{name: cells[0], identity: &identity{column: cells[1]}}
		r.identity(cells)
	}
	return r.schema, err
}

func (r *reader) table(cells []string) {
	r.tables[cells[0]] = &table{name: cells[0], temporary: cells[1] == "Y", byKey: cells[2] != "-"}
}

func (r *reader) column(cells []string) {
	if t := r.tables[cells[0]]; t != nil {
		t.columns = append(t.columns, columnDef{name: cells[1], kind: cells[2], virtual: cells[8] == "YES", collated: collates(cells[11])})
		if cells[9] == "YES" {
			t.identity = &identity{column: cells[1], onNull: cells[10] == "YES"}
		}
	}
	if cells[9] == "YES" {
		cells[12] = "" // names the generated sequence
	}
}

// collates: BINARY is exact, and USING_NLS_COMP is as long as nobody asks for another.
func collates(name string) bool { return name != "" && name != "BINARY" && name != "USING_NLS_COMP" }

func (r *reader) constraint(cells []string) {
	switch cells[2] {
	case "P":
		if t := r.tables[cells[0]]; t != nil {
			t.key = strings.Split(cells[4], ",")
		}
	case "R":
		r.keys = append(r.keys, foreignKey{
			table: cells[0], name: cells[1], parent: cells[5], rule: cells[6],
			deferrable: cells[7] == "DEFERRABLE", enabled: cells[9] == "ENABLED", generated: cells[3] != "USER NAME",
		})
	}
	if cells[3] != "USER NAME" {
		cells[1] = ""
	}
}

func (r *reader) index(cells []string) {
	if cells[2] == "Y" {
		cells[1] = ""
	}
}

func (r *reader) trigger(cells []string) {
	if cells[2] == "ENABLED" {
		r.triggers[cells[0]] = append(r.triggers[cells[0]], cells[1])
	}
}

// sequence and identity leave the numbers out of the digest: they are contents.
func (r *reader) sequence(cells []string) {
	r.sequences[cells[0]] = sequence{next: number64(cells[7])}
	cells[7] = ""
}

func (r *reader) identity(cells []string) {
	if t := r.tables[cells[0]]; t != nil && t.identity != nil {
		t.identity.generation, t.identity.next = cells[2], number64(cells[3])
	}
	cells[3] = ""
}

func (r *reader) kind(cells []string) {
	if !slices.Contains(copied, cells[0]) {
		r.strange = append(r.strange, cells[0])
	}
}

// clonable reports what can't be copied, so that nobody gets a clone that lacks something.
func (s *schema) clonable() error {
	if len(s.strange) > 0 {
		return fmt.Errorf("it holds objects that are not copied: %s", strings.Join(s.strange, ", "))
	}
	return nil
}

// names of the tables with rows that last, in order.
func (s *schema) names() []string {
	var names []string
	for name, t := range s.tables {
		if !t.temporary {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// stored are the columns that an INSERT names.
func (t *table) stored() []string {
	var names []string
	for _, c := range t.columns {
		if !c.virtual {
			names = append(names, c.name)
		}
	}
	return names
}

func number64(text string) (n int64) {
	_, _ = fmt.Sscan(text, &n)
	return n
}

// textRows reads all rows of a query as text; NULL is "".
func textRows(ctx context.Context, q querier, query string) (rows [][]string, err error) {
	result, err := q.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = result.Close() }()
	names, err := result.Columns()
	if err != nil {
		return nil, err
	}
	for result.Next() {
		cells, into := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := result.Scan(into...); err != nil {
			return nil, err
		}
		row := make([]string, len(names))
		for i, cell := range cells {
			row[i] = cell.String
		}
		rows = append(rows, row)
	}
	return rows, result.Err()
}
