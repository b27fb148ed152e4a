package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// repair puts a database that held one image back to what an image holds, usually the same one, given
// what was changed meanwhile. It writes only what differs, in one transaction, and compares what it has
// written with the image. The result is the baseline for what comes next.
//
// An errReclone leaves the database as it was, but for sequences.
func repair(ctx context.Context, conn *pgx.Conn, from, to *image, base *baseline, d *dirt, ours *repairs) (*baseline, error) {
	if d.clean() && from == to {
		return base.later(d.seen), nil
	}
	w, err := plan(from, to, base, d)
	if err == nil {
		err = rollBackEach(ctx, conn, d.seen.prepared)
	}
	if err != nil {
		return nil, err
	}
	w.conn, w.ours = conn, ours
	after, err := w.do(ctx)
	if err != nil {
		if !conn.IsClosed() {
			_, _ = conn.Exec(ctx, "ROLLBACK")
		}
		return nil, refused(err, "a repair")
	}
	return vacuum(ctx, conn, to, after, w.bloated)
}

// rollBackEach ends transactions that a test has prepared and left. Nobody has seen what they hold.
func rollBackEach(ctx context.Context, conn *pgx.Conn, prepared []string) error {
	for _, gid := range prepared {
		if _, err := conn.Exec(ctx, "ROLLBACK PREPARED "+literal(gid)); err != nil {
			return refused(err, "rolling back the prepared transaction "+gid)
		}
	}
	return nil
}

// work is one repair.
type work struct {
	conn    *pgx.Conn
	ours    *repairs
	to      *image
	base    *baseline
	seen    *survey
	grown   []int // tables, by index, that lose their fresh rows
	rewrite []int // tables that are emptied and filled, in the order for filling
	anew    []int // those of them that get new files for that
	views   []int
	moved   []int    // sequences
	objects []uint32 // large ones, that go
	replica bool     // see owner.go
	bloated []int    // tables that have taken too much space by now
}

// plan decides what to do with each table. Where the rows of the image are all still there, only fresh
// ones go. Otherwise the table is written anew as a whole: an updated row has moved to another place,
// and an unordered SELECT would tell.
func plan(from, to *image, base *baseline, d *dirt) (*work, error) {
	if d.lost != nil {
		return nil, d.lost
	}
	if to.unfit != "" {
		return nil, reclone("%s", to.unfit)
	}
	if !from.sameSchema(to) || !from.sameObjects(to) {
		return nil, reclone("the image was captured with another schema or other large objects")
	}
	if err := d.seen.settled(); err != nil {
		return nil, err
	}
	w := &work{to: to, base: base, seen: d.seen, objects: d.objects}
	for i, t := range to.tables {
		switch state := d.states[i]; {
		case state == untouched && from.tables[i].digest == t.digest:
		case t.view:
			w.views = append(w.views, i)
		case state == grown && from.tables[i].digest == t.digest:
			w.grown = append(w.grown, i)
		default:
			w.rewrite = append(w.rewrite, i)
		}
	}
	for i, at := range d.seen.positions {
		if at != to.sequences[i].at {
			w.moved = append(w.moved, i)
		}
	}
	if err := w.mind(d.seen.replica); err != nil {
		return nil, err
	}
	w.chooseAnew(from)
	return w, nil
}

// chooseAnew finds the tables to be truncated: the large ones. Deleted rows would be in the way of new ones
// until the table is compacted. It goes only where all that refers to a table is truncated with it.
func (w *work) chooseAnew(from *image) {
	for _, i := range w.rewrite {
		if from.tables[i].large || w.to.tables[i].large || w.seen.counts[i].total >= largeRows {
			w.anew = append(w.anew, i)
		}
	}
	for stays := -1; stays != len(w.anew); {
		stays = len(w.anew)
		w.anew = slices.DeleteFunc(w.anew, func(i int) bool {
			return slices.ContainsFunc(w.to.keys, func(key foreignKey) bool { return key.parent == i && !slices.Contains(w.anew, key.child) })
		})
	}
}

// touched are the tables that get other rows.
func (w *work) touched() []int {
	all := slices.Concat(w.grown, w.rewrite)
	slices.Sort(all)
	return all
}

// do makes the changes and returns the baseline after them.
func (w *work) do(ctx context.Context) (*baseline, error) {
	if err := w.empty(ctx); err != nil {
		return nil, err
	}
	for _, i := range w.rewrite {
		t, fill := &w.to.tables[i], w.fill
		if slices.Contains(w.anew, i) {
			fill = w.fillAnew
		}
		if err := fill(ctx, t); err != nil {
			return nil, err
		}
	}
	for _, i := range w.views {
		if err := w.refresh(ctx, &w.to.tables[i]); err != nil {
			return nil, err
		}
	}
	if n := w.base.repairs + 1; n%w.to.verifyEvery == 0 {
		if _, err := run(ctx, w.conn, w.putBackRest()); err != nil {
			return nil, err
		}
		if err := w.compareAll(ctx); err != nil {
			return nil, err
		}
		return w.commit(ctx, "")
	}
	return w.commit(ctx, w.putBackRest())
}

// putBackRest is the SQL for what is not in tables.
func (w *work) putBackRest() string {
	return w.letGo() + w.setSequences() + unlinkSQL(w.objects)
}

// empty begins the transaction and deletes. In tables that only lose fresh rows it makes sure that it
// was as many as were counted.
func (w *work) empty(ctx context.Context) error {
	var sql strings.Builder
	sql.WriteString("BEGIN;")
	sql.WriteString(w.hold())
	if len(w.anew) > 0 {
		var names []string
		for _, i := range w.anew {
			names = append(names, "ONLY "+w.to.tables[i].name)
		}
		fmt.Fprintf(&sql, "TRUNCATE %s;", strings.Join(names, ", "))
	}
	for _, i := range slices.Backward(w.rewrite) { // children first
		if !slices.Contains(w.anew, i) {
			fmt.Fprintf(&sql, "DELETE FROM ONLY %s;", w.to.tables[i].name)
		}
	}
	for _, i := range w.grown {
		fmt.Fprintf(&sql, "DELETE FROM ONLY %s WHERE age(xmin) <= age('%d'::xid) AND xmin <> '%d'::xid;",
			w.to.tables[i].name, uint32(w.base.limit), w.base.own)
	}
	results, err := run(ctx, w.conn, sql.String())
	if err != nil {
		return err
	}
	for n, i := range w.grown {
		gone := results[len(results)-len(w.grown)+n].CommandTag.RowsAffected()
		if fresh := w.seen.counts[i].fresh; gone != fresh {
			return reclone("%s had %d fresh rows, then %d: somebody is still writing", w.to.tables[i].name, fresh, gone)
		}
	}
	return nil
}

// fill writes the rows of the image into an emptied table and compares. COPY puts them at the end, in
// their order, unless VACUUM has noted free space before it; what it put there is in the way when it
// is done again.
func (w *work) fill(ctx context.Context, t *table) error {
	for again := false; ; again = true {
		if t.rows > 0 {
			if err := t.fill(ctx, w.conn); err != nil {
				return err
			}
		}
		err := w.compare(ctx, t)
		if err == nil || again {
			return err
		}
		if _, err := run(ctx, w.conn, "DELETE FROM ONLY "+t.name); err != nil {
			return err
		}
	}
}

// fillAnew writes the rows into new files, where nothing but their order decides where they come to lie.
func (w *work) fillAnew(ctx context.Context, t *table) error {
	if t.rows == 0 {
		return nil
	}
	return t.fill(ctx, w.conn)
}

// refresh makes a view anew from tables that are as they were. Its rows are the same if its query
// says in which order, or if there is only one way.
func (w *work) refresh(ctx context.Context, t *table) error {
	if _, err := run(ctx, w.conn, "REFRESH MATERIALIZED VIEW "+t.name); err != nil {
		return err
	}
	return w.compare(ctx, t)
}

// compare makes sure that a table holds what it should, in the right order.
func (w *work) compare(ctx context.Context, t *table) error {
	digest, err := t.now(ctx, w.conn)
	if err == nil && digest != t.digest {
		err = reclone("the rows of %s, or their order, would not be those of the image", t.name)
	}
	return err
}

// compareAll makes sure that nothing escapes the numbers that repairs go by.
func (w *work) compareAll(ctx context.Context) error {
	for i := range w.to.tables {
		if err := w.compare(ctx, &w.to.tables[i]); err != nil {
			return err
		}
	}
	changed, err := changedCatalogs(ctx, w.conn, w.to.catalogs)
	if err == nil && len(changed) > 0 {
		err = reclone("the schema is not the one of the image (%s)", strings.Join(changed, ", "))
	}
	return err
}

// commit commits, and asks before for what the baseline has to know.
func (w *work) commit(ctx context.Context, first string) (*baseline, error) {
	results, err := run(ctx, w.conn, first+w.whereabouts()+"SELECT txid_current();COMMIT")
	if err != nil {
		return nil, err
	}
	own, err := strconv.ParseInt(string(results[len(results)-2].Rows[0][0]), 10, 64)
	if err != nil {
		return nil, err
	}
	w.ours.add(own)
	after := w.after(uint32(own))
	// Where the tables lie now: those with new files have moved.
	for _, row := range results[len(results)-3].Rows {
		i, _ := strconv.Atoi(string(row[0]))
		after.files[i], _ = strconv.ParseInt(string(row[1]), 10, 64)
		if size, _ := strconv.ParseInt(string(row[2]), 10, 64); size > w.to.tables[i].roomy() {
			w.bloated = append(w.bloated, i)
		}
	}
	return after, nil
}

// after is the baseline that the survey became: what was seen, with what was put back. Its limit stays
// that of the survey, so whatever was committed since then counts as fresh, but for our own rows.
func (w *work) after(own uint32) *baseline {
	b := w.seen.baseline()
	b.own, b.repairs, b.loose = own, w.base.repairs+1, maps.Clone(w.base.loose)
	b.busy = len(w.touched()) > 0
	b.files = slices.Clone(b.files)
	b.counts, b.positions = nil, nil
	for _, each := range w.to.tables {
		b.counts = append(b.counts, each.rows)
	}
	for _, each := range w.to.sequences {
		b.positions = append(b.positions, each.at)
	}
	b.objects = int64(len(w.to.objects))
	for _, i := range w.touched() {
		delete(b.counters.changes, i) // moved by us, who knows when
	}
	for _, i := range w.rewrite {
		b.loose[i] = b.loose[i] || w.to.tables[i].rows > 0
	}
	for _, i := range w.anew {
		delete(b.loose, i)
	}
	return b
}

// setSequences leaves alone what sessions remember (currval). Values that they have taken in advance
// they forget only when the sequence is restarted.
func (w *work) setSequences() string {
	var sql strings.Builder
	for _, i := range w.moved {
		s := w.to.sequences[i]
		if s.cached {
			fmt.Fprintf(&sql, "ALTER SEQUENCE %s RESTART;", s.name)
		}
		fmt.Fprintf(&sql, "SELECT setval(%s, %d, %t);", literal(s.name), s.at.last, s.at.called)
	}
	return sql.String()
}

// whereabouts asks for the files and sizes of the tables that were written.
func (w *work) whereabouts() string {
	var sql strings.Builder
	sql.WriteString("SELECT 0, 0, 0 WHERE false")
	for _, i := range slices.Concat(w.touched(), w.views) {
		oid := w.to.tables[i].oid
		fmt.Fprintf(&sql, " UNION ALL SELECT %d, pg_relation_filenode(%d), pg_table_size(%d)", i, oid, oid)
	}
	return sql.String() + ";"
}
