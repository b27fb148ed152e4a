package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hotclub/dbclone"
	"hotclub/dbclone/clonetest"
	"hotclub/dbclone/mysql/mysqltest"
)

const twoTables = `CREATE TABLE a (id int AUTO_INCREMENT PRIMARY KEY, t varchar(20)); INSERT INTO a (t) VALUES ('x'), ('y');
	CREATE TABLE b (id int AUTO_INCREMENT PRIMARY KEY, a_id int, FOREIGN KEY (a_id) REFERENCES a (id)); INSERT INTO b (a_id) VALUES (1), (2)`

// connect is a session of somebody's in a database, with some statements run in it.
func (b *bench) connect(database string, statements ...string) *sql.Conn {
	b.t.Helper()
	conn, err := b.server.Open(b.t, database).Conn(b.t.Context())
	ok(b.t, err)
	b.t.Cleanup(func() { _ = conn.Close() })
	for _, each := range statements {
		_, err := conn.ExecContext(b.t.Context(), each)
		ok(b.t, err)
	}
	return conn
}

// Case 4: a connection left on the template is waited for, then ended.
func TestCase4ConnectionOnTemplate(t *testing.T) {
	b := newBench(t, theServer(t))
	at := b.spot("b")
	ok(t, b.Prepare(t.Context(), at))
	b.exec("", "CREATE DATABASE "+at.Name)
	b.exec(at.Name, twoTables)
	leaving := b.connect(at.Name)
	time.AfterFunc(50*time.Millisecond, func() { _ = leaving.Raw(func(any) error { return context.Canceled }); _ = leaving.Close() })
	staying := b.connect(at.Name, "BEGIN", "INSERT INTO a (t) VALUES ('never committed')")
	began := time.Now()
	sealed, err := b.Seal(t.Context(), at)
	ok(t, err)
	if took := time.Since(began); took > patience+2*time.Second {
		t.Errorf("it took %v", took)
	}
	if staying.PingContext(t.Context()) == nil {
		t.Error("somebody is still connected to the template")
	}
	same(t, "rows", b.value("SELECT COUNT(*) FROM "+at.Name+".a"), "2")
	ok(t, b.Check(t.Context(), at, sealed))
	// Changes behind the engine's back are found.
	b.exec(at.Name, "UPDATE a SET t = 'z' WHERE id = 1")
	if b.Check(t.Context(), at, sealed) == nil {
		t.Error("a changed row was not noticed")
	}
	b.exec(at.Name, "UPDATE a SET t = 'x' WHERE id = 1")
	ok(t, b.Check(t.Context(), at, sealed))
	b.exec(at.Name, "CREATE VIEW v AS SELECT 1")
	if b.Check(t.Context(), at, sealed) == nil {
		t.Error("a new view was not noticed")
	}
}

// Cases 12 to 14 and 16: what workers leave open. A restore does not hang on it and says what it is;
// a reset, when nobody should be there any more, ends it.
func TestCase12To16LeftOpen(t *testing.T) {
	b := newBench(t, theServer(t))
	template, _ := b.template(twoTables)
	for name, left := range map[string][]string{
		"rows":  {"BEGIN", "UPDATE a SET t = 'locked' WHERE id = 1"},
		"read":  {"SET autocommit = 0", "SELECT * FROM b"},
		"table": {"LOCK TABLES a WRITE"},
	} {
		t.Run(name, func(t *testing.T) {
			clone := b.clone(template)
			b.exec(clone.Name, "UPDATE a SET t = 'changed' WHERE id = 2; CREATE TABLE c (id int)")
			conn := b.connect(clone.Name, append([]string{"SELECT GET_LOCK('mine', 0)", "CREATE TEMPORARY TABLE tmp (id int)"}, left...)...)
			began := time.Now()
			_, err := b.Restore(t.Context(), template, clone, dbclone.Pristine)
			var refused *dbclone.ServerError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), "connection ") || refused.Remedy == "" {
				t.Fatalf("got error %v", err)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
			ok(t, b.Reset(t.Context(), template, clone))
			same(t, "text", b.value("SELECT GROUP_CONCAT(t ORDER BY id) FROM "+clone.Name+".a"), "x,y")
			if conn.PingContext(t.Context()) == nil {
				t.Error("the worker's connection is still there")
			}
			_ = b.connect(clone.Name, left...)
			ok(t, b.Drop(t.Context(), clone))
			same(t, "exists", b.exists(clone.Name), false)
		})
	}
}

// What others run meanwhile is none of ours, not even where MySQL can't show it.
func TestStatementsOfOthers(t *testing.T) {
	b := newBench(t, theServer(t))
	template, _ := b.template(twoTables)
	other := b.connect("", "SET NAMES utf8mb4")
	sleeping := make(chan error)
	go func() {
		_, err := other.ExecContext(t.Context(), "SELECT SLEEP(60), '𝄞'")
		sleeping <- err
	}()
	id := ""
	clonetest.Eventually(t, "the statement is at work", func() bool {
		for _, each := range b.rows(processes) {
			if strings.Contains(each["Info"], "SLEEP(60)") {
				id = each["Id"]
			}
		}
		return id != ""
	})
	ok(t, b.Drop(t.Context(), b.clone(template)))
	_, err := b.Strays(t.Context(), b.id)
	ok(t, err)
	b.exec("", "KILL "+id)
	<-sleeping
}

// Case 17: the worker drops its database; 20 connections are open and idle.
func TestCase17DropsItsDatabase(t *testing.T) {
	b := newBench(t, theServer(t))
	template, _ := b.template(twoTables)
	clone := b.clone(template)
	var idle []*sql.Conn
	for range 20 {
		idle = append(idle, b.connect(clone.Name))
	}
	b.exec(clone.Name, "DELETE FROM b; INSERT INTO a (t) VALUES ('z')")
	restored, err := b.Restore(t.Context(), template, clone, dbclone.Pristine)
	ok(t, err)
	same(t, "restored", restored, dbclone.Restored{Tables: 2})
	for _, conn := range idle {
		var n int
		ok(t, conn.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM b").Scan(&n))
		same(t, "rows", n, 2)
	}
	b.exec("", "DROP DATABASE "+clone.Name)
	dirty, err := b.Dirty(t.Context(), template, clone)
	ok(t, err)
	same(t, "dirty", dirty, true)
	restored, err = b.Restore(t.Context(), template, clone, dbclone.Pristine)
	ok(t, err)
	same(t, "restored", restored, dbclone.Restored{Replaced: true, Why: "the database was dropped"})
	same(t, "rows", b.value("SELECT COUNT(*) FROM "+clone.Name+".b"), "2")
}

// Case 49: DDL is not rolled back. What was being made when the maker died is never used.
func TestCase49HalfMadeIsNotUsed(t *testing.T) {
	b := newBench(t, theServer(t))
	template, _ := b.template(twoTables)
	half := b.spot("t")
	s := b.servers[b.id]
	on, err := s.open(t.Context(), home)
	ok(t, err)
	defer on.close()
	ok(t, s.putLabel(t.Context(), on, half, making))
	b.exec("", "CREATE DATABASE "+half.Name)
	b.exec(half.Name, "CREATE TABLE a (id int AUTO_INCREMENT PRIMARY KEY, t varchar(20))")
	clone := b.spot("c")
	if err := b.Clone(t.Context(), half, clone); err == nil || b.exists(clone.Name) {
		t.Errorf("half a template was cloned: %v", err)
	}
	if err := b.Check(t.Context(), half, dbclone.Sealed{}); err == nil {
		t.Error("half a template was found in order")
	}
	// A clone of which the maker died is made anew before it is used.
	restored, err := b.Restore(t.Context(), template, half, dbclone.Pristine)
	ok(t, err)
	same(t, "restored", restored, dbclone.Restored{Replaced: true, Why: "the database was never finished"})
	same(t, "rows", b.value("SELECT COUNT(*) FROM "+half.Name+".b"), "2")
	ok(t, b.Reset(t.Context(), template, half))
}

// Case 49, with the server killed at any point of the work; and a call that is cancelled there.
func TestCase49CutAtAnyPoint(t *testing.T) {
	s := mysqltest.Start(t)
	b := newBench(t, s)
	template, sealed := b.template(twoTables)
	clone := func(after time.Duration, cut func(cancel context.CancelFunc)) (at dbclone.Spot, made bool) {
		t.Helper()
		at = b.spot("c")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		done := make(chan struct{})
		timer := time.AfterFunc(after, func() { defer close(done); cut(cancel) })
		err := b.Clone(ctx, template, at)
		if timer.Stop() {
			close(done) // it was quicker
		}
		<-done
		return at, err == nil
	}
	nothing := func(at dbclone.Spot) {
		t.Helper()
		same(t, "exists", b.exists(at.Name), false)
		same(t, "labels", b.value("SELECT COUNT(*) FROM hotclub.labels WHERE name = ?", at.Name), "0")
	}
	for i := range 30 {
		at, made := clone(time.Duration(i)*500*time.Microsecond, func(cancel context.CancelFunc) { cancel() })
		if made {
			ok(t, b.Drop(t.Context(), at))
		}
		nothing(at)
	}
	for i := range 5 {
		at, made := clone(time.Duration(i)*4*time.Millisecond, func(context.CancelFunc) { _ = s.Kill() })
		_ = s.Kill()
		ok(t, s.Up(t.Context()))
		b.db = s.Open(t, "")
		if b.exists(at.Name) && !made {
			same(t, "state", b.value("SELECT state FROM hotclub.labels WHERE name = ?", at.Name), making)
			found, err := b.Strays(t.Context(), b.id)
			ok(t, err)
			if !strings.Contains(fmt.Sprint(found), at.Name) {
				t.Errorf("%s is not among %v", at.Name, found)
			}
		}
		ok(t, b.Drop(t.Context(), at))
		nothing(at)
		ok(t, b.Check(t.Context(), template, sealed))
	}
}

// Cases 37 and 38: what bears no label, or another home's, stays.
func TestCase37And38OthersAreLeftAlone(t *testing.T) {
	b := newBench(t, theServer(t))
	theirs := newBench(t, theServer(t))
	template, _ := theirs.template(twoTables)
	b.exec("", "CREATE DATABASE hcc_somebody_1; CREATE DATABASE test_shop; CREATE DATABASE IF NOT EXISTS hct_x")
	t.Cleanup(func() {
		_, err := b.db.ExecContext(context.Background(), "DROP DATABASE hcc_somebody_1; DROP DATABASE test_shop; DROP DATABASE hct_x")
		ok(t, err)
	})
	strays, err := b.Strays(t.Context(), b.id)
	ok(t, err)
	for _, stray := range strays {
		if stray.Name == "hcc_somebody_1" || stray.Name == "test_shop" || stray.Name == "hct_x" {
			t.Errorf("%s was listed", stray.Name)
		}
		if stray.Name == template.Name {
			same(t, "live", stray.Live, true)
			same(t, "home", stray.Label.Home, template.Label.Home)
			if stray.Size == 0 {
				t.Error("it has no size")
			}
		}
	}
	ours := template
	ours.Label = b.spot("c").Label
	fails(t, b.Drop(t.Context(), ours), dbclone.ErrNotOurs)
	fails(t, b.Prepare(t.Context(), ours), dbclone.ErrNotOurs)
	fails(t, b.Touch(t.Context(), ours, ours.Label), dbclone.ErrNotOurs)
	_, err = b.Seal(t.Context(), ours)
	fails(t, err, dbclone.ErrNotOurs)
	fails(t, b.Reset(t.Context(), template, ours), dbclone.ErrNotOurs)
	same(t, "exists", b.exists(template.Name), true)
	theirs.Leave()
	strays, err = b.Strays(t.Context(), b.id)
	ok(t, err)
	for _, stray := range strays {
		if stray.Name == template.Name {
			same(t, "live", stray.Live, false)
		}
	}
}

// A table that can't be copied is said so before anybody clones it.
func TestSealSaysWhatCannotBeCloned(t *testing.T) {
	b := newBench(t, theServer(t))
	at := b.spot("b")
	ok(t, b.Prepare(t.Context(), at))
	b.exec("", "CREATE DATABASE "+at.Name)
	table, want := "(id int) ENGINE=MERGE", "the table h of the engine MRG_MYISAM"
	if b.server.MariaDB() {
		table, want = "(id int PRIMARY KEY) WITH SYSTEM VERSIONING", "h is a system versioned table"
	}
	b.exec(at.Name, "CREATE TABLE h "+table)
	if _, err := b.Seal(t.Context(), at); err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got error %v", err)
	}
}

// A server that does not answer keeps nobody from leaving.
func TestLeaveOfServerThatHangs(t *testing.T) {
	s := mysqltest.Start(t)
	b := newBench(t, s)
	_, err := b.Strays(t.Context(), b.id)
	ok(t, err)
	ok(t, s.Pause())
	looking := &b.servers[b.id].alive.mu
	clonetest.Eventually(t, "the session is looked at", func() bool {
		free := looking.TryLock()
		if free {
			looking.Unlock()
		}
		return !free
	})
	began := time.Now()
	b.Leave()
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
	ok(t, s.Resume())
	_, err = b.Meet(t.Context(), s.Settings(), b.owner)
	ok(t, err)
}
