package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone/clonetest"
	"hotclub/dbclone/postgres/pgtest"
)

//go:embed testdata/everything.sql
var everything string

// lab is a server with a template, and what is needed to repair clones of it.
type lab struct {
	*pgtest.Cluster
	role string // whose database it is
	n    int
	img  *image

	repairs repairs

	held, dumped string // contents and dump of the template
}

// newLab makes the template by a script, as a role that owns it: a superuser unless it says "owner". Lines
// of the script that end in "-- needs" and a version are left out on an older server.
func newLab(t testing.TB, role, script string, settings ...string) *lab {
	t.Helper()
	l := &lab{Cluster: pgtest.Start(t, append(settings, "max_prepared_transactions=10")...), role: pgtest.Superuser}
	if role == "owner" {
		l.Exec(t, "postgres", "CREATE ROLE owner LOGIN CREATEDB CREATEROLE")
		l.role = role
	}
	l.Exec(t, "postgres", "CREATE DATABASE template OWNER "+l.role)
	script = linesFor(l.Major(t), script)
	if role == "owner" {
		l.Exec(t, "template", "GRANT ALL ON SCHEMA public TO owner", "CREATE EXTENSION seg", "CREATE EXTENSION citext")
		script = strings.ReplaceAll(script, "CREATE EXTENSION", "CREATE EXTENSION IF NOT EXISTS")
	}
	l.Exec(t, "template", "SET SESSION AUTHORIZATION "+l.role, script, "RESET SESSION AUTHORIZATION", "VACUUM (FREEZE, ANALYZE)")
	return l
}

var needs = regexp.MustCompile(`-- needs (\d+)\n$`)

// linesFor are the lines of a script that a server of this version understands.
func linesFor(major int, script string) string {
	var kept strings.Builder
	for line := range strings.Lines(script) {
		if found := needs.FindStringSubmatch(line); found != nil {
			if version, _ := strconv.Atoi(found[1]); major < version {
				continue
			}
		}
		kept.WriteString(line)
	}
	return kept.String()
}

func (l *lab) connect(t testing.TB, database string) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(l.DSN(database))
	if err != nil {
		t.Fatal(err)
	}
	config.User = l.role
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// patient is a clone with the connection that repairs it and a worker's, which stays open.
type patient struct {
	*lab
	name   string
	conn   *pgx.Conn
	worker *pgx.Conn
	reader *pgx.Conn // a superuser's, to see what there is
	holds  *image
	base   *baseline
}

func (l *lab) clone(t testing.TB) *patient {
	t.Helper()
	l.n++
	p := &patient{lab: l, name: fmt.Sprintf("clone_%d", l.n)}
	l.Exec(t, "postgres", "CREATE DATABASE "+p.name+" TEMPLATE template OWNER "+l.role)
	p.conn = l.connect(t, p.name)
	if err := prepareSession(t.Context(), p.conn); err != nil {
		t.Fatal(err)
	}
	if l.img == nil {
		l.img = p.capture(t)
		l.img.verifyEvery = 1
	}
	p.holds = l.img
	p.note(t)
	p.worker, p.reader = l.connect(t, p.name), l.Conn(t, p.name)
	if l.held == "" {
		l.held, l.dumped = p.contents(t), l.dump(t, "template")
	}
	must(t, p.reader, "SET lock_timeout = '30s'")
	return p
}

func (p *patient) capture(t testing.TB) *image {
	t.Helper()
	img, err := readImage(t.Context(), p.conn)
	if err != nil {
		t.Fatal(err)
	}
	if img.unfit != "" {
		t.Fatal(img.unfit)
	}
	return img
}

// note takes what the clone holds as its image.
func (p *patient) note(t testing.TB) {
	t.Helper()
	base, err := takeBaseline(t.Context(), p.conn, p.holds)
	if err != nil {
		t.Fatal(err)
	}
	p.base = base
}

func (p *patient) dirt(t testing.TB) *dirt {
	t.Helper()
	d, err := findDirt(t.Context(), p.conn, p.holds, p.base, &p.repairs)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// repair puts the clone back to an image; the reason if it must be cloned anew.
func (p *patient) repair(t testing.TB, to *image) (why string) {
	t.Helper()
	base, err := repair(t.Context(), p.conn, p.holds, to, p.base, p.dirt(t), &p.repairs)
	if errors.Is(err, errReclone) {
		return whyReclone(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	p.holds, p.base = to, base
	return ""
}

// gone waits until nobody but us is connected to the clone.
func (p *patient) gone(t testing.TB) {
	t.Helper()
	clonetest.Eventually(t, "the others leave "+p.name, func() bool {
		var n int
		if err := p.conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n == 0
	})
}

// drop removes the clone, whoever is connected.
func (p *patient) drop(t testing.TB) {
	t.Helper()
	if err := rollBackPrepared(t.Context(), p.conn); err != nil {
		t.Fatal(err)
	}
	for _, conn := range []*pgx.Conn{p.conn, p.worker, p.reader} {
		_ = conn.Close(t.Context())
	}
	p.Exec(t, "postgres", "DROP DATABASE "+p.name+" WITH (FORCE)")
}

// must runs statements one by one.
func must(t testing.TB, conn *pgx.Conn, statements ...string) {
	t.Helper()
	for _, each := range statements {
		if _, err := conn.PgConn().Exec(t.Context(), each).ReadAll(); err != nil {
			t.Fatalf("%s: %v", each, err)
		}
	}
}

// contents is what a database holds as clients see it, without a line of what is tested: all rows of
// all tables in the order in which they come, and the sequences.
func (p *patient) contents(t testing.TB) string {
	t.Helper()
	rows, _ := p.reader.Query(t.Context(), `SELECT CASE relkind WHEN 'S' THEN format('SELECT %L || last_value || is_called FROM %s', oid::regclass, oid::regclass)
		ELSE format('SELECT %L || coalesce(string_agg(t::text, E''\n''), '''') FROM ONLY %s t', oid::regclass, oid::regclass) END
		FROM pg_class WHERE (relkind IN ('r', 'S') OR relkind = 'm' AND relispopulated) AND relpersistence <> 't' AND oid >= 16384 AND relnamespace <> 'pg_toast'::regnamespace
		UNION ALL SELECT 'SELECT string_agg(oid || lo_get(oid)::text, E''\n'' ORDER BY oid) FROM pg_largeobject_metadata'`)
	queries, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(queries)
	rows, _ = p.reader.Query(t.Context(), "SELECT n || coalesce(all_of_it, '') FROM (SELECT * FROM (VALUES "+values(queries)+") v(n, all_of_it)) x ORDER BY n::int")
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(texts, "\n")
}

func values(queries []string) string {
	var all []string
	for i, each := range queries {
		all = append(all, fmt.Sprintf("('%d', (%s))", i, each))
	}
	return strings.Join(all, ", ")
}

// dump is what pg_dump says of a database.
func (l *lab) dump(t testing.TB, database string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), l.Program("pg_dump"), "-h", l.Host, "-p", l.Port, "-U", l.User, database)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pg_dump: %v\n%s", err, said.String())
	}
	return restrict.ReplaceAllString(string(out), "")
}

// restrict is a line with a random key.
var restrict = regexp.MustCompile(`(?m)^\\(un)?restrict .*$`)

// firstDifference of two texts, by lines.
func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, cut(a[i]), cut(b[i]))
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(a), len(b))
}

func cut(line string) string { return line[:min(len(line), 300)] }
