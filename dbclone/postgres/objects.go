package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// objectsOf lists the large objects with what can change about them. There are hardly ever any, and
// only superusers may read the catalog of their pages, so they are looked at one by one.
const objectsOf = `
SELECT m.oid, md5(lo_get(m.oid)) || ' ' || m.lomowner || ' ' || coalesce(m.lomacl::text, '')
FROM pg_catalog.pg_largeobject_metadata m`

func readObjects(ctx context.Context, conn *pgx.Conn) (map[uint32]string, error) {
	objects := map[uint32]string{}
	rows, err := conn.Query(ctx, objectsOf, pgx.QueryExecModeExec)
	if err != nil {
		return nil, err
	}
	var oid uint32
	var digest string
	_, err = pgx.ForEachRow(rows, []any{&oid, &digest}, func() error {
		objects[oid] = digest
		return nil
	})
	return objects, err
}

// newObjects finds the large objects that an image does not have. Those that it has can't be put back
// with the same id and contents, so a change of one is an errReclone.
func newObjects(ctx context.Context, conn *pgx.Conn, img *image) ([]uint32, error) {
	now, err := readObjects(ctx, conn)
	if err != nil {
		return nil, refused(err, "reading the large objects")
	}
	for oid, digest := range img.objects {
		if now[oid] != digest {
			return nil, reclone("the large object %d was changed", oid)
		}
	}
	var added []uint32
	for oid := range now {
		if _, ok := img.objects[oid]; !ok {
			added = append(added, oid)
		}
	}
	return added, nil
}

func unlinkSQL(objects []uint32) string {
	var sql strings.Builder
	for _, oid := range objects {
		fmt.Fprintf(&sql, "SELECT lo_unlink(%d);", oid)
	}
	return sql.String()
}
