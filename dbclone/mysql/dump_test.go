package mysql

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// dump is all that a client can see of a database, by other means than the engine's: rows as they
// come, definitions, counters.
func (b *bench) dump(database string) []string {
	b.t.Helper()
	db := b.server.Open(b.t, database)
	defer db.Close()
	conn, err := db.Conn(b.t.Context())
	ok(b.t, err)
	defer conn.Close()
	ok(b.t, (&session{conn: conn}).run(b.t.Context(), "SET time_zone = '+00:00', sql_mode = '' /*!80000 , information_schema_stats_expiry = 0 */"))
	d := &dumper{b: b, on: &session{conn: conn, in: database}}
	d.add("SHOW CREATE DATABASE " + database)
	for _, table := range d.rows("SHOW FULL TABLES") {
		kind := table["Table_type"]
		quoted := name(table["Tables_in_"+database])
		d.add("SHOW CREATE " + map[string]string{"BASE TABLE": "TABLE ", "VIEW": "VIEW ", "SEQUENCE": "SEQUENCE "}[kind] + quoted)
		d.add("SHOW FULL COLUMNS FROM " + quoted)
		if kind == "VIEW" {
			d.add("SELECT * FROM " + quoted)
		} else {
			d.add("SELECT * FROM " + quoted + " USE INDEX ()")
		}
	}
	d.add("SELECT TABLE_NAME, ENGINE, ROW_FORMAT, AUTO_INCREMENT, TABLE_COLLATION, TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = '" + database + "' ORDER BY TABLE_NAME")
	d.add("SELECT TRIGGER_NAME, EVENT_MANIPULATION, EVENT_OBJECT_TABLE, ACTION_ORDER, ACTION_STATEMENT, ACTION_TIMING, SQL_MODE, DEFINER, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '" + database + "' ORDER BY TRIGGER_NAME")
	d.add("SELECT ROUTINE_NAME, ROUTINE_TYPE, DTD_IDENTIFIER, ROUTINE_DEFINITION, IS_DETERMINISTIC, SQL_DATA_ACCESS, SECURITY_TYPE, SQL_MODE, ROUTINE_COMMENT, DEFINER, CHARACTER_SET_CLIENT, COLLATION_CONNECTION FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '" + database + "' ORDER BY ROUTINE_NAME")
	d.add("SELECT EVENT_NAME, DEFINER, TIME_ZONE, EVENT_DEFINITION, INTERVAL_VALUE, INTERVAL_FIELD, STARTS, STATUS, ON_COMPLETION, EVENT_COMMENT FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '" + database + "' ORDER BY EVENT_NAME")
	if !b.server.MariaDB() {
		d.add("SELECT LIBRARY_NAME, LIBRARY_DEFINITION, LANGUAGE, SQL_MODE FROM information_schema.LIBRARIES WHERE LIBRARY_SCHEMA = '" + database + "' ORDER BY LIBRARY_NAME")
	}
	d.add("SELECT CONSTRAINT_NAME, TABLE_NAME, REFERENCED_TABLE_NAME, UNIQUE_CONSTRAINT_SCHEMA, UPDATE_RULE, DELETE_RULE FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = '" + database + "' ORDER BY CONSTRAINT_NAME")
	return d.lines
}

type dumper struct {
	b     *bench
	on    *session
	lines []string
}

func (d *dumper) rows(query string) []row {
	d.b.t.Helper()
	rows, err := d.on.one(context.Background(), query)
	if n := number(err); n != 0 { // as of a view of which the table is gone
		return []row{{"error": fmt.Sprint(n)}}
	}
	ok(d.b.t, err)
	return rows
}

// add adds what a query gives, with the name of the database taken out.
func (d *dumper) add(query string) {
	d.b.t.Helper()
	for _, row := range d.rows(query) {
		var fields []string
		for column, value := range row {
			if column != "Created" {
				fields = append(fields, fmt.Sprintf("%s=%q", column, value))
			}
		}
		slices.Sort(fields)
		d.lines = append(d.lines, strings.ReplaceAll(query+": "+strings.Join(fields, " "), d.on.in, "THISDB"))
	}
}

// alike compares dumps.
func alike(t testing.TB, what string, got, want []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}
