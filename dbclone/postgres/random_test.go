package postgres

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestCase26Differential lets a worker do random things to a clone, again and again, and puts it back
// after each time. Then it must hold what a fresh clone holds. HOTCLUB_REPAIRS says how often (30 for each of two roles),
// HOTCLUB_SEED repeats a sequence.
func TestCase26Differential(t *testing.T) {
	for _, role := range []string{"superuser", "owner"} {
		t.Run(role, func(t *testing.T) { differential(t, role, number(t, "HOTCLUB_REPAIRS", 30)) })
	}
}

func number(t *testing.T, variable string, otherwise int) int {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

func differential(t *testing.T, role string, rounds int) {
	seed := number(t, "HOTCLUB_SEED", int(time.Now().UnixNano()))
	t.Logf("HOTCLUB_SEED=%d", seed)
	l := newLab(t, role, everything, "autovacuum_naptime=1s")
	p := l.clone(t)
	l.img.verifyEvery = rounds + 1 // what repair overlooks is for this test to find
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	told := map[string]int{}
	var history []string
	for round := range rounds {
		if round%250 == 249 {
			t.Logf("%d rounds: %v", round+1, told)
		}
		deeds := misbehave(t, p.worker, random)
		history = append(history, strings.Join(deeds, "\n"))
		d := p.dirt(t)
		if d.clean() {
			if got := p.contents(t); got != l.held {
				t.Fatalf("round %d: not seen: %s\nafter\n%s", round, firstDifference(got, l.held), strings.Join(history[max(0, round-3):], "\n--\n"))
			}
		}
		why := p.repair(t, l.img)
		switch {
		case why != "":
			why, _, _ = strings.Cut(why, ":")
			told["anew: "+why]++
			p.drop(t)
			p = l.clone(t)
			history[round] += "\n(cloned anew: " + why + ")"
			continue
		case d.clean():
			told["clean"]++
		default:
			told["repaired"]++
		}
		if got := p.contents(t); got != l.held {
			t.Fatalf("round %d: %s\nafter\n%s", round, firstDifference(got, l.held), strings.Join(history[max(0, round-3):], "\n--\n"))
		}
		if round%10 == 0 {
			if got := l.dump(t, p.name); got != l.dumped {
				t.Fatalf("round %d: %s\nafter\n%s", round, firstDifference(got, l.dumped), strings.Join(history[max(0, round-12):], "\n--\n"))
			}
		}
		if random.IntN(20) == 0 {
			if p.base, _ = compact(t.Context(), p.conn, l.img, p.base); p.base == nil {
				t.Fatal("not compacted")
			}
		}
	}
	for why, n := range told {
		t.Logf("%5d %s", n, why)
	}
	if told["repaired"] < rounds/4 {
		t.Errorf("only %d of %d rounds were repaired", told["repaired"], rounds)
	}
}

// misbehave does some deeds, in a transaction that is committed or not, or one by one. What the server
// refuses is part of the game. It returns what it did.
func misbehave(t *testing.T, worker *pgx.Conn, random *rand.Rand) []string {
	var done []string
	do := func(sql string) {
		_, err := worker.PgConn().Exec(t.Context(), sql).ReadAll()
		if worker.IsClosed() {
			t.Fatalf("%s: %v", sql, err)
		}
		if err != nil {
			sql += " -- " + err.Error()
		}
		done = append(done, sql)
	}
	ending := pick(random, "", "", "COMMIT", "COMMIT", "COMMIT", "ROLLBACK")
	if random.IntN(25) == 0 && ending != "" {
		ending = "PREPARE TRANSACTION 'left'"
	}
	if ending != "" {
		do("BEGIN")
	}
	for range 1 + random.IntN(5) {
		deed := pick(random, deeds...)
		if random.IntN(12) == 0 {
			deed = pick(random, odd...)
		}
		if ending == "" {
			do(fill(random, deed))
			continue
		}
		do("SAVEPOINT s")
		do(fill(random, deed))
		if strings.Contains(done[len(done)-1], " -- ") || random.IntN(5) == 0 {
			do("ROLLBACK TO s")
		}
	}
	if ending != "" {
		do(ending)
	}
	if random.IntN(15) == 0 || !slices.Contains(done, "BEGIN") && random.IntN(6) == 0 {
		do(fill(random, pick(random, upkeep...)))
	}
	return done
}

func pick(random *rand.Rand, from ...string) string { return from[random.IntN(len(from))] }

// fill puts random numbers for N, small ones for K (those of rows that are there), and a table for T.
func fill(random *rand.Rand, deed string) string {
	deed = strings.ReplaceAll(deed, "@T", pick(random, names...))
	for strings.Contains(deed, "@N") {
		deed = strings.Replace(deed, "@N", strconv.Itoa(1000+random.IntN(1_000_000)), 1)
	}
	for strings.Contains(deed, "@K") {
		deed = strings.Replace(deed, "@K", strconv.Itoa(1+random.IntN(6)), 1)
	}
	return deed
}

var names = []string{
	"django_content_type", "auth_permission", "auth_user", "auth_user_permissions", "types", "toasted", "measured", "keyless", "composite",
	"by_uuid", "nothing", "unlogged", `"Other Schema"."Odd Table"`, "booking", "parent", "child_now", "child_cascade", "child_null", "hen", "egg", "tree",
	"log", "log_rest", "log_2020_first", "log_note", "animal", "dog", "audit", "watched", "always_watched", "kept", "secret", "holder",
}

var deeds = []string{
	// any table
	"DELETE FROM @T", "DELETE FROM @T WHERE ctid IN (SELECT ctid FROM @T LIMIT @K)", "TRUNCATE @T", "TRUNCATE @T CASCADE", "TRUNCATE @T RESTART IDENTITY CASCADE",
	"CREATE TEMP TABLE copied ON COMMIT DROP AS SELECT * FROM @T", "SELECT * FROM @T FOR UPDATE", "LOCK TABLE @T",
	// Django's
	"INSERT INTO django_content_type (app_label, model) VALUES ('x', 'm@N')",
	"INSERT INTO auth_permission (name, codename, content_type_id) SELECT 'new', 'c@N', min(id) FROM django_content_type",
	"INSERT INTO auth_user (username, email) VALUES ('u@N', 'x@example.com'), ('v@N', NULL)",
	"INSERT INTO auth_user_permissions (user_id, permission_id) SELECT max(u.id), max(p.id) FROM auth_user u, auth_permission p",
	"UPDATE auth_user SET active = NOT active WHERE id = @K", "UPDATE auth_user SET username = username", "UPDATE auth_permission SET name = 'x' WHERE id < @K",
	"DELETE FROM auth_user_permissions WHERE user_id = @K", "DELETE FROM auth_user WHERE id = @K",
	"WITH gone AS (DELETE FROM auth_user_permissions WHERE id < @K RETURNING *) INSERT INTO auth_user_permissions SELECT * FROM gone ORDER BY id DESC",
	"INSERT INTO auth_user (username) SELECT 'many' || g FROM generate_series(1, 300) g", "DELETE FROM auth_user WHERE username LIKE 'many%'",
	// types
	"INSERT INTO types (mood, amount, jsb) VALUES ('happy', @N, '{}')", "INSERT INTO types (id, amount) OVERRIDING SYSTEM VALUE VALUES (@N, 1)",
	"UPDATE types SET amount = amount + 1, pairs = 'x=>y' WHERE id = @K", "UPDATE types SET later = NULL", "DELETE FROM types WHERE id = @K",
	"UPDATE toasted SET body = body || 'x' WHERE id = @K", "INSERT INTO toasted VALUES (@N, repeat('y', 50000), 'z')", "UPDATE toasted SET id = id + 100 WHERE id = @K",
	"INSERT INTO measured VALUES (@N, '1.00')", "UPDATE measured SET span = '7.0' WHERE id = @K",
	// keys of all kinds
	"INSERT INTO keyless VALUES (@K, 'same')", "UPDATE keyless SET n = n + 1 WHERE n = @K", "INSERT INTO keyless SELECT * FROM keyless",
	"INSERT INTO composite VALUES (@N, 'x', 1)", "UPDATE composite SET c = -c WHERE a = @K", "UPDATE composite SET a = a + 100",
	"INSERT INTO by_uuid (n) VALUES (@N)", "UPDATE by_uuid SET n = 11 - n", "INSERT INTO nothing DEFAULT VALUES", "INSERT INTO unlogged (n) VALUES (@N)", "UPDATE unlogged SET n = @N WHERE id = @K",
	`INSERT INTO "Other Schema"."Odd Table" ("ä") VALUES ('new')`, `UPDATE "Other Schema"."Odd Table" SET "ä" = "ä" || 'x'`,
	"INSERT INTO booking VALUES (@N, '[2020-01-01,2020-01-03)')", "UPDATE booking SET during = '[2021-01-01,2021-01-03)' WHERE room = @K", "DELETE FROM booking WHERE room = @K",
	// foreign keys
	"INSERT INTO parent VALUES (@N, 'new')", "UPDATE parent SET name = 'x' WHERE id = @K", "DELETE FROM parent WHERE id = @K", "UPDATE parent SET id = id + 100 WHERE id = @K",
	"WITH p AS (INSERT INTO parent VALUES (@N, 'p') RETURNING id) INSERT INTO child_cascade SELECT id, id FROM p",
	"INSERT INTO parent VALUES (7, 'p'); INSERT INTO child_now VALUES (@N, 7); INSERT INTO child_null VALUES (@N, 7)",
	"UPDATE child_null SET parent_id = 1 WHERE id = @K", "UPDATE child_now SET parent_id = @K", "DELETE FROM child_cascade WHERE id = @K",
	"UPDATE hen SET egg_id = 3 - egg_id", "DELETE FROM egg; DELETE FROM hen", "INSERT INTO hen VALUES (3, 3); INSERT INTO egg VALUES (3, 3)",
	"INSERT INTO tree VALUES (@N, @K)", "DELETE FROM tree WHERE id = 4", "DELETE FROM tree", "UPDATE tree SET up = 1 WHERE id > 1",
	// partitions, inheritance
	"INSERT INTO log (at, line) VALUES ('2020-01-01', 'new'), ('2020-05-05', 'new'), ('2022-01-01', 'new')", "UPDATE log SET at = '2025-01-01' WHERE id > 5", "UPDATE log SET line = 'x' WHERE id = @K",
	"DELETE FROM log_note", "INSERT INTO log_note SELECT 100, at, id FROM log ORDER BY id LIMIT 1", "UPDATE animal SET name = name || '!'", "INSERT INTO dog (name, barks) VALUES ('new', false)", "DELETE FROM ONLY animal",
	// what acts by itself
	"INSERT INTO watched (n) VALUES (@N)", "UPDATE watched SET n = 0 WHERE id = @K", "DELETE FROM watched WHERE id = @K", "INSERT INTO always_watched (n) VALUES (@N)", "DELETE FROM always_watched WHERE id = @K",
	"INSERT INTO kept VALUES (@N, 1)", "UPDATE kept SET n = @N", "INSERT INTO secret VALUES (@N, 'new')", "UPDATE secret SET who = 'x' WHERE id = @K",
	// sequences, large objects, views
	"SELECT nextval('plain'), nextval('cached'), nextval('\"Other Schema\".circle')", "SELECT setval('plain', @N)", "SELECT setval('auth_user_id_seq', 1, false)", "SELECT nextval('started')",
	"ALTER SEQUENCE plain RESTART", "ALTER SEQUENCE cached RESTART WITH 5",
	"SELECT lo_from_bytea(0, 'new')", "REFRESH MATERIALIZED VIEW per_user", "REFRESH MATERIALIZED VIEW CONCURRENTLY per_user", "REFRESH MATERIALIZED VIEW total",
	// frozen rows
	"CREATE TEMP TABLE IF NOT EXISTS was AS SELECT * FROM keyless; TRUNCATE keyless; INSERT INTO keyless SELECT * FROM was; DROP TABLE was",
	"COPY keyless TO '/tmp/hotclub-keyless-frozen'; TRUNCATE keyless; COPY keyless FROM '/tmp/hotclub-keyless-frozen' (FREEZE)",
	// sessions
	"LISTEN something; NOTIFY something", "SELECT pg_advisory_lock(42)", "SELECT pg_advisory_unlock_all()", "SET search_path = public", "SET work_mem = '1MB'", "SET CONSTRAINTS ALL IMMEDIATE",
	"CREATE TEMP TABLE mine (id serial PRIMARY KEY, body text); INSERT INTO mine (body) VALUES ('x')", "DROP TABLE IF EXISTS pg_temp.mine", "DISCARD TEMP",
	"CREATE TABLE short_lived (id serial PRIMARY KEY); DROP TABLE short_lived",
}

// odd are deeds that mostly call for a new clone.
var odd = []string{
	"CREATE TABLE made (id integer)", "ALTER TABLE parent ADD COLUMN more text", "ALTER TABLE parent ALTER COLUMN name SET DEFAULT 'x'", "DROP TABLE holder", "CREATE INDEX ON parent (name)", "DROP VIEW active",
	"COMMENT ON TABLE parent IS 'other'", "GRANT SELECT ON parent TO reader", "ALTER TABLE watched DISABLE TRIGGER each_row", "CREATE EXTENSION pg_trgm", "ALTER SEQUENCE plain INCREMENT 7",
	"ALTER SEQUENCE plain OWNED BY parent.id", "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'", "ALTER TYPE mood ADD VALUE 'new'", "CREATE SCHEMA made", "ALTER TABLE parent SET (fillfactor = 50)",
	"REFRESH MATERIALIZED VIEW unpopulated", "REFRESH MATERIALIZED VIEW per_user WITH NO DATA", "SELECT lowrite(lo_open(4711, 131072), 'other')", "SELECT lo_unlink(4711)", "ALTER TABLE secret FORCE ROW LEVEL SECURITY", "ALTER TABLE parent ADD CONSTRAINT c CHECK (id > 0) NOT VALID",
	"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public', current_database()); END $$", "ALTER TABLE auth_user RENAME TO people", "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader",
}

// upkeep is what a server does by itself, and what moves rows without changing them.
var upkeep = []string{
	"VACUUM", "VACUUM @T", "VACUUM (FREEZE) @T", "VACUUM FULL @T", "ANALYZE", "REINDEX TABLE parent", "VACUUM (FULL, FREEZE) @T", "CLUSTER composite USING composite_pkey", "CHECKPOINT",
}
