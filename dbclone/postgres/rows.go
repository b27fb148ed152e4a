package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"

	"github.com/jackc/pgx/v5"
)

// keep reads all rows, for their digest and to put them back.
func (t *table) keep(ctx context.Context, conn *pgx.Conn) error {
	var data bytes.Buffer
	sum := sha256.New()
	into := io.Writer(sum)
	kept := !t.view && t.size <= tooLarge
	if kept && !t.generated {
		into = io.MultiWriter(sum, &data)
	}
	tag, err := conn.PgConn().CopyTo(ctx, into, t.readAll())
	if err == nil && kept && t.generated {
		_, err = conn.PgConn().CopyTo(ctx, &data, "COPY "+t.name+" TO STDOUT"+t.format())
	}
	if err != nil {
		return err
	}
	t.rows = tag.RowsAffected()
	t.large = t.rows >= largeRows
	if kept {
		t.data = data.Bytes()
	}
	sum.Sum(t.digest[:0])
	return nil
}

// now digests the rows as they are.
func (t *table) now(ctx context.Context, conn *pgx.Conn) (digest digestOf, err error) {
	sum := sha256.New()
	_, err = conn.PgConn().CopyTo(ctx, sum, t.readAll())
	sum.Sum(digest[:0])
	return digest, err
}

// fill writes the rows of the image into the empty table, in their order. COPY takes the values of
// identity columns as they are.
func (t *table) fill(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(t.data), "COPY "+t.name+" FROM STDIN"+t.format())
	return err
}

// readAll reads all columns, where COPY of a table would leave out the generated ones.
func (t *table) readAll() string {
	if t.view || t.generated {
		return "COPY (SELECT * FROM ONLY " + t.name + ") TO STDOUT" + t.format()
	}
	return "COPY " + t.name + " TO STDOUT" + t.format()
}

func (t *table) format() string {
	if t.text {
		return ""
	}
	return " (FORMAT binary)"
}
