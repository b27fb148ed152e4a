package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// DSN says how the superuser reaches a database, in libpq's words.
func (c *Cluster) DSN(database string) string {
	return fmt.Sprintf("host=%s port=%s user=%s dbname=%s sslmode=disable", quote(c.Host), c.Port, c.User, quote(database))
}

// Program is the path of one of the programs that came with the server, such as pg_dump. In PATH
// there may be only a link to the server itself.
func (c *Cluster) Program(name string) string {
	server := filepath.Join(c.bin, "postgres")
	if target, err := filepath.EvalSymlinks(server); err == nil {
		server = target
	}
	return filepath.Join(filepath.Dir(server), name)
}

// Keywords are libpq's connection parameters for a role, as a worker reports them.
func (c *Cluster) Keywords(role string) map[string]string {
	return map[string]string{"host": c.Host, "port": c.Port, "user": role, "dbname": "postgres"}
}

func quote(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

// Conn connects the superuser to a database until the test ends.
func (c *Cluster) Conn(t testing.TB, database string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.DSN(database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // the server may be gone
	return conn
}

// Exec runs statements in a database as the superuser, each on its own, and hangs up. It returns
// once the backend is gone, so that the database can be dropped or copied.
func (c *Cluster) Exec(t testing.TB, database string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.DSN(database))
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
	pid := conn.PgConn().PID()
	if err := conn.Close(t.Context()); err != nil {
		t.Error(err)
	}
	c.gone(t, pid)
	if t.Failed() {
		t.FailNow()
	}
}

// Major is the server's version, such as 15.
func (c *Cluster) Major(t testing.TB) (major int) {
	t.Helper()
	conn := c.Conn(t, "postgres")
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), "SELECT current_setting('server_version_num')::int / 10000").Scan(&major); err != nil {
		t.Fatal(err)
	}
	return major
}

// Terminate ends a session of another, and returns once its backend is gone.
func (c *Cluster) Terminate(t testing.TB, pid uint32) {
	t.Helper()
	c.Exec(t, "template1", fmt.Sprintf("SELECT pg_terminate_backend(%d)", pid))
	c.gone(t, pid)
}

// gone waits until a backend has ended, which is a moment after its client has hung up.
func (c *Cluster) gone(t testing.TB, pid uint32) {
	t.Helper()
	conn := c.Conn(t, "template1")
	defer conn.Close(context.Background())
	for n := 1; n > 0; {
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE pid = $1", int32(pid)).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
}

// Databases lists the databases whose name begins in a certain way.
func (c *Cluster) Databases(t testing.TB, prefix string) []string {
	t.Helper()
	conn := c.Conn(t, "postgres")
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), "SELECT datname::text FROM pg_database WHERE starts_with(datname, $1) ORDER BY 1", prefix)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Password in pg_hba.conf has a server ask for a password as it stores them by default: by MD5 before
// version 14, and by SCRAM since, whatever the name says.
const Password = "md5"

// HBA replaces pg_hba.conf, and the server reads it.
func (c *Cluster) HBA(t testing.TB, lines ...string) {
	t.Helper()
	path := filepath.Join(c.data(), "pg_hba.conf")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	conn := c.Conn(t, "postgres")
	if _, err := conn.Exec(t.Context(), "SELECT pg_reload_conf()"); err != nil {
		t.Fatal(err)
	}
}

// Stop ends the server as an administrator does: its clients lose their connections.
func (c *Cluster) Stop(t testing.TB) { t.Helper(); c.end(t, fast) }

// StopImmediate ends it as a power cut does, but for what is in memory: the next start recovers.
func (c *Cluster) StopImmediate(t testing.TB) { t.Helper(); c.end(t, immediate) }

// Kill ends its first process as kill -9 does; the others notice that.
func (c *Cluster) Kill(t testing.TB) { t.Helper(); c.end(t, os.Kill) }

func (c *Cluster) end(t testing.TB, how os.Signal) {
	t.Helper()
	if err := c.stop(how); err != nil {
		t.Fatal(err)
	}
}

// Restart starts the server, after it was stopped if it runs. After [Cluster.Kill] that works only
// once the last of its processes is gone, so it tries again.
func (c *Cluster) Restart(t testing.TB) {
	t.Helper()
	err := c.stop(fast)
	for deadline := time.Now().Add(patience); err == nil; {
		if err = c.start(t.Context()); err == nil {
			return
		}
		if strings.Contains(err.Error(), "pre-existing shared memory block") && time.Now().Before(deadline) {
			err = nil
		}
	}
	t.Fatal(err)
}

// stop waits until the first process has ended, which is after all others unless it was killed.
func (c *Cluster) stop(how os.Signal) error {
	if c.process == nil {
		return nil
	}
	if err := c.process.Process.Signal(how); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-c.ended: // its exit status is of no interest
		c.process = nil
		return nil
	case <-time.After(patience):
		return fmt.Errorf("pgtest: the server did not stop\n%s", c.said())
	}
}

// Remove stops the server at once and removes all that belongs to it.
func (c *Cluster) Remove() error {
	return errors.Join(c.stop(immediate), os.RemoveAll(c.Dir))
}
