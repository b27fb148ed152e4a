package postgres

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone/clonetest"
)

// Numbers are those of dbclone/failures_test.go.

// cured fails the test unless the clone is repaired and then holds what the template holds.
func (p *patient) cured(t *testing.T) {
	t.Helper()
	if why := p.repair(t, p.img); why != "" {
		t.Fatalf("not repaired: %s", why)
	}
	p.pristine(t)
}

func (p *patient) pristine(t *testing.T) {
	t.Helper()
	if got := p.contents(t); got != p.held {
		t.Error(firstDifference(got, p.held))
	}
	if !p.dirt(t).clean() {
		t.Error("dirty after its repair")
	}
}

// dumpsAlike compares what pg_dump says.
func (p *patient) dumpsAlike(t *testing.T) {
	t.Helper()
	if got := p.dump(t, p.name); got != p.dumped {
		t.Error(firstDifference(got, p.dumped))
	}
}

// incurable fails the test unless the clone has to be made anew, for a reason that mentions something.
func (p *patient) incurable(t *testing.T, because string) {
	t.Helper()
	if why := p.repair(t, p.img); !strings.Contains(why, because) {
		t.Errorf("repair: %q, want a reason with %q", why, because)
	}
}

func TestCase12WorkerKilledInATransaction(t *testing.T) {
	p := newLab(t, "superuser", everything).clone(t)
	must(t, p.worker, "INSERT INTO parent VALUES (99, 'kept')", "BEGIN", "INSERT INTO parent VALUES (100, 'lost')", "DELETE FROM tree")
	p.Terminate(t, p.worker.PgConn().PID())
	p.cured(t)
}

func TestCase13And14OpenTransactions(t *testing.T) {
	l := newLab(t, "superuser", everything)
	t.Run("read only", func(t *testing.T) {
		p := l.clone(t)
		must(t, p.worker, "UPDATE parent SET name = 'x'", "BEGIN", "SELECT * FROM parent")
		p.cured(t)
	})
	t.Run("of a thread that wrote", func(t *testing.T) {
		p := l.clone(t)
		thread := l.connect(t, p.name)
		must(t, thread, "BEGIN", "INSERT INTO tree VALUES (99, 1)")
		if !p.dirt(t).clean() {
			t.Error("what is not committed counts")
		}
		must(t, p.worker, "UPDATE parent SET name = 'x'")
		p.incurable(t, "in a transaction")
		if _, err := takeBaseline(t.Context(), p.conn, p.img); err == nil {
			t.Error("a baseline that knows nothing of what is about to be committed")
		}
		must(t, thread, "COMMIT")
		p.cured(t)
	})
	t.Run("with a lock", func(t *testing.T) {
		p := l.clone(t)
		must(t, p.worker, "BEGIN", "LOCK TABLE parent IN ACCESS EXCLUSIVE MODE")
		p.incurable(t, "lock")
		must(t, p.worker, "ROLLBACK")
		p.cured(t)
	})
	t.Run("idle connections", func(t *testing.T) {
		p := l.clone(t)
		thread := l.connect(t, p.name)
		must(t, thread, "INSERT INTO tree VALUES (99, 1)")
		p.cured(t)
		must(t, thread, "INSERT INTO tree VALUES (99, 1)")
		p.cured(t)
	})
}

func TestCase15PreparedTransaction(t *testing.T) {
	p := newLab(t, "superuser", everything).clone(t)
	must(t, p.worker, "BEGIN", "UPDATE parent SET name = 'x'", "PREPARE TRANSACTION 'a ''quoted'' name'")
	if p.dirt(t).clean() {
		t.Error("not seen")
	}
	p.cured(t)
}

func TestCase16SessionsAreNoDirt(t *testing.T) {
	l := newLab(t, "superuser", everything)
	p := l.clone(t)
	must(t, p.worker, "LISTEN something", "NOTIFY something", "SELECT pg_advisory_lock(1)", "SET ROLE reader", "RESET ROLE",
		"CREATE TEMP TABLE mine (id serial PRIMARY KEY, up integer REFERENCES mine (id), body text DEFAULT 'x', CHECK (id > 0))", "INSERT INTO mine DEFAULT VALUES",
		"CREATE INDEX ON mine (body)", "COMMENT ON TABLE mine IS 'x'", "CREATE TEMP VIEW seen AS SELECT * FROM mine", "CREATE TYPE pg_temp.two AS (a integer)",
		"CREATE FUNCTION pg_temp.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
	if d := p.dirt(t); !d.clean() {
		t.Errorf("dirty: %v, %+v", d.lost, d.states)
	}
	must(t, p.worker, "UPDATE parent SET name = 'x'")
	if why := p.repair(t, l.img); why != "" {
		t.Error(why)
	}
}

func TestCase17Schema(t *testing.T) {
	l := newLab(t, "superuser", everything)
	for _, each := range append([]string{
		"REVOKE EXECUTE ON FUNCTION pg_sleep(double precision) FROM PUBLIC", "COMMENT ON FUNCTION pg_sleep(double precision) IS 'other'", "DROP EXTENSION ltree CASCADE",
		"ALTER TABLE types RENAME COLUMN later TO sooner", "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO reader', current_database()); END $$",
		"CLUSTER composite USING composite_pkey", "CREATE POLICY more ON secret USING (true)", "ALTER TABLE parent REPLICA IDENTITY FULL", "DROP TABLE log_note; ALTER TABLE log_2020 DETACH PARTITION log_2020_other",
		"CREATE PUBLICATION p FOR TABLE parent", "ALTER DOMAIN percent ADD CHECK (VALUE <> 13)", "CREATE RULE r AS ON INSERT TO parent DO NOTHING", "CREATE OR REPLACE FUNCTION shout(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(t)'",
	}, odd...) {
		t.Run(cut(each)[:min(len(each), 40)], func(t *testing.T) {
			p := l.clone(t)
			must(t, p.worker, each)
			if p.dirt(t).clean() {
				t.Error("not seen")
			}
			p.incurable(t, "")
			if why := p.repair(t, l.img); why == "" {
				t.Error("repaired")
			}
			p.drop(t)
		})
	}
}

func TestCase18LargeObjects(t *testing.T) {
	for _, role := range []string{"superuser", "owner"} {
		t.Run(role, func(t *testing.T) {
			p := newLab(t, role, everything).clone(t)
			must(t, p.worker, "SELECT lo_from_bytea(0, 'new'), lo_from_bytea(815, 'new')")
			p.cured(t)
			must(t, p.worker, "SELECT lo_put(4711, 3, 'X')")
			p.incurable(t, "large object 4711")
		})
	}
}

// TestCase19And20 changes one thing at a time.
func TestCase19And20(t *testing.T) {
	for _, role := range []string{"superuser", "granted", "owner"} {
		l := newLab(t, strings.Replace(role, "granted", "owner", 1), everything)
		if role == "granted" {
			if version := l.Major(t); version < 15 {
				t.Logf("on PostgreSQL %d nobody can be granted to be a replica", version)
				continue
			}
			l.Exec(t, "postgres", "GRANT SET ON PARAMETER session_replication_role TO owner")
		}
		p := l.clone(t)
		for _, each := range []string{
			"UPDATE auth_user SET active = false WHERE id = 1", "DELETE FROM auth_user_permissions WHERE id % 2 = 0", "INSERT INTO auth_user (username) VALUES ('new')", "DELETE FROM auth_permission WHERE id NOT IN (SELECT permission_id FROM auth_user_permissions)",
			"TRUNCATE auth_user RESTART IDENTITY CASCADE", "TRUNCATE types", "UPDATE types SET amount = 0", "UPDATE toasted SET body = ''", "UPDATE measured SET span = NULL", "DELETE FROM keyless", "UPDATE composite SET c = 0 WHERE a = 1",
			"UPDATE by_uuid SET n = 11 - n", "DELETE FROM nothing", "TRUNCATE unlogged", `UPDATE "Other Schema"."Odd Table" SET "ä" = ''`, "UPDATE booking SET during = 'empty'",
			"TRUNCATE parent CASCADE", "DELETE FROM child_null", "UPDATE parent SET name = 'x'", "DELETE FROM egg WHERE false; UPDATE hen SET egg_id = 3 - egg_id", "DELETE FROM tree", "UPDATE log SET at = '2030-01-01' WHERE id > 4", "INSERT INTO log (at) VALUES ('2020-01-01')",
			"UPDATE animal SET name = 'x'", "INSERT INTO dog (name) VALUES ('x')", "UPDATE watched SET n = 0", "INSERT INTO watched (n) VALUES (1)", "DELETE FROM always_watched", "INSERT INTO kept VALUES (3, 3)", "UPDATE kept SET n = 0", "INSERT INTO secret VALUES (3, 'x')", "UPDATE secret SET who = 'x'",
			"INSERT INTO auth_user_permissions (user_id, permission_id) VALUES (1, 1); REFRESH MATERIALIZED VIEW per_user; REFRESH MATERIALIZED VIEW total",
			"SELECT nextval('cached')", "SELECT setval('\"Other Schema\".circle', 3)", "SELECT nextval('started')", "ALTER SEQUENCE plain RESTART WITH 7",
		} {
			t.Run(role+"/"+each[:min(len(each), 40)], func(t *testing.T) {
				must(t, p.worker, each)
				if p.dirt(t).clean() {
					t.Error("not seen")
				}
				p.cured(t)
			})
		}
		p.dumpsAlike(t)
	}
}

// TestCase20LaterRows has rows that come after a repair lie where they lie in a fresh clone, once
// compaction has removed what the repair has left.
func TestCase20LaterRows(t *testing.T) {
	l := newLab(t, "superuser", "CREATE TABLE notes (id serial PRIMARY KEY, body text); INSERT INTO notes (body) SELECT repeat('x', 500) FROM generate_series(1, 40)")
	order := func(p *patient) string {
		must(t, p.worker, "VACUUM notes", "INSERT INTO notes (body) SELECT repeat('x', 50 * g) FROM generate_series(1, 20) g")
		return p.contents(t)
	}
	want := order(l.clone(t))
	p := l.clone(t)
	for range 3 {
		must(t, p.worker, "UPDATE notes SET body = upper(body)")
		p.cured(t)
		base, err := compact(t.Context(), p.conn, l.img, p.base)
		if err != nil {
			t.Fatal(err)
		}
		p.base = base
		p.pristine(t)
		if got := order(p); got != want {
			t.Error(firstDifference(got, want))
		}
		p.cured(t)
	}
}

// TestCase19CachedSequence has a session that took ten values at once start over like all others.
func TestCase19CachedSequence(t *testing.T) {
	p := newLab(t, "superuser", everything).clone(t)
	must(t, p.worker, "SELECT nextval('cached')")
	p.cured(t)
	var n int
	if err := p.worker.QueryRow(t.Context(), "SELECT nextval('cached')").Scan(&n); err != nil || n != 1 {
		t.Errorf("the next value is %d, %v; want 1", n, err)
	}
}

func TestCase19RulesAndRowSecurity(t *testing.T) {
	l := newLab(t, "owner", strings.ReplaceAll(everything, "ALTER TABLE secret ENABLE ROW", "ALTER TABLE secret FORCE ROW LEVEL SECURITY; ALTER TABLE secret ENABLE ROW"))
	l.Exec(t, "postgres", "CREATE DATABASE other TEMPLATE template OWNER owner")
	conn := l.connect(t, "other")
	if err := prepareSession(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	img, err := readImage(t.Context(), conn)
	if err != nil || !strings.Contains(img.unfit, "row-level security") {
		t.Fatalf("an image %+v, %v, of a table that hides rows from its owner", img, err)
	}
	base, err := takeBaseline(t.Context(), conn, img)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := findDirt(t.Context(), conn, img, base, &repairs{}); err != nil || d.clean() {
		t.Errorf("clean, as far as can be seen: %v", err)
	}
}

func TestCase21NothingInTheEnd(t *testing.T) {
	p := newLab(t, "superuser", everything).clone(t)
	for _, each := range []string{
		"INSERT INTO parent VALUES (99, 'x'); DELETE FROM parent WHERE id = 99", "BEGIN; DELETE FROM tree; DROP TABLE holder; ROLLBACK",
		"CREATE TABLE made (id serial PRIMARY KEY, body text); DROP TABLE made", "VACUUM (FREEZE)", "ANALYZE", "SELECT * FROM tree FOR UPDATE",
	} {
		must(t, p.worker, each)
		if d := p.dirt(t); !d.clean() {
			t.Errorf("%s: dirty: %v, %v", each, d.states, d.lost)
		}
	}
	must(t, p.worker, "BEGIN; SAVEPOINT s; UPDATE tree SET up = up; RELEASE s; COMMIT")
	if p.dirt(t).clean() {
		t.Error("rows that were only moved are not seen")
	}
	p.cured(t)
}

// TestCase22FrozenRows has new rows take the place of old ones in a way that leaves them frozen.
func TestCase22FrozenRows(t *testing.T) {
	p := newLab(t, "superuser", everything).clone(t)
	for _, each := range []string{
		"BEGIN; TRUNCATE keyless; COPY keyless FROM PROGRAM 'printf \"%s\\tsame\\n\" 1 2 0 1 2 0 1 2 1' (FREEZE); COMMIT",
		"UPDATE keyless SET note = 'other' WHERE n = 1; VACUUM (FULL, FREEZE) keyless", "DELETE FROM keyless WHERE n = 1; INSERT INTO keyless VALUES (1, 'same'), (1, 'same'), (1, 'same'); VACUUM FREEZE keyless",
		"VACUUM FULL types", "CREATE INDEX i ON composite (c DESC); CLUSTER composite USING i; ALTER TABLE composite SET WITHOUT CLUSTER; DROP INDEX i",
	} {
		for statement := range strings.SplitSeq(each, "; ") {
			must(t, p.worker, statement)
		}
		if p.dirt(t).clean() {
			t.Errorf("%s: not seen", each)
		}
		p.cured(t)
	}
}

// TestCase22AutovacuumAtTheSameTime repairs until every table in question was vacuumed meanwhile.
func TestCase22AutovacuumAtTheSameTime(t *testing.T) {
	p := newLab(t, "owner", everything, "autovacuum_naptime=1s", "autovacuum_vacuum_threshold=1", "autovacuum_vacuum_scale_factor=0",
		"autovacuum_analyze_threshold=1", "autovacuum_analyze_scale_factor=0").clone(t)
	vacuumed := func() (n int) {
		const sql = "SELECT count(*) FROM pg_stat_user_tables WHERE autovacuum_count > 0 AND relname IN ('auth_user', 'types')"
		if err := p.worker.QueryRow(t.Context(), sql).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	clonetest.EventuallyIn(t, time.Minute, "autovacuum comes to both tables", func() bool {
		must(t, p.worker, "UPDATE types SET amount = 0", "INSERT INTO auth_user (username) SELECT 'new' || g FROM generate_series(1, 9) g")
		if why := p.repair(t, p.img); why != "" {
			t.Fatal(why)
		}
		return vacuumed() == 2
	})
	p.pristine(t)
}

func TestCase22Wraparound(t *testing.T) {
	base := &baseline{limit: 1000, counts: []int64{3}, files: []int64{1}}
	seen := func(limit int64) *survey {
		return &survey{limit: limit, counts: []count{{3, 0}}, aside: aside{files: []int64{1}}}
	}
	for limit, clean := range map[int64]bool{1000: true, 1000 + forget: true, 1001 + forget: false, 1<<32 + 1000: false, 999: false} {
		if d := compare(seen(limit), base); d.clean() != clean {
			t.Errorf("at transaction %d clean is %t", limit, d.clean())
		}
	}
}

func TestCase23SizeIsBounded(t *testing.T) {
	l := newLab(t, "superuser", everything, "autovacuum=off")
	p := l.clone(t)
	l.img.verifyEvery = 20
	size := func() (bytes int64) {
		if err := p.conn.QueryRow(t.Context(), "SELECT sum(pg_table_size(oid)) FROM pg_class WHERE oid >= 16384 AND relkind = 'r'").Scan(&bytes); err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	before := size()
	for range 200 {
		must(t, p.worker, "UPDATE auth_permission SET name = name || '!'", "INSERT INTO auth_user (username) SELECT 'u' || g FROM generate_series(1, 500) g", "UPDATE toasted SET packed = body")
		if why := p.repair(t, l.img); why != "" {
			t.Fatal(why)
		}
	}
	if after := size(); after > 5*before {
		t.Errorf("the tables grew from %d to %d kB", before>>10, after>>10)
	}
	base, err := compact(t.Context(), p.conn, l.img, p.base)
	if err != nil {
		t.Fatal(err)
	}
	p.base = base
	p.pristine(t)
	p.dumpsAlike(t)
}

// TestCase24ManyRows has the counters help only when they can be trusted. Before version 15 they never can:
// sessions sent them to another process, in messages that might be lost.
func TestCase24ManyRows(t *testing.T) {
	l := newLab(t, "superuser", "CREATE TABLE many AS SELECT g AS id, 'row ' || g AS body FROM generate_series(1, 30000) g; CREATE TABLE few (id integer)")
	p := l.clone(t)
	trusted, flush := l.Major(t) >= 15, ""
	if trusted {
		flush = "SELECT pg_stat_force_next_flush(); "
	}
	for _, each := range []struct{ name, sql string }{
		{"nothing", ""},
		{"an update", "UPDATE many SET body = 'x' WHERE id = 5"},
		{"the counters are reset", "UPDATE many SET body = 'x' WHERE id = 5; " + flush + "SELECT pg_stat_reset()"},
		{"not counted", "SET track_counts = off; UPDATE many SET body = 'x' WHERE id = 5"},
		{"new rows", "INSERT INTO many VALUES (-1, 'x')"},
		{"other rows", "TRUNCATE many; INSERT INTO many SELECT -g FROM generate_series(1, 30000) g"},
	} {
		t.Run(each.name, func(t *testing.T) {
			for statement := range strings.SplitSeq(each.sql, "; ") {
				must(t, p.worker, statement)
			}
			if got := p.dirt(t).clean(); got != (each.sql == "") {
				t.Errorf("clean: %t", got)
			}
			p.cured(t)
		})
	}
	t.Run("nobody is connected", func(t *testing.T) {
		p := l.clone(t)
		for _, conn := range []*pgx.Conn{p.worker, p.reader} {
			_ = conn.Close(t.Context())
		}
		p.gone(t)
		seen, err := takeSurvey(t.Context(), p.conn, l.img, p.base)
		if err != nil || seen.counters.unmoved(p.base.counters, 0) != trusted {
			t.Errorf("counters %+v, before %+v, %v; trusted: %t", seen.counters, p.base.counters, err, trusted)
		}
		p.Exec(t, p.name, "DELETE FROM many WHERE id = 7")
		p.reader = p.Conn(t, p.name)
		if p.dirt(t).clean() {
			t.Error("not seen")
		}
		p.cured(t)
	})
}

// TestCase27Flushed goes back and forth between what the template holds and another image.
func TestCase27Flushed(t *testing.T) {
	for _, role := range []string{"superuser", "owner"} {
		t.Run(role, func(t *testing.T) {
			l := newLab(t, role, everything)
			p := l.clone(t)
			must(t, p.worker, "TRUNCATE "+strings.Join(names, ", ")+" RESTART IDENTITY", "SELECT setval('plain', 1, false)",
				"INSERT INTO django_content_type (app_label, model) VALUES ('b', 'b'), ('a', 'a')", "INSERT INTO auth_permission (name, codename, content_type_id) VALUES ('x', 'x', 2)",
				"REFRESH MATERIALIZED VIEW per_user", "REFRESH MATERIALIZED VIEW total")
			flushed := p.capture(t)
			flushed.verifyEvery = 1
			p.holds = flushed
			p.note(t)
			want := p.contents(t)
			for range 3 {
				must(t, p.worker, "INSERT INTO auth_user (username) VALUES ('new')", "UPDATE django_content_type SET model = 'c' WHERE id = 1")
				if why := p.repair(t, flushed); why != "" {
					t.Fatal(why)
				}
				if got := p.contents(t); got != want {
					t.Error(firstDifference(got, want))
				}
				p.cured(t)
				if why := p.repair(t, flushed); why != "" {
					t.Fatal(why)
				}
				if got := p.contents(t); got != want {
					t.Error(firstDifference(got, want))
				}
			}
			p.cured(t)
			p.dumpsAlike(t)
		})
	}
}
