package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// A glance is what most ends of a class get by with: tests of a TestCase roll back. Where no transaction
// of the whole server has been committed since the baseline, but for repairs of other clones, no row can
// have changed, of any table or catalog. Sequences can: they do not mind transactions.

// repairs are the transactions in which clones of one server were put back. Each changes one clone,
// which gets a new baseline with it: to all others it is nothing.
type repairs struct {
	mu  sync.Mutex
	ids []int64 // 64-bit transaction ids, the newest last
}

// add notes one that has been committed.
func (r *repairs) add(id int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.ids); n == 2*tooLong {
		r.ids = slices.Clone(r.ids[n-tooLong:])
	}
	r.ids = append(r.ids, id)
}

// within counts those from one id on and before another.
func (r *repairs) within(from, before int64) (n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range slices.Backward(r.ids) {
		if id >= from && id < before {
			n++
		}
	}
	return n
}

// tooLong is from how many transactions on it takes as long to ask for the end of each as to count all rows.
const tooLong = 10_000

// glanceSQL writes the statement for a glance. $1 is the transaction from which on to look; row 1 has
// how many of those have been committed. Nothing is known of the status of one that is very old.
func glanceSQL(img *image) string {
	var sql strings.Builder
	fmt.Fprintf(&sql, `
WITH seen AS (SELECT txid_current_snapshot() AS snapshot), until AS (SELECT txid_snapshot_xmax(snapshot) AS id FROM seen)
SELECT 0, id, (SELECT count(*) FROM seen, txid_snapshot_xip(snapshot)) FROM until
UNION ALL SELECT 1, count(*) FILTER (WHERE coalesce(txid_status(x), '') NOT IN ('aborted', 'in progress')), 0
	FROM until, generate_series($1::bigint, least(id, $1::bigint + %d) - 1) x`, tooLong)
	sequencesSQL(&sql, img)
	return sql.String()
}

// glance tells what a survey would, or nothing if that takes a survey. Who is in a transaction may hold
// a lock on which a survey would stumble.
func glance(ctx context.Context, conn *pgx.Conn, img *image, since *baseline, ours *repairs) (*survey, error) {
	s := newSurvey(img)
	for i, rows := range since.counts {
		s.counts[i].total = rows
	}
	for i, rows := range since.catalogs {
		s.catalogs[i].total = rows
	}
	s.counters = since.counters
	var committed int64
	batch := &pgx.Batch{}
	batch.Queue(img.glance, since.limit).Query(eachRow(func(n int, a, b int64) {
		if n == 1 {
			committed = a
		} else {
			s.take(n, a, b)
		}
	}))
	meanwhile := s.queueAside(batch, img)
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return nil, refused(err, "looking for changes")
	}
	s.mind(*meanwhile)
	passed := s.limit - since.limit
	if passed < 0 || passed > tooLong || committed != ours.within(since.limit, s.limit) ||
		!slices.Equal(s.files, since.files) || s.objects != since.objects || s.atRest() != nil {
		return nil, nil
	}
	return s, nil
}
