package postgres_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone"
	"hotclub/dbclone/clonetest"
)

// Case 31: what workers can have is known before any of them is refused.
func TestRoom(t *testing.T) {
	b := newBench(t, "max_connections=30", "superuser_reserved_connections=4")
	const ours = 1 + 30/5
	room := func(want int, says string) {
		t.Helper()
		got, err := b.Room(t.Context(), b.template)
		b.ok(err)
		if got.Connections != want {
			t.Errorf("room for %d connections, want %d: %s", got.Connections, want, got.Why)
		}
		if text := got.Why + "; " + got.Remedy; !strings.Contains(text, says) {
			t.Errorf("%q is missing in: %s", says, text)
		}
	}
	room(30-4-ours, "30 connections, of which 4 are reserved, others have 0 and Hotclub itself needs 7; raise max_connections")
	for i := range 3 { // workers, each in a clone
		worker := b.connect(t, b.clone(fmt.Sprintf("hcc_%d", i)).Name)
		defer worker.Close(context.Background())
	}
	room(30-4-ours, "others have 0")
	var clients []*pgx.Conn
	for range 5 {
		client := b.connect(t, "postgres")
		defer client.Close(context.Background())
		clients = append(clients, client)
	}
	room(30-4-ours-5, "others have 5")
	superuser := b.Conn(t, "postgres")
	defer superuser.Close(context.Background())
	room(30-4-ours-6, "others have 6")
	b.Exec(t, "postgres", "ALTER ROLE worker CONNECTION LIMIT 15")
	room(15-(1+15/5)-5, `the role "worker" may have 15 connections, of which others have 5 and Hotclub itself needs 4; as a superuser, run: ALTER ROLE "worker" CONNECTION LIMIT -1`)
	b.Exec(t, "postgres", "ALTER ROLE worker CONNECTION LIMIT 3")
	room(0, "may have 3 connections")
	var sessions int
	b.ok(superuser.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hotclub tester'").Scan(&sessions))
	if sessions > 1+2 {
		t.Errorf("we go on to have %d sessions, one for each clone among them", sessions)
	}
	b.Exec(t, "postgres", "ALTER ROLE worker CONNECTION LIMIT -1")
	for _, client := range clients {
		b.ok(client.Close(t.Context()))
	}
	clonetest.Eventually(t, "the server to see that they are gone", func() bool {
		got, err := b.Room(t.Context(), b.template)
		b.ok(err)
		return got.Connections == 30-4-ours-1
	})
	other := b.template
	other.Label.Project = "another"
	if got, err := b.Room(t.Context(), other); err != nil || got.Connections != 30-4-ours-1-3 {
		t.Errorf("another project of ours: %+v, %v", got, err)
	}
}

// Where workers have all connections that they are promised, nothing of ours is refused, however many
// clones are made, restored and dropped at once.
func TestNothingIsRefusedBesideWorkers(t *testing.T) {
	t.Run("by the server", func(t *testing.T) {
		nothingIsRefused(t, newBench(t, "max_connections=14", "superuser_reserved_connections=3"), 14-3-3)
	})
	t.Run("by the limit of a role", func(t *testing.T) {
		b := newBench(t, "max_connections=100")
		b.Exec(t, "postgres", "ALTER ROLE worker CONNECTION LIMIT 11")
		nothingIsRefused(t, b, 11-3)
	})
}

func nothingIsRefused(t *testing.T, b *bench, workers int) {
	t.Helper()
	room, err := b.Room(t.Context(), b.template)
	b.ok(err)
	if room.Connections != workers {
		t.Errorf("room for %d connections, want %d: %s", room.Connections, workers, room.Why)
	}
	clones := make([]dbclone.Spot, room.Connections)
	for i := range clones {
		clones[i] = b.clone(fmt.Sprintf("hcc_%d", i))
		worker := b.connect(t, clones[i].Name)
		defer worker.Close(context.Background())
		if _, err := worker.Exec(t.Context(), "INSERT INTO shop (text) VALUES ('more')"); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for i, at := range clones {
		all.Go(func() {
			restored, err := b.Restore(t.Context(), b.template, at, dbclone.Pristine)
			if err != nil || restored.Replaced {
				t.Errorf("restoring %s: %+v, %v", at.Name, restored, err)
			}
		})
		all.Go(func() {
			spare := b.spot(fmt.Sprintf("hcc_spare_%d", i), dbclone.KindClone)
			if err := b.Clone(t.Context(), b.template, spare); err != nil {
				t.Error(err)
			} else if err := b.Drop(t.Context(), spare); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	log, err := os.ReadFile(filepath.Join(b.Dir, "log"))
	b.ok(err)
	for _, words := range []string{"too many", "connection slots"} {
		if strings.Contains(string(log), words) {
			t.Errorf("the server has refused somebody:\n%s", log)
		}
	}
}

// The limit of the maintenance database is the held connection's alone: everything goes by that one.
func TestMaintenanceDatabaseWithALimit(t *testing.T) {
	b := newBench(t)
	b.Exec(t, "postgres", "ALTER DATABASE postgres CONNECTION LIMIT 1")
	at := b.clone("hcc_limited")
	b.ok(b.Drop(t.Context(), at))
}
