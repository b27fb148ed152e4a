package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
)

// image is all that a database holds, to put it back: the template's contents, or another state of a
// clone. Clones share the object ids of their template, so an image of one serves all.
type image struct {
	tables    []table // by oid
	sequences []sequence
	catalogs  []catalog
	keys      []foreignKey
	objects   map[uint32]string // large objects: id to digest
	unfit     string            // why nothing can be put back to this image exactly; "" if it can
	survey    string            // SQL that looks at all of this but large tables, see survey.go
	glance    string            // SQL that finds out whether that is necessary

	verifyEvery int // so many repairs, one is compared with the image in full
}

// table is what holds rows: a plain table, a partition without partitions, a materialised view.
type table struct {
	oid       uint32
	name      string // quoted, with its schema
	view      bool   // materialised
	generated bool   // some columns are computed, so what COPY reads and writes is not all
	text      bool   // some type has no binary format
	size      int64  // bytes on disk, with long values, without indexes
	large     bool   // in this image or another: repairs give it new files, see chooseAnew
	reactions []reaction

	rows   int64
	data   []byte // what COPY puts back; nil for views and for what is too large to keep
	digest digestOf
}

type digestOf = [sha256.Size]byte // of all columns of all rows, in the order in which they lie

// sequence is a relation of its own, also that of an identity or serial column.
type sequence struct {
	name   string // quoted, with its schema
	cached bool   // sessions take several values at once
	at     position
}

type position struct {
	last   int64
	called bool
}

// reaction is a trigger or rule that is not disabled.
type reaction struct {
	name string // quoted, after TRIGGER or RULE
	when firing
}

// firing says in which replication roles a reaction takes place: pg_trigger.tgenabled.
type firing byte

func (f firing) in(replica bool) bool {
	return f == 'A' || f == 'R' && replica || f == 'O' && !replica
}

// foreignKey is one between two tables of the image, by their indexes in it.
type foreignKey struct {
	child, parent int
	strict        bool // acts or complains at once: deleting in the parent can't wait for the end of the transaction
}

const (
	tooLarge  = 64 << 20 // bytes of one table: it costs less to clone anew than to write them again
	largeRows = 1000     // from here on new files cost less than rows that are deleted one by one
	manyRows  = 20_000   // from here on the server's counters save looking at the rows
)

// readImage reads all that a database holds.
func readImage(ctx context.Context, conn *pgx.Conn) (*image, error) {
	needText := map[uint32]bool{}
	for {
		img, err := readImageOnce(ctx, conn, needText)
		var none *noBinaryError
		if errors.As(err, &none) && !needText[none.table] {
			needText[none.table] = true
			continue
		}
		if errors.Is(err, errReclone) {
			return &image{unfit: whyReclone(err)}, nil
		}
		return img, err
	}
}

// noBinaryError says that a table has a value of a type without a binary format.
type noBinaryError struct {
	table uint32
	err   error
}

func (e *noBinaryError) Error() string { return e.err.Error() }
func (e *noBinaryError) Unwrap() error { return e.err }

func readImageOnce(ctx context.Context, conn *pgx.Conn, needText map[uint32]bool) (img *image, err error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("postgres: reading what the database holds: %w", err)
	}
	defer func() {
		err = errors.Join(err, tx.Rollback(ctx))
	}()
	img = &image{verifyEvery: 100} // it takes as long as ten repairs
	for _, read := range []func() error{
		func() (err error) { img.tables, err = readTables(ctx, conn, needText); return err },
		func() (err error) { img.sequences, err = readSequences(ctx, conn); return err },
		func() (err error) { img.catalogs, err = readCatalogs(ctx, conn); return err },
		func() (err error) { img.keys, err = readKeys(ctx, conn, img.tables); return err },
		func() error { return readReactions(ctx, conn, img.tables) },
		func() (err error) { img.objects, err = readObjects(ctx, conn); return err },
	} {
		if err := read(); err != nil {
			return nil, refused(err, "reading the schema")
		}
	}
	for i := range img.tables {
		if err := img.tables[i].read(ctx, conn); err != nil {
			return nil, err
		}
	}
	img.write()
	return img, nil
}

func (t *table) read(ctx context.Context, conn *pgx.Conn) error {
	err := t.keep(ctx, conn)
	if stateIs(err, undefinedFunction) && !t.text {
		return &noBinaryError{table: t.oid, err: err}
	}
	return refused(err, "reading the rows of "+t.name)
}

// sameSchema reports whether what one image holds can be put where the other was.
func (img *image) sameSchema(other *image) bool {
	return slices.EqualFunc(img.catalogs, other.catalogs, func(a, b catalog) bool {
		return a.name == b.name && a.digest == b.digest
	})
}

func (img *image) sameObjects(other *image) bool { return maps.Equal(img.objects, other.objects) }

// write writes the SQL.
func (img *image) write() { img.survey, img.glance = surveySQL(img), glanceSQL(img) }

// share takes the rows of tables that another image holds as well from there, and treats as large what
// is large there.
func (img *image) share(other *image) {
	for i := range img.tables {
		t, there := &img.tables[i], &other.tables[i]
		if t.digest == there.digest && t.oid == there.oid {
			t.data = there.data
		}
		t.large = t.large || there.large
	}
	img.write()
}

// oids of all tables, in their order.
func (img *image) oids() []uint32 {
	var oids []uint32
	for _, each := range img.tables {
		oids = append(oids, each.oid)
	}
	return oids
}
