package postgres_test

import (
	"net"
	"testing"
	"time"

	"hotclub/dbclone"
	"hotclub/dbclone/clonetest"
	"hotclub/dbclone/postgres/pgtest"
)

// Case 34: the network between us and the server is cut so that only the server notices. It gives our
// lock up, while we hear nothing; we must ask, and come again before others have looked twice.
func TestSilentCut(t *testing.T) {
	c := pgtest.Start(t, pgtest.Loopback)
	c.Exec(t, "postgres", "CREATE ROLE worker LOGIN CREATEDB")
	c.HBA(t, "local all all trust", "host all all 127.0.0.1/32 trust")
	between := clonetest.NewRelay(t, net.JoinHostPort("127.0.0.1", c.Port))
	b := &bench{django: django{Cluster: c, role: "worker"}, Engine: engine(t), t: t}
	met, err := b.Meet(t.Context(), dbclone.Server{"host": "127.0.0.1", "port": between.Port(t), "user": "worker"}, dbclone.Owner{ID: "tester"})
	b.ok(err)
	onlooker := b.Conn(t, "template1")
	living := func() (n int) {
		b.ok(onlooker.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'").Scan(&n))
		return n
	}
	if n := living(); n != 1 {
		t.Fatalf("%d owners live", n)
	}
	held := b.HeldPID(met.ID)
	between.Cut()
	clonetest.Eventually(t, "the server has let go of the lock", func() bool { return living() == 0 })
	within(t, 8*time.Second, func() { // 5, and what a busy machine takes
		clonetest.Eventually(t, "the owner lives again", func() bool { return living() == 1 })
	})
	if b.HeldPID(met.ID) == held {
		t.Error("the connection is the one that was cut")
	}
}
