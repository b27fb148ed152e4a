package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// survey is what one look at a database gives, cheap enough for every end of a test class.
type survey struct {
	limit     int64 // transactions from here on are not seen: a 64-bit transaction id
	underway  int64 // transactions before it that are not seen either, because they are not over
	counts    []count
	positions []position // of sequences
	catalogs  []count
	aside
}

// count is of the rows of a table. Updated rows are fresh ones; the old ones are gone.
type count struct{ total, fresh int64 }

// aside is what the survey knows besides the rows.
type aside struct {
	files    []int64  // where the rows lie, by table: moved by TRUNCATE, VACUUM FULL, CLUSTER
	replica  bool     // triggers and foreign keys leave this session alone
	settings string   // owner, rights and settings of the database, which no catalog of its own has
	objects  int64    // large objects
	prepared []string // transactions that wait for their COMMIT PREPARED
	writers  string   // other sessions with a transaction open that wrote something, for people
	counters counters
}

// counters are the server's statistics of the tables with many rows.
type counters struct {
	since   string        // they can be compared as long as this is the same; "" if they can't be trusted
	changes map[int]int64 // by table
}

// howMany counts the rows of a table, and the fresh ones. $1 is the transaction from which on rows are
// fresh, $2 one whose rows are not. The xmin of a row stays what it was when the row is frozen, by VACUUM
// or by COPY; what no longer can be told apart after two thousand million transactions is taken for fresh.
const howMany = "count(*), count(*) FILTER (WHERE age(xmin) <= (SELECT age($1::xid)) AND xmin <> $2::xid)"

// surveySQL writes the statement that counts everything in one snapshot, but for large tables: whenever
// one gets new files, its statement is planned again.
func surveySQL(img *image) string {
	var sql strings.Builder
	n := 0
	branch := func(columns, from string) {
		n++
		fmt.Fprintf(&sql, " UNION ALL SELECT %d, %s FROM %s", n, columns, from)
	}
	sql.WriteString("SELECT 0, txid_snapshot_xmax(txid_current_snapshot()), (SELECT count(*) FROM txid_snapshot_xip(txid_current_snapshot()))")
	for _, each := range img.tables {
		if each.large {
			branch("0::bigint, 0::bigint", "(SELECT) AS counted_apart")
		} else {
			branch(howMany, "ONLY "+each.name)
		}
	}
	for _, each := range img.catalogs {
		branch(howMany, "pg_catalog."+each.name)
	}
	sequencesSQL(&sql, img)
	return sql.String()
}

// sequencesSQL adds to a statement where the sequences stand, by negative numbers.
func sequencesSQL(sql *strings.Builder, img *image) {
	for i, each := range img.sequences {
		fmt.Fprintf(sql, " UNION ALL SELECT %d, last_value, is_called::int::bigint FROM %s", -1-i, each.name)
	}
}

// asideSQL asks for the rest. $1 are the tables. The last two values are the sessions that have written
// in a transaction that is open, and those that have been active since the survey began: what they
// committed just after its snapshot it did not see either. A session without rights sees those of its
// own role, which is the workers' too.
const asideSQL = `
WITH db AS (SELECT oid, datdba, datacl FROM pg_catalog.pg_database WHERE datname = current_database()),
others AS (SELECT s.* FROM pg_catalog.pg_stat_get_activity(NULL) s, db
	WHERE s.datid = db.oid AND s.pid <> pg_backend_pid() AND s.backend_type <> 'autovacuum worker')
SELECT
	ARRAY(SELECT relfilenode::bigint FROM pg_catalog.pg_class WHERE oid = ANY ($1::oid[]) ORDER BY oid),
	current_setting('session_replication_role') = 'replica',
	(SELECT concat_ws(' ', datdba, datacl, (SELECT string_agg(concat_ws(' ', r.setrole, r.setconfig), ' ' ORDER BY r.setrole)
		FROM pg_catalog.pg_db_role_setting r WHERE r.setdatabase = db.oid)) FROM db),
	(SELECT count(*) FROM pg_catalog.pg_largeobject_metadata),
	ARRAY(SELECT p.gid FROM pg_catalog.pg_prepared_xacts p WHERE p.database = current_database()),
	coalesce((SELECT string_agg(concat_ws(' ', pid, state, application_name), ', ') FROM others WHERE backend_xid IS NOT NULL), ''),
	coalesce((SELECT string_agg(concat_ws(' ', pid, state, application_name), ', ') FROM others WHERE state_change >= now()), '')`

// countersSQL asks for the counters of tables with many rows. They are exact only when no other
// session has changes that it has not reported, and only since version 15; a session of ours may
// have turned its own counting off, so the server's default counts.
const countersSQL = `
SELECT CASE WHEN current_setting('server_version_num')::int >= 150000
		AND (SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'track_counts') = 'on'
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_get_activity(NULL) s
			WHERE s.datid = db.oid AND s.pid <> pg_backend_pid() AND s.backend_type <> 'autovacuum worker')
	THEN concat_ws(' ', pg_postmaster_start_time(), pg_stat_get_db_stat_reset_time(db.oid), 'start') ELSE '' END,
	ARRAY(SELECT pg_stat_get_tuples_inserted(t) + pg_stat_get_tuples_updated(t) + pg_stat_get_tuples_deleted(t)
		FROM unnest($1::oid[]) WITH ORDINALITY u(t, n) ORDER BY n)
FROM pg_catalog.pg_database db WHERE datname = current_database()`

// takeSurvey surveys the database. Rows are fresh that were committed since the baseline, if there is one.
func takeSurvey(ctx context.Context, conn *pgx.Conn, img *image, since *baseline) (*survey, error) {
	limit, own := since.ids()
	s := newSurvey(img)
	batch := &pgx.Batch{}
	batch.Queue(img.survey, limit, own).Query(eachRow(s.take))
	for i, each := range img.tables {
		if each.large && each.rows < manyRows {
			batch.Queue("SELECT "+howMany+" FROM ONLY "+each.name, limit, own).QueryRow(func(row pgx.Row) error {
				return row.Scan(&s.counts[i].total, &s.counts[i].fresh)
			})
		}
	}
	meanwhile := s.queueAside(batch, img)
	err := conn.SendBatch(ctx, batch).Close()
	s.mind(*meanwhile)
	if err == nil {
		err = s.countMany(ctx, conn, img, since)
	}
	if err != nil {
		return nil, refused(err, "counting the rows")
	}
	return s, nil
}

func newSurvey(img *image) *survey {
	return &survey{
		counts: make([]count, len(img.tables)), positions: make([]position, len(img.sequences)),
		catalogs: make([]count, len(img.catalogs)),
	}
}

// queueAside asks for the rest, and for who has been active meanwhile.
func (s *survey) queueAside(batch *pgx.Batch, img *image) (meanwhile *string) {
	meanwhile = new(string)
	batch.Queue(asideSQL, img.oids()).QueryRow(func(row pgx.Row) error {
		return row.Scan(&s.files, &s.replica, &s.settings, &s.objects, &s.prepared, &s.writers, meanwhile)
	})
	return meanwhile
}

// mind takes who has been active meanwhile for a writer, if anybody is one.
func (s *survey) mind(meanwhile string) {
	if s.writers == "" && s.underway > 0 {
		s.writers = meanwhile
	}
}

// eachRow reads the rows of a survey or a glance.
func eachRow(take func(n int, a, b int64)) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		var n int
		var a, b int64
		_, err := pgx.ForEachRow(rows, []any{&n, &a, &b}, func() error {
			take(n, a, b)
			return nil
		})
		return err
	}
}

// take notes a row of what surveySQL asks for.
func (s *survey) take(n int, a, b int64) {
	switch {
	case n == 0:
		s.limit, s.underway = a, b
	case n < 0:
		s.positions[-1-n] = position{a, b != 0}
	case n <= len(s.counts):
		s.counts[n-1] = count{a, b}
	default:
		s.catalogs[n-1-len(s.counts)] = count{a, b}
	}
}

// countMany counts in the tables with many rows, if the counters moved or say nothing.
func (s *survey) countMany(ctx context.Context, conn *pgx.Conn, img *image, since *baseline) error {
	var many []int
	var oids []uint32
	for i, each := range img.tables {
		if each.rows >= manyRows {
			many, oids = append(many, i), append(oids, each.oid)
		}
	}
	if len(many) == 0 {
		return nil
	}
	var changes []int64
	if err := conn.QueryRow(ctx, countersSQL, oids).Scan(&s.counters.since, &changes); err != nil {
		return err
	}
	s.counters.changes = map[int]int64{}
	for n, i := range many {
		s.counters.changes[i] = changes[n]
		if since != nil && s.files[i] == since.files[i] && s.counters.unmoved(since.counters, i) {
			s.counts[i] = count{total: since.counts[i]}
			continue
		}
		limit, own := since.ids()
		sql := "SELECT " + howMany + " FROM ONLY " + img.tables[i].name
		if err := conn.QueryRow(ctx, sql, limit, own).Scan(&s.counts[i].total, &s.counts[i].fresh); err != nil {
			return err
		}
	}
	return nil
}

func (c counters) unmoved(since counters, table int) bool {
	before, known := since.changes[table]
	return known && c.since != "" && c.since == since.since && c.changes[table] == before
}

// moved lists the catalogs in which rows were added, changed or removed.
func (s *survey) moved(img *image, base *baseline) []catalog {
	var moved []catalog
	for i, each := range s.catalogs {
		if each.fresh > 0 || each.total != base.catalogs[i] {
			moved = append(moved, img.catalogs[i])
		}
	}
	return slices.Clip(moved)
}
