package oracle

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// fill gives an empty user what a source holds, and makes sure of it.
func (s *server) fill(ctx context.Context, from *source, to *session) error {
	pumped, err := s.pumped(ctx, from, to)
	if err == nil && !pumped {
		err = s.copyByDDL(ctx, from, to)
	}
	if err != nil {
		return err
	}
	made, err := readSchema(ctx, to)
	if err != nil {
		return err
	}
	if made.digest != from.schema.digest {
		return fmt.Errorf("oracle: what was made for %s differs from %s", to.user, from.user)
	}
	return restartAll(ctx, to, from.schema, made)
}

func (s *server) copyByDDL(ctx context.Context, from *source, to *session) error {
	rename := renamer(from.user, to.user)
	for _, ddl := range from.plan.before {
		if err := to.exec(ctx, forCopying(rename(ddl))); err != nil {
			return err
		}
	}
	if err := s.letRead(ctx, from, to.user); err != nil {
		return err
	}
	for _, name := range from.schema.names() {
		// Each in a transaction of its own: a table that was appended to can't be read before its end.
		if err := to.exec(ctx, copyRows(from.schema.tables[name], from.user, "/*+ APPEND */ ")); err != nil {
			return fmt.Errorf("copying the rows of %s: %w", name, err)
		}
	}
	for _, ddl := range from.plan.after {
		if err := to.exec(ctx, rename(ddl)); err != nil {
			return err
		}
	}
	return to.exec(ctx, alwaysAgain(from.schema)...)
}

// copyRows copies all rows of a table from another user's.
func copyRows(t *table, from, hint string) string {
	columns := quoteAll(t.stored())
	return fmt.Sprintf("INSERT %sINTO %s (%s) SELECT %s FROM %s.%s", hint, quote(t.name), columns, columns, quote(from), quote(t.name))
}

func alwaysAgain(of *schema) (ddl []string) {
	for _, name := range of.names() {
		if t := of.tables[name]; t.identity != nil && t.identity.generation == "ALWAYS" {
			ddl = append(ddl, restartIdentity(t, t.identity.next))
		}
	}
	return ddl
}

// letRead lets a clone read what its source holds, to copy it and to compare with it later: READ, as
// with SELECT a test could lock the rows. A user may grant what it owns, in one round trip.
func (s *server) letRead(ctx context.Context, from *source, reader string) error {
	in, err := s.session(ctx, from.login)
	if err != nil {
		return err
	}
	defer in.close()
	var block strings.Builder
	block.WriteString("BEGIN\n")
	for _, name := range from.schema.names() {
		fmt.Fprintf(&block, "  EXECUTE IMMEDIATE %s;\n", literal("GRANT READ ON "+quote(name)+" TO "+quote(reader)))
	}
	block.WriteString("END;")
	return in.exec(ctx, block.String())
}

// restartAll sets what sequences and identity columns give next.
func restartAll(ctx context.Context, in *session, wanted, have *schema) error {
	return in.exec(ctx, restarts(wanted, have)...)
}

func restarts(wanted, have *schema) (ddl []string) {
	for _, name := range sortedKeys(wanted.sequences) {
		if next := wanted.sequences[name].next; have.sequences[name].next != next {
			ddl = append(ddl, restartSequence(name, next))
		}
	}
	for _, name := range sortedKeys(wanted.tables) {
		t, other := wanted.tables[name], have.tables[name]
		if t.identity != nil && (other == nil || other.identity == nil || other.identity.next != t.identity.next) {
			ddl = append(ddl, restartIdentity(t, t.identity.next))
		}
	}
	return ddl
}

// What a user owns that has to be dropped by itself.
const askAll = `SELECT object_type, object_name FROM user_objects WHERE object_type IN
('MATERIALIZED VIEW', 'VIEW', 'TABLE', 'SEQUENCE', 'SYNONYM', 'PACKAGE', 'FUNCTION', 'PROCEDURE', 'TYPE')
AND object_name NOT LIKE 'ISEQ$$%' AND object_name NOT LIKE 'BIN$%' ORDER BY DECODE(object_type, 'MATERIALIZED VIEW', 0, 'TYPE', 2, 1), object_id`

// wipe drops all that a user owns, while sessions of it may go on.
func wipe(ctx context.Context, in *session) error {
	rows, err := textRows(ctx, in.conn, askAll)
	if err != nil {
		return err
	}
	for _, row := range rows {
		drop := "DROP " + row[0] + " " + quote(row[1])
		switch row[0] {
		case "TABLE":
			drop += " CASCADE CONSTRAINTS PURGE"
		case "TYPE":
			drop += " FORCE"
		}
		// What went with something else, such as the table of a materialized view, is gone.
		if err := in.exec(ctx, drop); err != nil && !is(err, noTable, "ORA-04043", "ORA-02289", "ORA-12003") {
			return err
		}
	}
	return in.exec(ctx, "PURGE RECYCLEBIN")
}

var errNotAsWanted = errors.New("oracle: after putting back the contents they still differ")
