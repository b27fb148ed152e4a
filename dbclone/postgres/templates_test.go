package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hotclub/dbclone"
	"hotclub/dbclone/postgres/pgtest"
)

func TestTemplates(t *testing.T) {
	newBench(t).run(t, map[string]func(*testing.T, *bench){
		"1 kill -9 while building":               killedBuild,
		"2 two publish under one name":           twoPublish,
		"3 a migration fails half-way":           failedMigration,
		"4 a connection is left on it":           connectionLeft,
		"5 a superuser opens a sealed one":       openedTemplate,
		"5 a superuser is in it while cloning":   visitedTemplate,
		"8 traits tell servers and roles apart":  traitsDiffer,
		"9 dropped by hand":                      droppedByHand,
		"9 made again under its name":            madeAgain,
		"what is outside of it is carried over":  carriedOver,
		"a prepared transaction is not sealed":   sealPrepared,
		"a clone takes the place of nobody":      placeTaken,
		"touched":                                touched,
		"the strategy is found out and is noted": strategyNoted,
	})
}

// Case 1.
func killedBuild(t *testing.T, b *bench) {
	at := b.spot("hcb_dead_1", dbclone.KindUnfinished)
	b.in(t, "postgres", "CREATE DATABASE hcb_dead_1")
	left := b.connect(t, at.Name) // its backend has not noticed yet
	defer left.Close(context.Background())
	if _, err := left.Exec(t.Context(), "BEGIN; CREATE TABLE half (id int)"); err != nil {
		t.Fatal(err)
	}
	within(t, 3*time.Second, func() { b.ok(b.Drop(t.Context(), at)) })
	b.there("hct_x")
}

// Case 2: only one is published; who makes it is decided above, by a lock.
func twoPublish(t *testing.T, b *bench) {
	other := setUpOther(t, b)
	at := b.spot("hcb_second_1", dbclone.KindUnfinished)
	b.write(t, at.Name, "second")
	_, err := other.Seal(t.Context(), at)
	b.ok(err)
	if err := other.Publish(t.Context(), at, b.template); err == nil {
		t.Error("two templates have one name")
	}
	b.ok(b.Check(t.Context(), b.template, b.sealed))
	b.ok(other.Drop(t.Context(), at))
}

// setUpOther is another process on the same server.
func setUpOther(t *testing.T, b *bench) *bench {
	other := *b
	other.t, other.Engine = t, engine(t)
	other.meet("other")
	return &other
}

// Case 3.
func failedMigration(t *testing.T, b *bench) {
	at := b.spot("hcb_retry_1", dbclone.KindUnfinished)
	b.in(t, "postgres", "CREATE DATABASE hcb_retry_1")
	b.in(t, at.Name, "CREATE TABLE shop (half int)")
	b.ok(b.Prepare(t.Context(), at))
	b.write(t, at.Name, "whole")
	_, err := b.Seal(t.Context(), at)
	b.ok(err)
	b.ok(b.Drop(t.Context(), at))
}

// Case 4: it does not cost the five seconds that the server itself would wait.
func connectionLeft(t *testing.T, b *bench) {
	at := b.spot("hcb_left_1", dbclone.KindUnfinished)
	b.write(t, at.Name, "whole")
	left := b.connect(t, at.Name)
	defer left.Close(context.Background())
	within(t, 3*time.Second, func() {
		_, err := b.Seal(t.Context(), at)
		b.ok(err)
	})
	if err := left.Ping(t.Context()); err == nil {
		t.Error("a session survived in a sealed template")
	}
	b.ok(b.Drop(t.Context(), at))
}

// Case 5: a superuser lets people in, and changes something.
func openedTemplate(t *testing.T, b *bench) {
	if _, err := b.dial(t, b.template.Name); err == nil {
		t.Fatal("a template lets somebody in")
	}
	b.Exec(t, "postgres", "ALTER DATABASE hct_x ALLOW_CONNECTIONS true")
	b.Exec(t, "hct_x", "CREATE TABLE intruder (id int)")
	if err := b.Check(t.Context(), b.template, b.sealed); err == nil {
		t.Error("a template that was opened passes for the sealed one")
	}
	at := b.spot("hcc_opened", dbclone.KindClone)
	within(t, 3*time.Second, func() { says(t, b.Clone(t.Context(), b.template, at), "changed after it was sealed") })
	b.Exec(t, "hct_x", "DROP TABLE intruder")
	b.Exec(t, "postgres", "ALTER DATABASE hct_x ALLOW_CONNECTIONS false")
	b.there("hct_x")
}

// Case 5: a superuser is inside while it is cloned.
func visitedTemplate(t *testing.T, b *bench) {
	b.Exec(t, "postgres", "ALTER DATABASE hct_x ALLOW_CONNECTIONS true")
	visitor := b.Conn(t, "hct_x")
	if _, err := visitor.Exec(t.Context(), "SET application_name = 'curious'"); err != nil {
		t.Fatal(err)
	}
	b.Exec(t, "postgres", "ALTER DATABASE hct_x ALLOW_CONNECTIONS false")
	at := b.spot("hcc_visited", dbclone.KindClone)
	within(t, 3*time.Second, func() {
		says(t, b.Clone(t.Context(), b.template, at), "hct_x", pgtest.Superuser, "curious", "end those sessions")
	})
	b.there("hct_x")
	visitor.Close(context.Background())
	b.clone(at.Name)
	b.ok(b.Drop(t.Context(), at))
}

// Case 8: what the contents of any database there depend on is told apart: role, server and its version,
// characters, collation and its version. The server's version and that of the collations can't be changed
// here, so they are looked for.
func traitsDiffer(t *testing.T, b *bench) {
	seen := map[string]bool{b.meet("tester").Traits: true}
	var version int
	b.ok(b.Conn(t, "postgres").QueryRow(t.Context(), "SELECT current_setting('server_version_num')::int").Scan(&version))
	b.Exec(t, "postgres", "CREATE ROLE another LOGIN CREATEDB")
	meet := func(keywords dbclone.Server) {
		met, err := engine(t).Meet(t.Context(), keywords, dbclone.Owner{ID: "tester"})
		b.ok(err)
		if seen[met.Traits] {
			t.Errorf("%s has the traits of another: %s", met.ID, met.Traits)
		}
		if !strings.HasPrefix(met.Traits, fmt.Sprintf("postgresql %d,", version)) {
			t.Errorf("version %d is not in %s", version, met.Traits)
		}
		seen[met.Traits] = true
	}
	meet(b.Keywords("another"))
	meet(pgtest.Start(t).Keywords(pgtest.Superuser))
	// What Django copies is now of other characters.
	b.Exec(t, "postgres", "UPDATE pg_database SET datistemplate = false WHERE datname = 'template1'", "DROP DATABASE template1",
		"CREATE DATABASE template1 TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C' IS_TEMPLATE true")
	meet(b.Keywords(b.role))
	if version < 150000 {
		return // whose databases have no collation with a version
	}
	b.Exec(t, "postgres", "UPDATE pg_database SET datistemplate = false WHERE datname = 'template1'", "DROP DATABASE template1",
		"CREATE DATABASE template1 TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'de' IS_TEMPLATE true")
	var collation string
	b.ok(b.Conn(t, "postgres").QueryRow(t.Context(), "SELECT pg_database_collation_actual_version(oid) FROM pg_database WHERE datname = 'template1'").Scan(&collation))
	meet(b.Keywords(b.role))
	if got := b.meet("tester").Traits; !strings.HasSuffix(got, " "+collation) {
		t.Errorf("version %q of the collation is not in %s", collation, got)
	}
}

// Case 9.
func droppedByHand(t *testing.T, b *bench) {
	one := setUpSecondTemplate(t, b, "hct_lost")
	at := b.clone("hcc_lost")
	b.lose(t, one.Name)
	if err := b.Check(t.Context(), one, b.sealed); !errors.Is(err, dbclone.ErrTemplateGone) {
		t.Errorf("got %v", err)
	}
	if err := b.Reset(t.Context(), one, at); !errors.Is(err, dbclone.ErrTemplateGone) {
		t.Errorf("got %v", err)
	}
	if err := b.Clone(t.Context(), one, b.spot("hcc_lost_2", dbclone.KindClone)); !errors.Is(err, dbclone.ErrTemplateGone) {
		t.Errorf("got %v", err)
	}
	b.ok(b.Drop(t.Context(), one))
	b.ok(b.Drop(t.Context(), at))
	b.there("hct_x")
}

func setUpSecondTemplate(t *testing.T, b *bench, name string) dbclone.Spot {
	t.Helper()
	at := b.spot(name, dbclone.KindTemplate)
	b.ok(b.Prepare(t.Context(), at))
	b.write(t, name, "second")
	_, err := b.Seal(t.Context(), at)
	b.ok(err)
	return at
}

// Case 9: another database has its name now.
func madeAgain(t *testing.T, b *bench) {
	at := setUpSecondTemplate(t, b, "hct_again")
	b.lose(t, at.Name)
	b.ok(b.Prepare(t.Context(), at))
	b.write(t, at.Name, "another")
	sealed, err := b.Seal(t.Context(), at)
	b.ok(err)
	b.lose(t, at.Name)
	setUpSecondTemplate(t, b, at.Name)
	if err := b.Check(t.Context(), at, sealed); err == nil {
		t.Error("another database passes for the sealed one")
	}
	b.ok(b.Drop(t.Context(), at))
}

func carriedOver(t *testing.T, b *bench) {
	at := b.spot("hct_outside", dbclone.KindTemplate)
	b.write(t, at.Name, "second")
	b.Exec(t, "postgres", `CREATE ROLE "Rea""der"`)
	b.in(t, "postgres",
		`ALTER DATABASE hct_outside SET synchronous_commit = local`, // stronger than what clones have by themselves
		`ALTER DATABASE hct_outside SET search_path = "$user", 'odd, schema', public`,
		`ALTER DATABASE hct_outside SET statement_timeout = '7s'`,
		`ALTER DATABASE hct_outside SET default_transaction_read_only = on`,
		`ALTER DATABASE hct_outside SET timezone = 'Europe/Paris'`,
		`ALTER ROLE worker IN DATABASE hct_outside SET work_mem = '1MB'`,
		`REVOKE ALL ON DATABASE hct_outside FROM PUBLIC`, `GRANT CREATE ON DATABASE hct_outside TO "Rea""der" WITH GRANT OPTION`,
		`ALTER DATABASE hct_outside CONNECTION LIMIT 50`)
	_, err := b.Seal(t.Context(), at)
	b.ok(err)
	clone := b.spot("hcc_outside", dbclone.KindClone)
	b.ok(b.Clone(t.Context(), at, clone))
	conn := b.Conn(t, "postgres")
	outside := func(name string) (text string) {
		t.Helper()
		err := conn.QueryRow(t.Context(), `
			SELECT concat_ws(E'\n', d.datacl, d.datconnlimit, (SELECT string_agg(concat_ws(':', s.setrole::regrole, s.setconfig), E'\n' ORDER BY setrole)
				FROM pg_db_role_setting s WHERE s.setdatabase = d.oid))
			FROM pg_database d WHERE datname = $1`, name).Scan(&text)
		b.ok(err)
		return text
	}
	if got, want := outside(clone.Name), outside(at.Name); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	b.holds(clone, "second")
	plain := b.spot("hcc_plain", dbclone.KindClone)
	b.ok(b.Clone(t.Context(), b.template, plain))
	if got := outside(plain.Name); !strings.HasSuffix(got, "{synchronous_commit=off}") {
		t.Errorf("of a template that says nothing: %s", got)
	}
	b.ok(b.Drop(t.Context(), plain))
	// A test that changes any of it is found out.
	b.in(t, "postgres", "ALTER DATABASE hcc_outside SET statement_timeout = '8s'")
	restored, err := b.Restore(t.Context(), at, clone, dbclone.Pristine)
	b.ok(err)
	if !restored.Replaced || outside(clone.Name) != outside(at.Name) {
		t.Errorf("got %+v and:\n%s", restored, outside(clone.Name))
	}
	b.ok(b.Drop(t.Context(), clone))
	b.ok(b.Drop(t.Context(), at))
}

func sealPrepared(t *testing.T, b *bench) {
	at := b.spot("hcb_prepared", dbclone.KindUnfinished)
	b.write(t, at.Name, "whole")
	b.prepare(t, at.Name, "it's open")
	_, err := b.Seal(t.Context(), at)
	says(t, err, "prepared transaction")
	b.ok(b.Drop(t.Context(), at))
	b.there("hct_x")
}

// prepare leaves a transaction for a second phase that never comes.
func (d django) prepare(t testing.TB, name, id string) {
	t.Helper()
	d.in(t, name, "BEGIN", "INSERT INTO other VALUES (1000)", "PREPARE TRANSACTION '"+doubled(id)+"'")
}

func placeTaken(t *testing.T, b *bench) {
	at := b.spot("hcc_taken", dbclone.KindClone)
	b.write(t, at.Name, "somebody's")
	if err := b.Clone(t.Context(), b.template, at); err == nil {
		t.Error("a clone took the place of a database")
	}
	b.holds(at, "somebody's")
	b.lose(t, at.Name)
}

func touched(t *testing.T, b *bench) {
	label := b.template.Label
	label.Used = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	b.ok(b.Touch(t.Context(), b.template, label))
	b.ok(b.Check(t.Context(), b.template, b.sealed))
	strays, err := b.Strays(t.Context(), b.server)
	b.ok(err)
	if len(strays) != 1 || strays[0].Label != label || strays[0].Size == 0 || !strays[0].Live {
		t.Errorf("got %+v", strays)
	}
	foreign := b.template
	foreign.Label.Home = "elsewhere"
	if err := b.Touch(t.Context(), foreign, label); !errors.Is(err, dbclone.ErrNotOurs) {
		t.Errorf("got %v", err)
	}
}

func strategyNoted(t *testing.T, b *bench) {
	var comment string
	for range 6 {
		at := b.clone("hcc_paced")
		b.ok(b.Drop(t.Context(), at))
	}
	conn := b.Conn(t, "postgres")
	b.ok(conn.QueryRow(t.Context(), "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'hct_x'").Scan(&comment))
	t.Log(comment)
	label, ok := dbclone.ParseLabel(comment)
	noted := containsAny(comment, `"strategy":"WAL_LOG"`, `"strategy":"FILE_COPY"`)
	if choice := b.Major(t) >= 15; !ok || label.Home != home || noted != choice {
		t.Errorf("got the label %s; there is a choice: %t", comment, choice)
	}
	b.ok(b.Check(t.Context(), b.template, b.sealed))
}
