package postgres_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone"
	"hotclub/dbclone/clonetest"
	"hotclub/dbclone/postgres/pgtest"
)

// Case 31: all connections are taken but the one that we hold.
func TestNoConnectionsLeft(t *testing.T) {
	b := newBench(t, "max_connections=20", "superuser_reserved_connections=2")
	b.clone("hcc_before")
	var taken []*pgx.Conn
	for {
		conn, err := b.dial(t, "postgres")
		if err != nil {
			break
		}
		taken = append(taken, conn)
	}
	letGo := func() {
		for _, conn := range taken {
			conn.Close(context.Background())
		}
	}
	defer letGo()
	at := b.clone("hcc_full")
	b.ok(b.Check(t.Context(), b.template, b.sealed))
	b.ok(b.Reset(t.Context(), b.template, at))
	b.ok(b.Drop(t.Context(), at))
	at = b.clone("hcc_full")
	_, err := engine(t).Meet(t.Context(), b.Keywords(b.role), dbclone.Owner{ID: "late"})
	says(t, err, "max_connections")
	letGo()
	restored, err := b.Restore(t.Context(), b.template, at, dbclone.Pristine)
	b.ok(err)
	if !restored.Replaced { // nobody could look at it when it was made
		t.Errorf("got %+v", restored)
	}
	b.pristine(at)
}

// Case 10: the disk is full.
func TestDiskFull(t *testing.T) {
	b := newBench(t)
	dir := filepath.Join(b.Dir, "small")
	b.ok(os.Mkdir(dir, 0o700))
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=24m,mode=1777", "tmpfs", dir).CombinedOutput(); err != nil {
		if os.Getenv("HOTCLUB_NO_SKIP") == "1" && os.Getuid() == 0 {
			t.Fatalf("mount: %v: %s", err, out)
		}
		t.Skipf("a small file system can't be mounted here: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "--lazy", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %s", out)
		}
	})
	space := filepath.Join(dir, "space")
	b.ok(os.Mkdir(space, 0o777))
	b.ok(os.Chmod(space, 0o777))
	if os.Getuid() == 0 {
		b.ok(os.Chown(space, 65534, 65534))
	}
	b.Exec(t, "postgres", "CREATE TABLESPACE small LOCATION '"+space+"'", "GRANT CREATE ON TABLESPACE small TO worker")
	b.in(t, "postgres", "CREATE DATABASE hct_small TABLESPACE small")
	b.in(t, "hct_small", "CREATE TABLE shop AS SELECT 1 AS id, 'small'::text AS text")
	template := b.spot("hct_small", dbclone.KindTemplate)
	_, err := b.Seal(t.Context(), template)
	b.ok(err)
	var full error
	var made []dbclone.Spot
	for n := 0; full == nil && n < 10; n++ {
		at := b.spot(fmt.Sprintf("hcc_small_%d", n), dbclone.KindClone)
		if full = b.Clone(t.Context(), template, at); full == nil {
			made = append(made, at)
		}
	}
	says(t, full, "free some space on the server's disk")
	if got := b.Databases(t, "hcc"); len(got) != len(made) {
		t.Errorf("got %q, want %d", got, len(made))
	}
	for _, at := range made {
		b.ok(b.Drop(t.Context(), at))
	}
	at := b.spot("hcc_small_again", dbclone.KindClone)
	b.ok(b.Clone(t.Context(), template, at))
	b.holds(at, "small")
}

// Case 33: a pooler in between.
func TestPooler(t *testing.T) {
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program = "/usr/sbin/pgbouncer"; !exists(program) {
			if os.Getenv("HOTCLUB_NO_SKIP") == "1" {
				t.Fatal("no pgbouncer: apt-get install pgbouncer")
			}
			t.Skip("no pgbouncer: apt-get install pgbouncer")
		}
	}
	b := newBench(t)
	for _, mode := range []string{"transaction", "session"} {
		t.Run("33 "+mode, func(t *testing.T) {
			port := b.pool(t, program, mode)
			keywords := dbclone.Server{"host": b.Host, "port": port, "user": "worker"}
			_, err := engine(t).Meet(t.Context(), keywords, dbclone.Owner{ID: "tester"})
			says(t, err, "pooler", "HOST and PORT")
			keywords["options"] = "-c search_path=public"
			_, err = engine(t).Meet(t.Context(), keywords, dbclone.Owner{ID: "tester"})
			says(t, err, "pooler", "HOST and PORT")
		})
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// pool runs PgBouncer in front of the server until the test ends, on a socket beside the server's.
func (b *bench) pool(t *testing.T, program, mode string) (port string) {
	t.Helper()
	port = "6432"
	dir := t.TempDir()
	for path := dir; path != os.TempDir() && path != "/"; path = filepath.Dir(path) {
		_ = os.Chmod(path, 0o755) // for who is not root
	}
	config := filepath.Join(dir, "pgbouncer.ini")
	text := fmt.Sprintf("[databases]\n* = host=%s port=%s\n[pgbouncer]\nlisten_addr=\nunix_socket_dir=%s\nlisten_port=%s\nauth_type=any\nauth_file=\npool_mode=%s\nlogfile=%s\n",
		b.Host, b.Port, b.Host, port, mode, filepath.Join(b.Dir, "pgbouncer.log"))
	text = strings.ReplaceAll(text, "* = host=", "* = user=worker host=")
	b.ok(os.WriteFile(config, []byte(text), 0o644))
	cmd := exec.Command(program, config)
	pgtest.Unprivileged(cmd)
	b.ok(cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.Remove(filepath.Join(b.Host, ".s.PGSQL."+port))
	})
	clonetest.Eventually(t, "PgBouncer listens", func() bool { return exists(filepath.Join(b.Host, ".s.PGSQL."+port)) })
	return port
}
