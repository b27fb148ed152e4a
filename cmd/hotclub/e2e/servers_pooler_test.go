//go:build linux

package e2e

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"hotclub/dbclone/postgres/pgtest"
)

// startPooler starts a PgBouncer before a server and returns the address there. It knows the databases
// that a line each of its configuration names, "*" being all.
func (s *served) startPooler(t *testing.T, mode string, databases ...string) url.URL {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // not in everybody's PATH
	}
	dir, err := os.MkdirTemp("", "hotclub-pooler-") // its user can go there
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	mustDo(t, os.Chmod(dir, 0o755))
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	address := s.address
	address.Host = free.Addr().String()
	var config strings.Builder
	config.WriteString("[databases]\n")
	for _, name := range databases {
		fmt.Fprintf(&config, "%s = host=%s port=%s\n", name, s.address.Hostname(), s.address.Port())
	}
	users := filepath.Join(dir, "users")
	fmt.Fprintf(&config, "[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port=%s\nunix_socket_dir=\nauth_type=scram-sha-256\nauth_file=%s\npool_mode=%s\n",
		address.Port(), users, mode)
	ini := filepath.Join(dir, "pgbouncer.ini")
	mustDo(t, os.WriteFile(users, fmt.Appendf(nil, "%q %q\n", developer, secret), 0o644))
	mustDo(t, os.WriteFile(ini, []byte(config.String()), 0o644))
	command := exec.Command(program, ini)
	pgtest.Unprivileged(command)
	if err := command.Start(); err != nil {
		t.Fatalf("starting PgBouncer: %v; .ci/servers install", err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	eventually(t, "PgBouncer to listen", func() bool {
		connection, err := net.Dial("tcp", address.Host)
		if err == nil {
			connection.Close()
		}
		return err == nil
	})
	return address
}

// A project whose settings name a pooler instead of its server hears of it, once and with what to do,
// before anything is made or run. With the server's own address it runs.
func TestPoolerOnServers(t *testing.T) {
	t.Parallel()
	s := startPostgres(t)
	d := databaseDjango(t, s.django)
	s.exec(t, "CREATE DATABASE bookshop OWNER "+developer)
	c := newClubAt(t, d.python, copyOf(t, "../../../examples/bookshop"))
	own := c.env
	for _, pooler := range []struct {
		name, mode string
		databases  []string
	}{
		{"session", "session", []string{"*"}},
		{"transaction", "transaction", []string{"*"}},
		{"only the project's database", "transaction", []string{"bookshop"}},
		{"another database", "session", []string{"elsewhere"}},
	} {
		t.Run(pooler.name, func(t *testing.T) {
			through := *s
			through.address = s.startPooler(t, pooler.mode, pooler.databases...)
			mine := *c
			mine.t, mine.env = t, append(own[:len(own):len(own)], through.environ()...)
			for _, args := range [][]string{{"run", "catalog.tests.test_models"}, {"doctor"}} {
				r := mine.hotclub(append(args, "--python", mine.python)...)
				said := r.stdout + r.stderr
				if r.status != 3 || !strings.Contains(said, "PgBouncer") || !strings.Contains(said, "HOST and PORT") || !strings.Contains(said, through.address.Port()) {
					t.Errorf("%s: status %d, and it says\n%s", args[0], r.status, said)
				}
				if args[0] == "run" && strings.Count(said, "PgBouncer") != 1 {
					t.Errorf("it says so more than once:\n%s", said)
				}
			}
			if left := append(s.databases(t, "hc"), s.databases(t, "test_")...); len(left) > 0 {
				t.Errorf("left on the server: %q", left)
			}
		})
	}
	c.env = append(own[:len(own):len(own)], s.environ()...)
	if r := c.run("catalog.tests.test_models"); r.status != 0 {
		t.Errorf("at the server's own address: status %d\n%s\n%s", r.status, r.stdout, r.stderr)
	}
}
