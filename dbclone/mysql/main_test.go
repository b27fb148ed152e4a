package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"hotclub/dbclone"
	"hotclub/dbclone/mysql/mysqltest"
)

// common is the server that most tests share.
var common = sync.OnceValues(func() (*mysqltest.Server, error) { return mysqltest.Launch(context.Background()) })

var launched bool

func TestMain(m *testing.M) {
	code := m.Run()
	if launched {
		if s, err := common(); err == nil {
			if err := s.Close(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// theServer starts the common server for the first test that needs it.
func theServer(t testing.TB) *mysqltest.Server {
	t.Helper()
	launched = true
	s, err := common()
	if errors.Is(err, mysqltest.ErrNoBinary) && os.Getenv("HOTCLUB_NO_SKIP") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// bench is an engine that has met a server, and spots on it.
type bench struct {
	*Engine
	t      testing.TB
	server *mysqltest.Server
	db     *sql.DB
	id     string
	owner  dbclone.Owner
	user   string // other than the usual, of exec
	n      int
}

func newBench(t testing.TB, s *mysqltest.Server) *bench {
	t.Helper()
	return newBenchWith(t, s, s.Settings())
}

// newBenchWith has an engine that connects by other settings.
func newBenchWith(t testing.TB, s *mysqltest.Server, settings dbclone.Server) *bench {
	t.Helper()
	b := &bench{Engine: New(), t: t, server: s, db: s.Open(t, ""), owner: dbclone.NewOwner("test")}
	met, err := b.Meet(t.Context(), settings, b.owner)
	ok(t, err)
	b.id = met.ID
	t.Cleanup(b.Leave)
	return b
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func fails(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want one that is: %v", err, want)
	}
}

func same[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// spot is a new one of a kind: b for what is built, t for a template, c for a clone.
func (b *bench) spot(kind string) dbclone.Spot {
	b.n++
	now := time.Now().UTC()
	at := dbclone.Spot{
		Name: fmt.Sprintf("hc%s_%s_%d", kind, b.owner.ID, b.n), Server: b.id,
		Label: dbclone.Label{
			Format: 1, Home: "home of " + b.owner.ID, Owner: b.owner.ID, Project: "p", Alias: "default",
			Kind: dbclone.KindClone, Created: now, Used: now,
		},
	}
	b.t.Cleanup(func() {
		if err := b.Drop(context.Background(), at); err != nil {
			b.t.Error(err)
		}
	})
	return at
}

// template builds, seals and publishes a database from some SQL.
func (b *bench) template(script string) (dbclone.Spot, dbclone.Sealed) {
	b.t.Helper()
	from, to := b.spot("b"), b.spot("t")
	ok(b.t, b.Prepare(b.t.Context(), from))
	b.exec("", "CREATE DATABASE "+from.Name+" CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
	b.exec(from.Name, script)
	sealed, err := b.Seal(b.t.Context(), from)
	ok(b.t, err)
	ok(b.t, b.Publish(b.t.Context(), from, to))
	ok(b.t, b.Check(b.t.Context(), to, sealed))
	return to, sealed
}

func (b *bench) clone(template dbclone.Spot) dbclone.Spot {
	b.t.Helper()
	at := b.spot("c")
	ok(b.t, b.Clone(b.t.Context(), template, at))
	return at
}

// exec runs statements in a database over a connection of their own, as a worker does.
func (b *bench) exec(database, script string) {
	b.t.Helper()
	db := b.server.Open(b.t, database)
	if b.user != "" {
		db = b.server.OpenAs(b.t, b.user, "x", database)
	}
	defer db.Close()
	if _, err := db.ExecContext(b.t.Context(), script); err != nil {
		b.t.Fatalf("%v\n%.500s", err, script)
	}
}

// value reads one value.
func (b *bench) value(query string, args ...any) string {
	b.t.Helper()
	var value sql.NullString
	ok(b.t, b.db.QueryRowContext(b.t.Context(), query, args...).Scan(&value))
	return value.String
}

// rows reads all rows of a query.
func (b *bench) rows(query string) []row {
	b.t.Helper()
	conn, err := b.db.Conn(b.t.Context())
	ok(b.t, err)
	defer conn.Close()
	rows, err := (&session{conn: conn}).one(b.t.Context(), query)
	ok(b.t, err)
	return rows
}

func (b *bench) exists(database string) bool {
	b.t.Helper()
	return b.value("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?", database) != "0"
}
