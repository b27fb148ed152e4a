package mysql

import (
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"hotclub/dbclone"
	"hotclub/dbclone/clonetest"
	"hotclub/dbclone/mysql/mysqltest"
)

// crew is a bench on a server with few connections whose engine and workers are a user without any
// right that it can do without: not to see the sessions of others, nor to be let in when all is taken.
func crew(t *testing.T, slots int) *bench {
	t.Helper()
	s := mysqltest.Start(t, fmt.Sprintf("--max-connections=%d", slots), "--max-user-connections=1000")
	db := s.Open(t, "")
	_, err := db.ExecContext(t.Context(), "CREATE USER worker@'%' IDENTIFIED BY 'x'; GRANT ALL ON `hotclub`.* TO worker@'%'; GRANT ALL ON `hc%`.* TO worker@'%'")
	ok(t, err)
	return newBenchWith(t, s, s.With(map[string]string{"user": "worker", "password": "x"}))
}

// sitIn connects as a user until it is closed.
func (b *bench) sitIn(user, password, database string) *sql.Conn {
	b.t.Helper()
	conn, err := b.server.OpenAs(b.t, user, password, database).Conn(b.t.Context())
	ok(b.t, err)
	b.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Case 31: what workers can have is known before any of them is refused.
func TestRoom(t *testing.T) {
	b := crew(t, 30)
	template, _ := b.template("CREATE TABLE a (id int PRIMARY KEY)")
	const ours = 2 + 30/5
	room := func(of dbclone.Spot, want int, says string) {
		t.Helper()
		var got dbclone.Room
		defer func() {
			if t.Failed() {
				t.Logf("room for %d connections: %s", got.Connections, got.Why)
			}
		}()
		clonetest.Eventually(t, fmt.Sprintf("room for %d connections, where %s", want, says), func() bool {
			var err error
			got, err = b.Room(t.Context(), of)
			ok(t, err)
			return got.Connections == want // the server takes its time to end a session
		})
		if text := got.Why + "; " + got.Remedy; !strings.Contains(text, says) {
			t.Errorf("%q is missing in: %s", says, text)
		}
	}
	room(template, 30-ours, "30 connections, of which others have 0 and Hotclub itself needs 8; raise max_connections")
	for range 3 {
		b.sitIn("worker", "x", b.clone(template).Name)
	}
	room(template, 30-ours, "others have 0")
	clients := make([]*sql.Conn, 5)
	for i := range clients {
		clients[i] = b.sitIn("worker", "x", "")
	}
	room(template, 30-ours-5, "others have 5")
	b.sitIn(mysqltest.User, mysqltest.Password, "mysql")
	room(template, 30-ours-6, "others have 6")
	other := template
	other.Label.Project = "another"
	room(other, 30-ours-6-3, "others have 9")
	b.exec("", "ALTER USER worker@'%' WITH MAX_USER_CONNECTIONS 15")
	room(template, 15-(2+15/5)-5, "the user `worker`@`%` may have 15 connections, of which others have 5 and Hotclub itself needs 5; "+
		"let an administrator run: ALTER USER `worker`@`%` WITH MAX_USER_CONNECTIONS 0")
	b.exec("", "ALTER USER worker@'%' WITH MAX_USER_CONNECTIONS 0; SET GLOBAL max_user_connections = 14")
	room(template, 14-(2+2)-5, "may have 14 connections, of which others have 5 and Hotclub itself needs 4; raise max_user_connections")
	b.exec("", "SET GLOBAL max_user_connections = 0")
	for _, client := range clients {
		ok(t, client.Close())
	}
	room(template, 30-ours-1, "others have 1")
}

// Where workers have all connections that they are promised, nothing of ours is refused, however many
// clones are made, restored and dropped at once, or fail to be made.
func TestNothingIsRefusedBesideWorkers(t *testing.T) {
	b := crew(t, 14)
	template, _ := b.template("CREATE TABLE a (id int AUTO_INCREMENT PRIMARY KEY, t text)")
	room, err := b.Room(t.Context(), template)
	ok(t, err)
	same(t, "room", room.Connections, 14-2-2)
	clones := make([]dbclone.Spot, room.Connections)
	for i := range clones {
		clones[i] = b.clone(template)
		b.exec(clones[i].Name, "INSERT INTO a (t) VALUES ('more')")
	}
	spares := make([]dbclone.Spot, 2*len(clones))
	for i := range spares {
		spares[i] = b.spot("c")
	}
	clonetest.Eventually(t, "the server ends the sessions that were used until here", func() bool {
		return b.value("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = ?", mysqltest.User) == "1"
	})
	for _, at := range clones {
		b.sitIn("worker", "x", at.Name)
	}
	var all sync.WaitGroup
	for i, at := range clones {
		all.Go(func() {
			restored, err := b.Restore(t.Context(), template, at, dbclone.Pristine)
			if err != nil || restored != (dbclone.Restored{Tables: 1}) {
				t.Errorf("restoring %s: %+v, %v", at.Name, restored, err)
			}
		})
		all.Go(func() {
			if err := b.Clone(t.Context(), template, spares[i]); err != nil {
				t.Error(err)
			} else if err := b.Drop(t.Context(), spares[i]); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			err := b.on(t.Context(), b.id, "clone", "wrongly", func(s *server, on *session) error {
				sealed, err := s.sealed(t.Context(), on, template)
				if err != nil {
					return err
				}
				wrong := *sealed
				wrong.tables = map[string]sum{"a": {rows: 7}}
				return s.clone(t.Context(), on, &wrong, spares[len(clones)+i])
			})
			if err == nil || !strings.Contains(err.Error(), "does not hold what the template does") {
				t.Errorf("got error %v", err)
			}
		})
	}
	all.Wait()
	same(t, "refused", b.rows("SHOW GLOBAL STATUS LIKE 'Connection_errors_max_connections'")[0]["Value"], "0")
}

// A server that is full for a moment is waited for, as one is that is restarted.
func TestFullServer(t *testing.T) {
	b := crew(t, 10)
	template, _ := b.template("CREATE TABLE a (id int PRIMARY KEY)")
	b.Leave()
	var clients []*sql.Conn
	clonetest.Eventually(t, "sessions that have to end leave their places to 10 clients", func() bool {
		conn, err := b.server.OpenAs(t, "worker", "x", "").Conn(t.Context())
		if crowded(err) {
			return false
		}
		ok(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		clients = append(clients, conn)
		return len(clients) == 10
	})
	_, err := b.Room(t.Context(), template)
	if !crowded(err) || !strings.Contains(err.Error(), "max_connections") {
		t.Errorf("got error %v", err)
	}
	time.AfterFunc(crowding/3, func() { _ = clients[0].Close() })
	_, err = b.Room(t.Context(), template)
	ok(t, err)
}
