package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"hotclub/dbclone"
	"hotclub/dbclone/postgres"
)

// stand is a template on a PostgreSQL, and a manager that makes clones of it, as the daemon has.
type stand struct {
	server  *server
	dir     string
	tables  int
	manager *dbclone.Manager
	of      *dbclone.Template
	made    bool // there is a database "afresh"
}

// newStand starts a server and has a template of so many tables built there.
func (l *lab) newStand(ctx context.Context, tables int) (*stand, error) {
	s, err := l.serve(ctx, "postgres")
	if err != nil {
		return nil, err
	}
	st := &stand{server: s, dir: filepath.Join(s.dir, "..", "databases"), tables: tables}
	if err := st.open(ctx); err != nil {
		st.end()
		return nil, err
	}
	return st, nil
}

func (st *stand) end() {
	if err := st.close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	st.server.end()
}

// open is what a daemon does that starts, up to where it can give clones to workers.
func (st *stand) open(ctx context.Context) (err error) {
	log := slog.New(slog.DiscardHandler)
	st.manager, err = dbclone.Open(ctx, st.dir, dbclone.NewOwner("bench"), log, nil, postgres.New(log))
	if err != nil {
		return err
	}
	url := st.server.url
	password, _ := url.User.Password()
	met, err := st.manager.Meet(ctx, "postgresql", dbclone.Server{
		"host": url.Hostname(), "port": url.Port(), "user": url.User.Username(), "password": password,
	})
	if err != nil {
		return err
	}
	schema := dbclone.Schema{
		Project: "bench", Alias: "default", Engine: "postgresql", Key: strconv.Itoa(st.tables),
		Server: met.ID, Display: "bench default",
	}
	templates, err := st.manager.Templates(ctx, []dbclone.Schema{schema}, st.build)
	if err != nil {
		return err
	}
	st.of = templates[0]
	return nil
}

func (st *stand) close() error {
	if st.manager == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // also after an interrupt
	defer cancel()
	err := st.manager.Close(ctx)
	st.manager = nil
	return err
}

// build makes what Django would have migrated: tables with keys to each other and twenty rows each.
func (st *stand) build(ctx context.Context, places []dbclone.Place) (dbclone.Built, error) {
	name := places[0].Path
	label := strings.ReplaceAll(places[0].Label, "'", "''")
	if _, err := st.sql(ctx, "postgres", fmt.Sprintf("CREATE DATABASE %s;\nCOMMENT ON DATABASE %s IS '%s';\n", name, name, label)); err != nil {
		return dbclone.Built{}, err
	}
	var b strings.Builder
	for i := range st.tables {
		fmt.Fprintf(&b, "CREATE TABLE part%03d (id bigserial PRIMARY KEY, name varchar(40) NOT NULL, count integer NOT NULL, whole bigint REFERENCES part%03d DEFERRABLE INITIALLY DEFERRED);\n", i, i/2)
		fmt.Fprintf(&b, "CREATE INDEX ON part%03d (name);\nCREATE INDEX ON part%03d (whole);\n", i, i)
		fmt.Fprintf(&b, "INSERT INTO part%03d (name, count) SELECT 'part ' || n, n FROM generate_series(1, 20) n;\n", i)
	}
	_, err := st.sql(ctx, name, b.String())
	return dbclone.Built{}, err
}

// touch commits what a TransactionTestCase might to three tables.
func (st *stand) touch(ctx context.Context, database string) error {
	var b strings.Builder
	for _, i := range []int{3, 17, 41} {
		fmt.Fprintf(&b, "INSERT INTO part%03d (name, count) SELECT 'new', n FROM generate_series(1, 5) n;\nUPDATE part%03d SET count = 0 WHERE id = 7;\n", i, i)
	}
	_, err := st.sql(ctx, database, b.String())
	return err
}

var timing = regexp.MustCompile(`(?m)^Time: ([\d.]+) ms`)

// sql runs statements by psql and returns how long the server took for them all.
func (st *stand) sql(ctx context.Context, database, statements string) (time.Duration, error) {
	address := *st.server.url
	address.Path = "/" + database
	command := exec.CommandContext(ctx, "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", address.String())
	command.Stdin = strings.NewReader("\\timing on\n" + statements)
	var output, complaints bytes.Buffer
	command.Stdout, command.Stderr = &output, &complaints
	if err := command.Run(); err != nil {
		return 0, fmt.Errorf("psql %s: %w\n%s", database, err, tail(complaints.Bytes()))
	}
	var took float64
	for _, found := range timing.FindAllSubmatch(output.Bytes(), -1) {
		each, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			return 0, err
		}
		took += each
	}
	return time.Duration(took * float64(time.Millisecond)), nil
}

// afresh is how IntegreSQL, pgtestdb and pytest-postgresql get a clean database: the one that tests
// have written to is dropped and made again of the template. The time is the server's alone.
func (st *stand) afresh(ctx context.Context) (time.Duration, error) {
	if st.made {
		if err := st.touch(ctx, "afresh"); err != nil {
			return 0, err
		}
	}
	st.made = true
	return st.sql(ctx, "postgres", fmt.Sprintf("DROP DATABASE IF EXISTS afresh WITH (FORCE);\nCREATE DATABASE afresh TEMPLATE %s;\n", st.of.Location()))
}

// breath is for what the manager does in the background: a worker's run takes longer.
const breath = 500 * time.Millisecond

// readyClone is how long a worker that starts waits for its database while one is ready.
func readyClone(ctx context.Context, l *lab) (findings, error) {
	var f findings
	st, err := l.newStand(ctx, 60)
	if err != nil {
		return f, err
	}
	defer st.end()
	var leases []*dbclone.Lease
	ours, theirs, err := alternate(l.rounds(40), func() (time.Duration, error) {
		if err := pause(ctx, breath); err != nil {
			return 0, err
		}
		begun := time.Now()
		lease, err := st.manager.Lease(ctx, st.of, "bench")
		took := time.Since(begun)
		leases = append(leases, lease)
		if len(leases) > 2 { // and give one back, so that there are not ever more
			err = errors.Join(err, leases[0].Release(ctx))
			leases = leases[1:]
		}
		return took, err
	}, func() (time.Duration, error) { return st.afresh(ctx) })
	f.rows = append(f.rows, row{"a ready clone of 60 tables is handed to a worker, against drop and create", "ms", ours, theirs, atMost(1, "ms", ours)})
	return f, err
}

// repair is how long it takes to put back what a TransactionTestCase has committed.
func repair(ctx context.Context, l *lab) (findings, error) {
	var f findings
	st, err := l.newStand(ctx, 60)
	if err != nil {
		return f, err
	}
	defer st.end()
	lease, err := st.manager.Lease(ctx, st.of, "bench")
	if err != nil {
		return f, err
	}
	ours, theirs, err := alternate(l.rounds(40), func() (time.Duration, error) {
		if err := st.touch(ctx, lease.Attachment().Clone); err != nil {
			return 0, err
		}
		begun := time.Now()
		restored, err := lease.Restore(ctx, dbclone.Pristine)
		took := time.Since(begun)
		if err == nil && (restored.Clean || restored.Replaced || restored.Tables != 3) {
			err = fmt.Errorf("the clone was not repaired: %+v", restored)
		}
		return took, err
	}, func() (time.Duration, error) { return st.afresh(ctx) })
	f.rows = append(f.rows, row{"repair after 3 of 60 tables were written, against drop and create", "ms", ours, theirs, times(10, ours, theirs)})
	return f, err
}

// knownFingerprint is how long a daemon that starts needs until the first worker has its database, if
// its template is there from another day.
func knownFingerprint(ctx context.Context, l *lab) (findings, error) {
	var f findings
	st, err := l.newStand(ctx, 60)
	if err != nil {
		return f, err
	}
	defer st.end()
	built := st.of.Name()
	var ours samples
	for range l.rounds(20) {
		if err := st.close(); err != nil {
			return f, err
		}
		begun := time.Now()
		if err := st.open(ctx); err != nil {
			return f, err
		}
		if _, err := st.manager.Lease(ctx, st.of, "bench"); err != nil {
			return f, err
		}
		ours = append(ours, ms(time.Since(begun)))
		if st.of.Name() != built {
			return f, errors.New("the template was built anew")
		}
	}
	f.rows = append(f.rows, row{"a known template of 60 tables: from nothing to the first worker's database", "ms", ours, nil, atMost(200, "ms", ours)})
	return f, nil
}
