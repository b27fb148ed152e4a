package postgres_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"hotclub/dbclone"
	"hotclub/dbclone/clonetest"
	"hotclub/dbclone/postgres"
	"hotclub/dbclone/postgres/pgtest"
)

var discard = slog.New(slog.DiscardHandler)

// engine returns one whose connections end with the test.
func engine(t testing.TB) *postgres.Engine {
	e := postgres.New(discard)
	t.Cleanup(e.Leave)
	return e
}

// django plays Django on a cluster as a role: each database holds one text.
type django struct {
	*pgtest.Cluster
	role string
}

func (d django) connect(t testing.TB, database string) *pgx.Conn {
	t.Helper()
	conn, err := d.dial(t, database)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func (d django) dial(t testing.TB, database string) (*pgx.Conn, error) {
	t.Helper()
	config, err := pgx.ParseConfig(d.DSN(database))
	if err != nil {
		t.Fatal(err)
	}
	config.User = d.role
	return pgx.ConnectConfig(t.Context(), config)
}

// in runs statements in a database, and closes the connection without waiting for anything.
func (d django) in(t testing.TB, database string, statements ...string) {
	t.Helper()
	conn := d.connect(t, database)
	defer conn.Close(context.Background())
	for _, statement := range statements {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func (d django) write(t testing.TB, name, text string) {
	t.Helper()
	d.in(t, "postgres", "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	d.in(t, name,
		"CREATE TABLE shop (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text)",
		"CREATE TABLE other (id int PRIMARY KEY)", "INSERT INTO other SELECT generate_series(1, 20)",
		"INSERT INTO shop (text) VALUES ('"+doubled(text)+"')")
}

// read reads the text. What a template holds, which nobody can connect to, shows in a copy.
func (d django) read(t testing.TB, name string) (text string) {
	t.Helper()
	conn, err := d.dial(t, name)
	if err != nil && strings.Contains(err.Error(), "not currently accepting connections") {
		d.in(t, "postgres", "CREATE DATABASE peek TEMPLATE "+pgx.Identifier{name}.Sanitize())
		defer d.in(t, "postgres", "DROP DATABASE peek WITH (FORCE)")
		conn, err = d.dial(t, "peek")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), "SELECT text FROM shop ORDER BY id DESC LIMIT 1").Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

func (d django) dirty(t testing.TB, name, text string) {
	t.Helper()
	d.in(t, name, "INSERT INTO shop (text) VALUES ('"+doubled(text)+"')", "DELETE FROM other WHERE id = 7")
}

func (d django) exists(t testing.TB, name string) bool {
	t.Helper()
	for _, each := range d.Databases(t, name) {
		if each == name {
			return true
		}
	}
	return false
}

// lose removes a database as an administrator would.
func (d django) lose(t testing.TB, name string) {
	t.Helper()
	conn := d.Conn(t, "postgres")
	defer conn.Close(context.Background())
	quoted := pgx.Identifier{name}.Sanitize()
	for _, statement := range []string{"ALTER DATABASE " + quoted + " IS_TEMPLATE false", "DROP DATABASE " + quoted + " WITH (FORCE)"} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// tear leaves what a server leaves that was stopped while it dropped a database.
func (d django) tear(t testing.TB, name string) {
	t.Helper()
	d.in(t, "postgres", "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	d.Exec(t, "postgres", fmt.Sprintf("UPDATE pg_database SET datconnlimit = -2 WHERE datname = '%s'", name))
}

func (d django) harness(t *testing.T) clonetest.Harness {
	return clonetest.Harness{
		Engine: engine(t),
		Write:  d.write, Tear: d.tear, Read: d.read, Dirty: d.dirty, Exists: d.exists, Lose: d.lose,
		Server: d.Keywords(d.role),
		Names:  func(t testing.TB) []string { return d.Databases(t, "") },
		Fresh:  func(t testing.TB) dbclone.Engine { return engine(t) },
	}
}

// start runs a server with a role "worker" that may create databases and nothing else.
func start(t testing.TB, settings ...string) django {
	t.Helper()
	d := django{Cluster: pgtest.Start(t, settings...), role: "worker"}
	d.Exec(t, "postgres", "CREATE ROLE worker LOGIN CREATEDB")
	return d
}

func TestEngine(t *testing.T) {
	d := start(t)
	clonetest.Run(t, d.harness(t))
}

func TestEngineAsSuperuser(t *testing.T) {
	if testing.Short() {
		t.Skip("the suite has run as an ordinary role")
	}
	d := start(t)
	d.role = pgtest.Superuser
	clonetest.Run(t, d.harness(t))
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
