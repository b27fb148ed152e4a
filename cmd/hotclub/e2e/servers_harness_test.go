//go:build linux

package e2e

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hotclub/dbclone/mysql/mysqltest"
	"hotclub/dbclone/postgres/pgtest"
	"hotclub/runner"
)

// served is a database server of a test's own, as the developer of a project meets it.
type served struct {
	address url.URL // as BOOKSHOP_DATABASE has it
	django  string  // a version that works with it
	// databases lists those whose names begin in a certain way.
	databases     func(t *testing.T, prefix string) []string
	exec          func(t *testing.T, statements ...string) // as an administrator
	refused       func(t *testing.T) int                   // connections, because there were too many
	fill          func(t *testing.T) (leave func())        // takes all connections that are left; not on PostgreSQL
	stop, restart func(t *testing.T)
}

// The developer's role on a PostgreSQL may make databases, and nothing else that costs a question.
const developer, secret = "developer", "s3cret"

// startPostgres starts a PostgreSQL that asks for passwords.
func startPostgres(t *testing.T, settings ...string) *served {
	t.Helper()
	cluster := pgtest.Start(t, append(settings, pgtest.Loopback)...)
	s := &served{
		django:  "5.2",
		address: url.URL{Scheme: "postgresql", User: url.UserPassword(developer, secret), Host: "127.0.0.1:" + cluster.Port, Path: "/bookshop"},
		databases: func(t *testing.T, prefix string) []string {
			t.Helper()
			return cluster.Databases(t, prefix)
		},
		refused: func(t *testing.T) int {
			t.Helper()
			log, err := os.ReadFile(filepath.Join(cluster.Dir, "log"))
			mustDo(t, err)
			return strings.Count(string(log), "too many") + strings.Count(string(log), "connection slots")
		},
		exec:    func(t *testing.T, statements ...string) { t.Helper(); cluster.Exec(t, "postgres", statements...) },
		stop:    func(t *testing.T) { t.Helper(); cluster.StopImmediate(t) },
		restart: func(t *testing.T) { t.Helper(); cluster.Restart(t) },
	}
	if cluster.Major(t) < 14 { // which is what Django 5.2 asks for
		s.django = "4.2"
	}
	s.exec(t, fmt.Sprintf("CREATE ROLE %s LOGIN CREATEDB PASSWORD '%s'", developer, secret))
	cluster.HBA(t, "local all all trust", "host all all 127.0.0.1/32 "+pgtest.Password)
	return s
}

// startMariaDB starts Debian's MariaDB.
func startMariaDB(t *testing.T, options ...string) *served {
	t.Helper()
	server := mysqltest.StartProgram(t, "", append(options, "--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci")...)
	return servedBy(t, server, "mariadb-tzinfo-to-sql", "mariadb")
}

// startMySQL starts the MySQL that HOTCLUB_MYSQLD names, as .ci/mysql prints it.
func startMySQL(t *testing.T) *served {
	t.Helper()
	program := os.Getenv("HOTCLUB_MYSQLD")
	if program == "" {
		t.Skip("HOTCLUB_MYSQLD names no mysqld: set it to what .ci/mysql prints")
	}
	clients := filepath.Join(filepath.Dir(program), "..", "bin")
	return servedBy(t, mysqltest.StartProgram(t, program), filepath.Join(clients, "mysql_tzinfo_to_sql"), filepath.Join(clients, "mysql"))
}

// servedBy makes a server know time zones, which Django wants of it.
func servedBy(t *testing.T, server *mysqltest.Server, zoner, client string) *served {
	t.Helper()
	user := server.Settings()
	s := &served{
		django:  "5.2",
		address: url.URL{Scheme: "mysql", User: url.UserPassword(user["user"], user["password"]), Host: user["host"] + ":" + user["port"], Path: "/bookshop"},
		databases: func(t *testing.T, prefix string) []string {
			t.Helper()
			rows, err := server.Open(t, "").QueryContext(t.Context(), "SELECT schema_name FROM information_schema.schemata WHERE LEFT(schema_name, ?) = ? ORDER BY 1", len(prefix), prefix)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			var names []string
			for rows.Next() {
				var name string
				if err := rows.Scan(&name); err != nil {
					t.Fatal(err)
				}
				names = append(names, name)
			}
			return names
		},
		exec: func(t *testing.T, statements ...string) {
			t.Helper()
			db := server.Open(t, "mysql")
			for _, statement := range statements {
				if _, err := db.ExecContext(t.Context(), statement); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
		},
		refused: func(t *testing.T) (n int) {
			t.Helper()
			var name string
			mustDo(t, server.Open(t, "").QueryRowContext(t.Context(), "SHOW GLOBAL STATUS LIKE 'Connection_errors_max_connections'").Scan(&name, &n))
			return n
		},
		fill: func(t *testing.T) (leave func()) {
			t.Helper()
			db := server.Open(t, "")
			var taken []*sql.Conn
			for {
				conn, err := db.Conn(t.Context())
				if err != nil {
					break
				}
				taken = append(taken, conn)
			}
			return func() {
				for _, conn := range taken {
					mustDo(t, conn.Close())
				}
			}
		},
		stop:    func(t *testing.T) { t.Helper(); mustDo(t, server.Kill()) },
		restart: func(t *testing.T) { t.Helper(); mustDo(t, server.Up(t.Context())) },
	}
	zones, err := exec.Command(zoner, "/usr/share/zoneinfo").Output()
	if err != nil {
		t.Fatalf("%s: %v", zoner, err)
	}
	load := exec.Command(client, "--no-defaults", "--socket="+server.Socket, "--user=root", "mysql")
	load.Stdin = bytes.NewReader(zones)
	if output, err := load.CombinedOutput(); err != nil {
		t.Fatalf("loading time zones: %v\n%s", err, output)
	}
	return s
}

func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// environ points the bookshop at the server.
func (s *served) environ() []string { return []string{"BOOKSHOP_DATABASE=" + s.address.String()} }

// databaseDjangos are the interpreters with drivers, oldest Django first.
func databaseDjangos(t *testing.T) []django {
	t.Helper()
	return interpreters(t, "DATABASE_PYTHONS")
}

// databaseDjango is the interpreter with a version of Django.
func databaseDjango(t *testing.T, version string) django {
	t.Helper()
	all := databaseDjangos(t)
	at := slices.IndexFunc(all, func(d django) bool { return d.version == version })
	if at < 0 {
		t.Fatalf("DATABASE_PYTHONS has no Django %s", version)
	}
	return all[at]
}

// missing says which driver an interpreter lacks, if it does.
func (d django) missing(t *testing.T, module string) bool {
	t.Helper()
	return exec.Command(d.python, "-c", "import "+module).Run() != nil
}

// listed are the names of the databases that hotclub says it has.
func (c *club) listed() []string {
	c.t.Helper()
	r := c.hotclub("db", "list", "--json", "--python", c.python)
	var answer struct{ Databases []runner.DatabaseStatus }
	if err := json.Unmarshal([]byte(r.stdout), &answer); err != nil {
		c.t.Fatalf("status %d: %v\n%s\n%s", r.status, err, r.stdout, r.stderr)
	}
	var names []string
	for _, each := range answer.Databases {
		names = append(names, each.Name)
	}
	slices.Sort(names)
	return names
}

// agrees waits until the server holds exactly the databases that hotclub says it has, and returns
// them: clones may be on their way in or out.
func (c *club) agrees(s *served) []string {
	c.t.Helper()
	var there, said []string
	same := within(patience, func() bool {
		there, said = s.databases(c.t, "hc"), c.listed()
		return slices.Equal(there, said)
	})
	if !same {
		c.t.Errorf("on the server are %q, and hotclub says %q", there, said)
	}
	return there
}
