package postgres_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"hotclub/dbclone"
	"hotclub/dbclone/postgres/pgtest"
)

// Case 34: the network between us and the server is cut so that only the server notices. It gives our
// lock up, while we hear nothing; we must ask, and come again before others have looked twice.
func TestSilentCut(t *testing.T) {
	c := pgtest.Start(t, pgtest.Loopback)
	c.Exec(t, "postgres", "CREATE ROLE worker LOGIN CREATEDB")
	c.HBA(t, "local all all trust", "host all all 127.0.0.1/32 trust")
	between := newRelay(t, net.JoinHostPort("127.0.0.1", c.Port))
	b := &bench{django: django{Cluster: c, role: "worker"}, Engine: engine(t), t: t}
	met, err := b.Meet(t.Context(), dbclone.Server{"host": "127.0.0.1", "port": between.port(t), "user": "worker"}, dbclone.Owner{ID: "tester"})
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
	between.cut()
	eventually(t, "the server has let go of the lock", func() bool { return living() == 0 })
	within(t, 6*time.Second, func() {
		eventually(t, "the owner lives again", func() bool { return living() == 1 })
	})
	if b.HeldPID(met.ID) == held {
		t.Error("the connection is the one that was cut")
	}
}

// relay passes on what clients and a server say to each other.
type relay struct {
	net.Listener

	mu               sync.Mutex
	clients, servers []net.Conn
}

func newRelay(t *testing.T, to string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: listener}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { r.pass(client, to) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		r.cut()
		r.mu.Lock()
		for _, client := range r.clients { // one that was given up is not closed at once
			_ = client.Close()
		}
		r.mu.Unlock()
		running.Wait()
	})
	return r
}

// pass serves a client until it leaves. What it says after the server's end was cut is lost.
func (r *relay) pass(client net.Conn, to string) {
	defer client.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	r.mu.Lock()
	r.clients, r.servers = append(r.clients, client), append(r.servers, server)
	r.mu.Unlock()
	go func() { _, _ = io.Copy(client, server) }()
	_, _ = io.Copy(server, client)
	_, _ = io.Copy(io.Discard, client)
	_ = server.Close()
}

// cut ends what there is towards the server.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, server := range r.servers {
		_ = server.Close()
	}
	r.servers = nil
}

func (r *relay) port(t *testing.T) string {
	t.Helper()
	_, port, err := net.SplitHostPort(r.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
