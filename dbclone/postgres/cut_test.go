package postgres_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotclub/dbclone"
	"hotclub/dbclone/clonetest"
	"hotclub/dbclone/postgres/pgtest"
)

// silence is how long it may take to find a cut out of which only the server knows: at a pulse that comes
// within 2 s it is asked in vain for 3 s, the rest is what a busy machine takes.
const silence = 8 * time.Second

// behindRelay is a bench whose engine reaches the server by a network that can be cut.
func behindRelay(t *testing.T) (*bench, *clonetest.Relay) {
	t.Helper()
	c := pgtest.Start(t, pgtest.Loopback)
	c.Exec(t, "postgres", "CREATE ROLE worker LOGIN CREATEDB")
	c.HBA(t, "local all all trust", "host all all 127.0.0.1/32 trust")
	between := clonetest.NewRelay(t, net.JoinHostPort("127.0.0.1", c.Port))
	b := &bench{django: django{Cluster: c, role: "worker"}, Engine: engine(t), t: t}
	met, err := b.Meet(t.Context(), dbclone.Server{"host": "127.0.0.1", "port": between.Port(t), "user": "worker"}, dbclone.Owner{ID: "tester"})
	b.ok(err)
	b.server = met.ID
	b.build()
	return b, between
}

// Case 34: the network between us and the server is cut so that only the server notices. It gives our
// lock up, while we hear nothing; we must ask, and come again before others have looked twice.
func TestSilentCut(t *testing.T) {
	b, between := behindRelay(t)
	onlooker := b.Conn(t, "template1")
	living := func() (n int) {
		b.ok(onlooker.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'").Scan(&n))
		return n
	}
	if n := living(); n != 1 {
		t.Fatalf("%d owners live", n)
	}
	held := b.HeldPID(b.server)
	between.Cut()
	clonetest.Eventually(t, "the server has let go of the lock", func() bool { return living() == 0 })
	clonetest.EventuallyIn(t, silence, "the owner lives again", func() bool { return living() == 1 })
	if b.HeldPID(b.server) == held {
		t.Error("the connection is the one that was cut")
	}
}

// Case 34, with somebody who waits for an answer on each kind of connection.
func TestSilentCutUnderWork(t *testing.T) {
	b, between := behindRelay(t)
	at := b.clone("hcc_one")
	b.dirty(t, at.Name, "changed")
	ctx, cancel := context.WithTimeout(t.Context(), 5*silence) // who waits for good fails all the same
	defer cancel()

	letGo := b.brake("LOCK TABLE pg_database IN SHARE MODE")
	copied := goes(func() error { return b.Clone(ctx, b.template, b.spot("hcc_two", dbclone.KindClone)) })
	b.waits("CREATE DATABASE")
	between.Cut()
	letGo() // the server finds nobody to tell that it is done
	var strays []dbclone.Stray
	listed := goes(func() (err error) { strays, err = b.Strays(ctx, b.server); return err })
	var restored dbclone.Restored
	repaired := goes(func() (err error) { restored, err = b.Restore(ctx, b.template, at, dbclone.Pristine); return err })
	within(t, silence, func() { b.ok(<-listed) })
	if len(strays) == 0 || !strays[0].Live {
		t.Errorf("we don't live: %+v", strays)
	}
	within(t, silence, func() { b.ok(<-repaired) })
	if !restored.Replaced {
		t.Errorf("the clone was trusted after the cut: %+v", restored)
	}
	b.holds(at, "migrated")
	within(t, silence, func() { says(t, <-copied, "run again") })
	b.there("hcc_one", "hct_x")
}

// What takes long is left alone, even on the held connection: the server still has the session.
func TestLongStatementIsNotCut(t *testing.T) {
	b := newBench(t, "log_statement=all")
	held := b.HeldPID(b.server)
	letGo := b.brake("LOCK TABLE pg_shdescription IN ACCESS EXCLUSIVE MODE")
	touched := goes(func() error { return b.Touch(t.Context(), b.template, b.template.Label) })
	looks := func() int {
		log, err := os.ReadFile(filepath.Join(b.Dir, "log"))
		b.ok(err)
		return strings.Count(string(log), "FROM pg_stat_get_activity")
	}
	before := looks() + 1 // one may have the turn already
	clonetest.Eventually(t, "the server is asked about the statement, twice", func() bool { return looks() > before+1 })
	letGo()
	b.ok(<-touched)
	if b.HeldPID(b.server) != held {
		t.Error("the held connection was made anew")
	}
}
