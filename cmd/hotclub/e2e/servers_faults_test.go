//go:build linux

package e2e

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"hotclub/runner"
)

// onServers runs a test on a PostgreSQL and on a MariaDB; on a MySQL, too, where it has no haste.
func onServers(t *testing.T, test func(t *testing.T, c *club, s *served)) {
	type server struct {
		kind, driver string
		start        func(*testing.T) *served
	}
	servers := []server{
		{"postgresql", "psycopg", func(t *testing.T) *served { return startPostgres(t) }},
		{"mariadb", "MySQLdb", func(t *testing.T) *served { return startMariaDB(t) }},
	}
	for _, each := range unlessEverything(servers, append(servers, server{"mysql", "MySQLdb", startMySQL})) {
		t.Run(each.kind, func(t *testing.T) {
			t.Parallel()
			s := each.start(t)
			d := databaseDjango(t, s.django)
			if d.missing(t, each.driver) {
				t.Skipf("%s has no %s", d.python, each.driver)
			}
			test(t, newServed(t, d.python, s), s)
		})
	}
}

// newServed is a club on testdata/faults, whose database is on a server.
func newServed(t *testing.T, python string, s *served) *club {
	t.Helper()
	c := newClub(t, python, "faults")
	c.prepareSigns()
	c.pointAt(s.address)
	return c
}

// pointAt writes settings whose database is at an address; its scheme is Django's name of the kind.
func (c *club) pointAt(address url.URL) {
	c.t.Helper()
	password, _ := address.User.Password()
	c.write("conf.py", fmt.Sprintf(`SECRET_KEY = "x"
INSTALLED_APPS = ["shop"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.%s",
        "NAME": %q,
        "USER": %q,
        "PASSWORD": %q,
        "HOST": %q,
        "PORT": %q,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
`, address.Scheme, strings.Trim(address.Path, "/"), address.User.Username(), password, address.Hostname(), address.Port()))
}

// as is the server as somebody else sees it.
func (s *served) as(user, password string) url.URL {
	other := s.address
	other.User = url.UserPassword(user, password)
	return other
}

// What a project can't have on its server is said in the terminal, with what to do about it. Once it
// is mended the next run passes, and nothing is left on the server that hotclub does not know of.
func TestBadInputOnServers(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, c *club, s *served) {
		if s.address.Scheme == "postgresql" {
			s.exec(t, "CREATE ROLE visitor LOGIN PASSWORD 'v'", "CREATE DATABASE visited OWNER visitor")
		} else {
			s.exec(t, "CREATE USER visitor@'%' IDENTIFIED BY 'v'")
		}
		nobody, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		closed := s.address
		closed.Host = nobody.Addr().String()
		nobody.Close()
		for _, bad := range []struct {
			name    string
			address url.URL
			says    map[string][]string // by the kind of server, "" for both
		}{
			{"a wrong password", s.as(s.address.User.Username(), "wrong"), map[string][]string{
				"": {s.address.User.Username(), "PASSWORD"}, "postgresql": {"password authentication failed"}, "mysql": {"Access denied"},
			}},
			{"no right to create databases", s.as("visitor", "v"), map[string][]string{
				"": {"visitor"}, "postgresql": {`ALTER ROLE "visitor" CREATEDB`}, "mysql": {"GRANT"},
			}},
			{"nobody listens", closed, map[string][]string{"": {closed.Port(), "start"}}},
		} {
			t.Run(strings.ReplaceAll(bad.name, " ", "-"), func(t *testing.T) {
				mine := *c
				mine.t = t
				mine.pointAt(bad.address)
				r := mine.hotclub("run", "--python", mine.python, "tests.test_plain")
				said := r.stdout + r.stderr
				if r.status != 3 {
					t.Errorf("status %d, want 3", r.status)
				}
				for _, word := range slices.Concat(bad.says[""], bad.says[s.address.Scheme]) {
					if !strings.Contains(said, word) {
						t.Errorf("it doesn't say %q", word)
					}
				}
				if password, _ := s.address.User.Password(); strings.Contains(said, password) {
					t.Error("it tells the password")
				}
				if t.Failed() {
					t.Logf("it says\n%s", said)
				}
				mine.agrees(s)
			})
		}
		c.pointAt(s.address)
		c.plain()
		c.agrees(s)
	})
}

// A server that goes away in the middle of a run costs the tests that need it, not the daemon: the
// run ends and says why, and the next one, on a server that is there again, passes.
//
// Case 28 (dbclone/failures_test.go): leased.
func TestServerGoesOnServers(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, c *club, s *served) {
		c.release()
		c.plain()
		c.hold()
		daemon := c.status().Daemon.PID
		o := c.begin("tests.test_hold")
		c.awaitSign("one")
		s.stop(t)
		c.release()
		broken := o.story()
		broken.complete(t)
		if broken.status == 0 || broken.finished.Counts[runner.Passed] == len(broken.tests) {
			t.Errorf("status %d, counts %v: a server that is gone was not noticed", broken.status, broken.finished.Counts)
		}
		during := c.hotclub("run", "--python", c.python, "tests.test_plain")
		if said := during.stdout + during.stderr; during.status == 0 || !strings.Contains(said, s.address.Port()) {
			t.Errorf("without a server: status %d\n%s", during.status, said)
		}
		s.restart(t)
		c.plain()
		c.plain()
		if now := c.status().Daemon.PID; now != daemon {
			t.Errorf("the daemon is process %d and was %d", now, daemon)
		}
		c.agrees(s)
	})
}

// A server that was restarted while nobody ran anything is met again; nothing is migrated anew.
//
// Case 28: idle.
func TestServerRestartsOnServers(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, c *club, s *served) {
		c.plain()
		c.agrees(s)
		migrated := c.migrated()
		s.stop(t)
		s.restart(t)
		c.plain()
		if now := c.migrated(); now != migrated {
			t.Errorf("migrated %d times, and %d times before the restart", now, migrated)
		}
		c.agrees(s)
	})
}

// migrated counts how often the migrations of testdata/faults were carried out.
func (c *club) migrated() int {
	text, _ := os.ReadFile(c.root + "/signs/migrated")
	return strings.Count(string(text), "given")
}

// Case 37: what bears a name like ours without our mark, and the developer's own database, outlive every
// sweep.
func TestOthersDatabasesOnServers(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, c *club, s *served) {
		others := []string{"bookshop", "hcb_0123456789abcdef", "hcc_0123456789abcdef", "hct_0123456789abcdef", "test_bookshop"}
		for _, name := range others {
			s.exec(t, "CREATE DATABASE "+name)
		}
		c.plain()
		for _, action := range []string{"sweep", "rebuild", "sweep"} {
			if r := c.hotclub("db", action, "--python", c.python); r.status != 0 {
				t.Errorf("db %s: status %d\n%s", action, r.status, r.stderr)
			}
		}
		c.plain()
		if r := c.hotclub("stop", "--all"); r.status != 0 {
			t.Errorf("stop: status %d\n%s", r.status, r.stderr)
		}
		there := append(s.databases(t, ""), s.databases(t, "hc")...)
		for _, name := range others {
			if !slices.Contains(there, name) {
				t.Errorf("%s is gone", name)
			}
		}
	})
}

// Where a server takes few connections, a run with more workers than it has room for says so once, with
// numbers and what to do, and goes on with as many as there is room for. Nobody is refused.
func TestConnectionsRunOutOnServers(t *testing.T) {
	t.Parallel()
	t.Run("postgresql", func(t *testing.T) {
		t.Parallel()
		s := startPostgres(t, "max_connections=12", "superuser_reserved_connections=3")
		connectionsRunOut(t, databaseDjango(t, s.django), s, "takes 12 connections, of which 3 are reserved",
			"ALTER ROLE "+developer+" CONNECTION LIMIT 5", `the role "developer" may have 5 connections`)
	})
	t.Run("mariadb", func(t *testing.T) {
		t.Parallel()
		d := databaseDjango(t, "5.2")
		connectionsRunOut(t, d, startSmallMariaDB(t, d, 10), "takes 10 connections, of which others have 0 and Hotclub itself needs 4",
			"ALTER USER "+developer+"@'%' WITH MAX_USER_CONNECTIONS 5", "the user `developer`@`%` may have 5 connections")
	})
}

// startSmallMariaDB starts one that takes few connections; the developer there is no administrator.
func startSmallMariaDB(t *testing.T, d django, connections int) *served {
	t.Helper()
	if d.missing(t, "MySQLdb") {
		t.Skipf("%s has no MySQLdb", d.python)
	}
	s := startMariaDB(t, fmt.Sprintf("--max-connections=%d", connections))
	s.exec(t, fmt.Sprintf("CREATE USER %s@'%%' IDENTIFIED BY '%s'", developer, secret),
		"GRANT ALL ON `hotclub`.* TO "+developer+"@'%'", "GRANT ALL ON `hc%`.* TO "+developer+"@'%'")
	s.address = s.as(developer, secret)
	return s
}

// connectionsRunOut is on a server that has no room for eight workers but for two, and how that and a
// limit of the developer's are told.
func connectionsRunOut(t *testing.T, d django, s *served, numbers, limit, limited string) {
	t.Helper()
	c := newServed(t, d.python, s)
	c.write("tests/test_crowd.py", crowd(12))
	for _, workers := range []string{"8", "8", "2", "8"} { // what waits in between must make way
		r := c.run("-n", workers, "tests.test_crowd")
		r.complete(t)
		if r.status != 0 || r.finished.Counts[runner.Passed] != 24 {
			t.Errorf("%s workers: status %d\n%s\n%s", workers, r.status, r.stdout, r.stderr)
		}
		want := 0
		if workers == "8" {
			want = 1
		}
		if strings.Count(r.stderr, "max_connections") != want || want == 1 && !strings.Contains(r.stderr, numbers) || strings.Contains(r.stderr, "Declined") {
			t.Errorf("%s workers: it says\n%s", workers, r.stderr)
		}
	}
	c.hold()
	other := c.begin("-n", "2", "tests.test_hold")
	c.awaitSign("one")
	r := c.run("-n", "8", "tests.test_crowd")
	if r.status != 0 || !strings.Contains(r.stderr, "there is room for") {
		t.Errorf("while another run is on: status %d, and it says\n%s", r.status, r.stderr)
	}
	c.release()
	if held := other.story(); held.status != 0 {
		t.Errorf("the other run: status %d\n%s", held.status, held.stderr)
	}
	if n := s.refused(t); n > 0 {
		t.Errorf("the server has refused %d connections", n)
	}
	s.exec(t, limit)
	r = c.run("-n", "8", "tests.test_crowd")
	if r.status != 0 || !strings.Contains(r.stderr, limited) {
		t.Errorf("a role with few connections: status %d, and it says\n%s", r.status, r.stderr)
	}
	c.agrees(s)
}

// Where others have taken all connections, a run makes do with a worker that has one, or says that there
// is none left; it never hangs.
func TestRefusedConnectionsOnServers(t *testing.T) {
	t.Parallel()
	d := databaseDjango(t, "5.2")
	s := startSmallMariaDB(t, d, 12)
	c := newServed(t, d.python, s)
	c.write("tests/test_crowd.py", crowd(12))
	c.plain()
	leave := s.fill(t)
	for range 2 {
		r := c.run("-n", "8", "tests.test_crowd")
		r.complete(t)
		if !strings.Contains(r.stderr, "max_connections") {
			t.Errorf("status %d, and nothing about max_connections\n%s\n%s", r.status, r.stdout, r.stderr)
		}
	}
	leave()
	if r := c.run("-n", "1", "tests.test_crowd"); r.status != 0 {
		t.Errorf("one worker: status %d\n%s\n%s", r.status, r.stdout, r.stderr)
	}
	c.agrees(s)
}

// Tests whose threads have connections of their own get those that a server has left: workers that only
// wait for a run make way, as there are none with Django.
func TestConnectionsOfThreadsOnServers(t *testing.T) {
	t.Parallel()
	own := func(t *testing.T, d django, s *served, left int) { // by one worker
		c := newServed(t, d.python, s)
		c.write("tests/test_crowd.py", crowd(12))
		c.write("tests/test_threads.py", threads(left))
		for range 2 {
			if r := c.run("-n", "8", "tests.test_crowd"); r.status != 0 { // leaves workers that wait
				t.Errorf("many workers: status %d\n%s\n%s", r.status, r.stdout, r.stderr)
			}
			if r := c.run("-n", "1", "tests.test_threads"); r.status != 0 {
				t.Errorf("one worker with threads: status %d\n%s\n%s", r.status, r.stdout, r.stderr)
			}
		}
		c.agrees(s)
	}
	t.Run("postgresql", func(t *testing.T) {
		t.Parallel()
		s := startPostgres(t, "max_connections=12", "superuser_reserved_connections=3")
		own(t, databaseDjango(t, s.django), s, 4) // the harness has one of its own
	})
	t.Run("mariadb", func(t *testing.T) {
		t.Parallel()
		d := databaseDjango(t, "5.2")
		own(t, d, startSmallMariaDB(t, d, 10), 5)
	})
}

// threads is a test module whose tests have so many connections at once beside their own.
func threads(number int) string {
	return fmt.Sprintf(`from threading import Barrier, Thread

from django.db import connection
from django.test import TransactionTestCase

from shop.models import Item


class Threads(TransactionTestCase):
    def together(self):
        counts, all_there = [], Barrier(%d)

        def count():
            try:
                counts.append(Item.objects.count())
            except Exception as error:
                counts.append(error)
            all_there.wait()
            connection.close()

        threads = [Thread(target=count) for _ in range(%[1]d)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        return counts

    def test_1(self):
        self.assertEqual(self.together(), %[1]d * [1])

    def test_2(self):
        self.assertEqual(self.together(), %[1]d * [0])
`, number)
}

// crowd is a test module of classes that commit, as many as may run at once.
func crowd(classes int) string {
	text := "from django.test import TransactionTestCase\n\nfrom shop.models import Item\n"
	for i := range classes {
		text += fmt.Sprintf(`

class Crowd%d(TransactionTestCase):
    def test_1_commits(self):
        Item.objects.create(name="reed")
        self.assertEqual(Item.objects.count(), 2)

    def test_2_finds_nothing(self):
        self.assertEqual(Item.objects.count(), 0)
`, i)
	}
	return text
}

// Case 39: after the daemon was killed in the middle of a run, the next one takes over what it left:
// nothing is migrated anew and the server holds what hotclub says.
func TestKilledDaemonOnServers(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, c *club, s *served) {
		c.release()
		c.plain()
		c.hold() // forgets that it has migrated
		c.begin("tests.test_hold")
		c.awaitSign("one")
		kill(t, c.status().Daemon.PID)
		eventually(t, "the end of what belonged to the daemon", func() bool { return len(c.processes()) == 0 })
		c.release()
		c.plain()
		if again := c.migrated(); again > 0 {
			t.Errorf("migrated %d times after the daemon was killed", again)
		}
		c.agrees(s)
	})
}

// The doctor connects to the servers of a project's settings and says what is missing, also when the
// project's Python lacks the driver. It leaves nothing on the server.
func TestDoctorOnServers(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, c *club, s *served) {
		ask := func(python string) (status int, said string) {
			r := c.hotclub("doctor", "--python", python)
			return r.status, r.stdout + r.stderr
		}
		if status, said := ask(c.python); status != 0 || !strings.Contains(said, "every worker gets a clone") || !strings.Contains(said, s.address.Port()) {
			t.Errorf("a server that is willing: status %d\n%s", status, said)
		}
		if status, said := ask(newest(t).python); status != 3 || !strings.Contains(said, "-m pip install") {
			t.Errorf("no driver: status %d\n%s", status, said)
		}
		c.pointAt(s.as(s.address.User.Username(), "wrong"))
		if status, said := ask(c.python); status != 3 || !strings.Contains(said, "→") || !strings.Contains(said, s.address.User.Username()) {
			t.Errorf("a wrong password: status %d\n%s", status, said)
		}
		if left := s.databases(t, "hc"); len(left) > 0 {
			t.Errorf("left on the server: %q", left)
		}
	})
}
