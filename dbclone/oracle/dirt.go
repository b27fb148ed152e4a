package oracle

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hotclub/dbclone"
)

// baseline is how a clone looked at a moment when its contents were known.
type baseline struct {
	scn     int64           // of the moment, when it was asked for
	marks   map[string]mark // by table
	numbers map[string]int64
	objects stamp
}

// mark tells a table untouched; see doc.go.
type mark struct{ rows, scn int64 }

// stamp sums up when all objects were last defined. Oracle notes that to the second: a change in the
// second of the look itself does not show, so such a stamp proves nothing.
type stamp struct {
	digest string
	proves bool
}

const (
	askObjects = `SELECT object_type, object_name, status, TO_CHAR(last_ddl_time, 'YYYYMMDDHH24MISS'), TO_CHAR(SYSDATE, 'YYYYMMDDHH24MISS')
FROM user_objects WHERE object_name NOT LIKE 'BIN$%' ORDER BY object_type, object_name, object_id`
	askNumbers = `SELECT sequence_name, last_number FROM user_sequences ORDER BY sequence_name`
)

func readBaseline(ctx context.Context, in *session, like *schema) (*baseline, error) {
	b := &baseline{}
	var err error
	if b.objects, err = readStamp(ctx, in); err != nil {
		return nil, err
	}
	if b.numbers, err = readNumbers(ctx, in); err != nil {
		return nil, err
	}
	b.marks, err = readMarks(ctx, in, like)
	return b, err
}

func readStamp(ctx context.Context, in *session) (stamp, error) {
	rows, err := textRows(ctx, in.conn, askObjects)
	if err != nil {
		return stamp{}, err
	}
	made, newest, now := sha256.New(), "", ""
	for _, row := range rows {
		newest, now = max(newest, row[3]), max(now, row[4])
		fmt.Fprintln(made, strings.Join(row[:4], "\x1f"))
	}
	return stamp{digest: hex.EncodeToString(made.Sum(nil)), proves: newest < now}, nil
}

func readNumbers(ctx context.Context, in *session) (map[string]int64, error) {
	numbers := make(map[string]int64)
	err := each(ctx, in.conn, askNumbers, nil, func(scan func(...any) error) error {
		var name string
		var next int64
		err := scan(&name, &next)
		numbers[name] = next
		return err
	})
	return numbers, err
}

// readMarks asks for all tables in one query. Index-organised ones have no mark that proves anything.
func readMarks(ctx context.Context, in *session, like *schema) (map[string]mark, error) {
	marks := make(map[string]mark)
	var asks []string
	for _, name := range like.names() {
		if !like.tables[name].byKey {
			asks = append(asks, fmt.Sprintf("SELECT %s, COUNT(*), MAX(ORA_ROWSCN) FROM %s", literal(name), quote(name)))
		}
	}
	if len(asks) == 0 {
		return marks, nil
	}
	err := each(ctx, in.conn, strings.Join(asks, "\nUNION ALL "), nil, func(scan func(...any) error) error {
		var name string
		var m mark
		var scn sql.NullInt64
		err := scan(&name, &m.rows, &scn)
		m.scn = scn.Int64
		marks[name] = m
		return err
	})
	return marks, err
}

// dirt is what makes a clone differ.
type dirt struct {
	schema  string   // why the schema does, "" when it does not
	tables  []string // whose rows do
	numbers bool     // sequences do
}

func (d dirt) clean() bool { return d.schema == "" && len(d.tables) == 0 && !d.numbers }

// differ asks whether the rows of a table differ from those they should be.
type differ func(ctx context.Context, t *table) (bool, error)

// findDirt compares a clone with a baseline, which it brings up to date where something had moved
// and turned out to be the same.
func findDirt(ctx context.Context, in *session, like *schema, base *baseline, differs differ) (dirt, error) {
	var d dirt
	objects, err := readStamp(ctx, in)
	if err != nil {
		return d, err
	}
	if objects != base.objects || !base.objects.proves {
		now, err := readSchema(ctx, in)
		if err != nil {
			return d, err
		}
		if now.digest != like.digest {
			d.schema = "the schema itself was changed"
			return d, nil
		}
		base.objects = objects
	}
	marks, err := readMarks(ctx, in, like)
	if err != nil {
		return d, err
	}
	for _, name := range like.names() {
		was, known := base.marks[name]
		if known && marks[name] == was {
			continue
		}
		differing, err := differs(ctx, like.tables[name])
		if err != nil {
			return d, err
		}
		if differing {
			d.tables = append(d.tables, name)
		} else if _, marked := marks[name]; marked {
			base.marks[name] = marks[name]
		}
	}
	numbers, err := readNumbers(ctx, in)
	d.numbers = !maps.Equal(numbers, base.numbers)
	return d, err
}

// fromSource compares with what a source holds.
func fromSource(in *session, from *source) differ {
	return func(ctx context.Context, t *table) (bool, error) {
		return askDiffers(ctx, in, compare(t, quote(t.name), quote(from.user)+"."+quote(t.name)))
	}
}

// fromPast compares with what the table itself held. Where that is not known any more it counts as
// changed.
func fromPast(in *session, scn int64) differ {
	return func(ctx context.Context, t *table) (bool, error) {
		differs, err := askDiffers(ctx, in, compare(t, quote(t.name), fmt.Sprintf("%s AS OF SCN %d", quote(t.name), scn)))
		if is(err, snapshotTooOld, tableRedefined, "ORA-08180", "ORA-01031") {
			return true, nil
		}
		return differs, err
	}
}

func askDiffers(ctx context.Context, in *session, query string) (bool, error) {
	if query == "" {
		return true, nil
	}
	var n int64
	err := in.conn.QueryRowContext(ctx, query).Scan(&n)
	return n > 0, err
}

func (s *server) dirty(ctx context.Context, template, at dbclone.Spot) (bool, error) {
	c, err := s.known(ctx, at)
	if err != nil {
		return false, err
	}
	if c.holds == nil {
		return true, nil
	}
	var d dirt
	if c.accepted != nil {
		d, err = findDirt(ctx, c.in, c.holds.schema, c.accepted, fromPast(c.in, c.accepted.scn))
	} else {
		d, err = findDirt(ctx, c.in, c.holds.schema, c.base, fromSource(c.in, c.holds))
	}
	return !d.clean(), err
}

// accept is a baseline with a moment to compare with. The schema that it was compared with stays
// that of the template: what changed it is not accepted.
func (s *server) accept(ctx context.Context, template, at dbclone.Spot) error {
	c, err := s.known(ctx, at)
	if err != nil {
		return err
	}
	if c.holds == nil {
		if c.holds, err = s.templateSource(ctx, template); err != nil {
			return err
		}
	}
	scn, err := s.now(ctx, at)
	if err != nil {
		return err
	}
	accepted, err := readBaseline(ctx, c.in, c.holds.schema)
	if err != nil {
		return err
	}
	accepted.scn = scn
	c.accepted = accepted
	return nil
}

func sortedKeys[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }
