package postgres

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// roomy is the size in bytes from which a table is compacted: repairs have left much more space in it
// than it has rows.
func (t *table) roomy() int64 { return 4*t.size + 256<<10 }

// compact frees the space that repairs have left before or between the rows of tables, so that later
// rows come after them as in a fresh clone. It needs tables that nobody reads, and costs a few
// milliseconds for each: it is for the time between two leases.
func compact(ctx context.Context, conn *pgx.Conn, img *image, base *baseline) (*baseline, error) {
	return vacuum(ctx, conn, img, base, slices.Sorted(maps.Keys(base.loose)))
}

// vacuum writes tables to new files, in the same order, without changing a row (its xmin stays), and
// returns the baseline with where they lie now. While somebody else uses a table it lets it be.
func vacuum(ctx context.Context, conn *pgx.Conn, img *image, base *baseline, tables []int) (*baseline, error) {
	if len(tables) == 0 {
		return base, nil
	}
	var names []string
	for _, i := range tables {
		names = append(names, img.tables[i].name)
	}
	_, err := conn.Exec(ctx, "VACUUM (FULL) "+strings.Join(names, ", "))
	done := err == nil
	if err != nil && !stateIs(err, lockNotAvailable) {
		return nil, refused(err, "compacting tables")
	}
	seen, err := takeSurvey(ctx, conn, img, base)
	if err != nil {
		return nil, err
	}
	moved := *base
	moved.files = seen.files
	d := compare(seen, &moved)
	if err := seen.atRest(); err != nil {
		return nil, err
	}
	changed, err := changedCatalogs(ctx, conn, seen.moved(img, base))
	if err != nil {
		return nil, refused(err, "looking at the schema")
	}
	if !d.clean() || len(changed) > 0 {
		return nil, reclone("somebody was writing while tables were compacted")
	}
	after := seen.baseline()
	after.repairs, after.loose = base.repairs, maps.Clone(base.loose)
	if done {
		for _, i := range tables {
			delete(after.loose, i)
		}
	}
	return after, nil
}
