package mysql

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotclub/dbclone"
	"hotclub/dbclone/clonetest"
	"hotclub/dbclone/mysql/mysqltest"
)

// refused meets a server and wants an error of one line with a remedy.
func refused(t *testing.T, settings dbclone.Server, remedy string) error {
	t.Helper()
	e := New()
	defer e.Leave()
	_, err := e.Meet(t.Context(), settings, dbclone.NewOwner("test"))
	var refused *dbclone.ServerError
	if !errors.As(err, &refused) {
		t.Fatalf("got error %v", err)
	}
	if !strings.Contains(refused.Remedy, remedy) {
		t.Fatalf("got remedy %q, want %q; %v", refused.Remedy, remedy, err)
	}
	if strings.Contains(err.Error(), mysqltest.Password) {
		t.Fatalf("the password is in %q", err)
	}
	return err
}

func TestMeetSaysWhatIsWrong(t *testing.T) {
	s := theServer(t)
	refused(t, s.With(map[string]string{"password": "wrong"}), "USER and PASSWORD")
	refused(t, s.With(map[string]string{"password": ""}), "USER and PASSWORD")
	refused(t, s.With(map[string]string{"port": "1"}), "start the server")
	refused(t, s.With(map[string]string{"host": "", "unix_socket": filepath.Join(t.TempDir(), "none")}), "start the server")
	e := New()
	for settings, want := range map[string]dbclone.Server{
		"PORT":              {"host": "127.0.0.1", "port": "many"},
		"ssl_mode":          {"host": "127.0.0.1", "ssl_mode": "SOMEHOW"},
		"ssl_ca":            {"host": "127.0.0.1", "ssl_ca": filepath.Join(t.TempDir(), "none.pem")},
		"read_default_file": {"read_default_file": filepath.Join(t.TempDir(), "none.cnf")},
	} {
		if _, err := e.Meet(t.Context(), want, dbclone.NewOwner("test")); err == nil || !strings.Contains(err.Error(), settings) {
			t.Errorf("got error %v, want one about %s", err, settings)
		}
	}
	fails(t, e.Drop(t.Context(), dbclone.Spot{Name: "hcc_x", Server: "me@nowhere:1"}), dbclone.ErrUnmet)
}

func TestVersions(t *testing.T) {
	for version, want := range map[string]string{
		"10.11.19-MariaDB-0+deb12u1":   "",
		"5.5.5-10.6.1-MariaDB":         "",
		"11.4.2-MariaDB-ubu2404":       "",
		"8.0.35":                       "",
		"8.4.0-commercial":             "",
		"9.1.0":                        "",
		"8.0.mysql_aurora.3.05.2":      "",
		"10.5.23-MariaDB":              "too old",
		"5.5.68-MariaDB":               "too old",
		"5.7.44-log":                   "too old",
		"8.0.11-TiDB-v7.5.0":           "only speaks",
		"8.0.30-Vitess":                "only speaks",
		"something":                    "no version",
		"10.6.16-MariaDB-enterprise-1": "",
	} {
		err := supported(version)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", version, err, want)
		}
	}
}

func TestMeetIsTheSameInEveryProcess(t *testing.T) {
	s := theServer(t)
	first, second := New(), New()
	defer first.Leave()
	defer second.Leave()
	one, err := first.Meet(t.Context(), s.Settings(), dbclone.NewOwner("test"))
	ok(t, err)
	two, err := second.Meet(t.Context(), s.Settings(), dbclone.NewOwner("test"))
	ok(t, err)
	again, err := first.Meet(t.Context(), s.Settings(), dbclone.NewOwner("test"))
	ok(t, err)
	same(t, "met", two, one)
	same(t, "met again", again, one)
	same(t, "id", one.ID, fmt.Sprintf("hotclub@127.0.0.1:%d", s.Port))
	for _, each := range []string{"version=", "sql_mode=", "collation_server=", "lower_case_table_names=", "default_storage_engine=InnoDB"} {
		if !strings.Contains(one.Traits, each) {
			t.Errorf("%s is not in %q", each, one.Traits)
		}
	}
	other, err := second.Meet(t.Context(), s.With(map[string]string{"init_command": "SET sql_mode = 'ANSI_QUOTES'"}), dbclone.NewOwner("test"))
	ok(t, err)
	same(t, "id", other.ID, one.ID)
	if other.Traits == one.Traits {
		t.Error("an init_command makes no difference")
	}
	_, err = second.Strays(t.Context(), one.ID)
	ok(t, err)
}

func TestOptionFile(t *testing.T) {
	s := theServer(t)
	dir := t.TempDir()
	ok(t, os.WriteFile(filepath.Join(dir, "more.cnf"), []byte("[client]\nuser = "+mysqltest.User+"\n"), 0o600))
	file := filepath.Join(dir, "my.cnf")
	ok(t, os.WriteFile(file, fmt.Appendf(nil, `# of this test
[mysqld]
port = 1
user=nobody
[client]
password = "wrong"
!include more.cnf
port=%d   # of the server
[ django ]
password = 'se\'cret \\ ö#1'
loose_ssl_mode=DISABLED
host = 127.0.0.1
`, s.Port), 0o600))
	e := New()
	defer e.Leave()
	met, err := e.Meet(t.Context(), dbclone.Server{"read_default_file": file, "read_default_group": "django"}, dbclone.NewOwner("test"))
	ok(t, err)
	same(t, "id", met.ID, fmt.Sprintf("hotclub@127.0.0.1:%d", s.Port))
	refused(t, dbclone.Server{"read_default_file": file, "host": "127.0.0.1"}, "USER and PASSWORD")

	ok(t, os.WriteFile(filepath.Join(dir, "more.cnf"), []byte("!include my.cnf\n"), 0o600))
	if _, err := readOptions(file, nil); err == nil {
		t.Error("files that include each other were read")
	}
}

func TestAddresses(t *testing.T) {
	for want, given := range map[string]map[string]string{
		"unix /some/socket":   {"host": "/some/socket"},
		"unix /other/socket":  {"unix_socket": "/other/socket"},
		"unix /third/socket":  {"host": "localhost", "port": "3307", "unix_socket": "/third/socket"},
		"tcp [::1]:3306":      {"host": "::1"},
		"tcp 127.0.0.1:3307":  {"host": "127.0.0.1", "port": "3307", "unix_socket": "/not/used"},
		"tcp db.example:3306": {"host": "db.example", "port": ""},
	} {
		network, addr, err := address(given)
		ok(t, err)
		same(t, "address", network+" "+addr, want)
	}
}

// Case 32: what the remedy says is enough, and less is not.
func TestCase32Rights(t *testing.T) {
	s := theServer(t)
	b := newBench(t, s)
	b.exec("", "DROP USER IF EXISTS small@'%'; CREATE USER small@'%' IDENTIFIED BY 'x'; GRANT SELECT ON *.* TO small@'%'")
	t.Cleanup(func() {
		_, err := b.db.ExecContext(context.Background(), "DROP USER small@'%'")
		ok(t, err)
	})
	settings := s.With(map[string]string{"user": "small", "password": "x"})
	err := refused(t, settings, "GRANT ALL PRIVILEGES ON")
	var server *dbclone.ServerError
	errors.As(err, &server)
	for _, pattern := range []string{"`hotclub`.*", "`hcb\\_%`.*", "`hct\\_%`.*", "`hcc\\_%`.*"} {
		if !strings.Contains(server.Remedy, pattern) {
			t.Fatalf("%s is not in %q", pattern, server.Remedy)
		}
		b.exec("", "GRANT ALL PRIVILEGES ON "+pattern+" TO small@'%'")
	}
	b.exec("", "REVOKE SELECT ON *.* FROM small@'%'")
	small := newBench(t, s)
	small.Engine = New()
	met, err := small.Meet(t.Context(), settings, small.owner)
	ok(t, err)
	defer small.Leave()
	small.id, small.user = met.ID, "small"
	template, _ := small.template("CREATE TABLE a (id int AUTO_INCREMENT PRIMARY KEY); INSERT INTO a VALUES (1), (5); CREATE VIEW v AS SELECT * FROM a")
	clone := small.clone(template)
	b.exec(clone.Name, "DELETE FROM a")
	ok(t, small.Reset(t.Context(), template, clone))
	same(t, "rows", b.value("SELECT GROUP_CONCAT(id) FROM "+clone.Name+".v"), "1,5")
	// Taken away later, in the middle of a session.
	b.exec("", "REVOKE ALL PRIVILEGES ON `hcc\\_%`.* FROM small@'%'")
	err = small.Clone(t.Context(), template, small.spot("c"))
	if !errors.As(err, &server) || server.Remedy != grants {
		t.Errorf("got error %v", err)
	}
	b.exec("", "GRANT ALL PRIVILEGES ON `hcc\\_%`.* TO small@'%'")
	// The definer is not one of theirs.
	b.exec(clone.Name, "CREATE VIEW w AS SELECT 1 AS x")
	_, err = small.Seal(t.Context(), clone)
	ok(t, err)
	err = small.Clone(t.Context(), clone, small.spot("c"))
	if !errors.As(err, &server) || !strings.Contains(server.Remedy, "definer") {
		t.Errorf("got error %v", err)
	}
}

// A server with a binary log lets ordinary users make no triggers and routines, unless it is told to.
func TestBinaryLogWantsTrust(t *testing.T) {
	s := mysqltest.Start(t, "--log-bin=changes", "--server-id=1", "--log-bin-trust-function-creators=1")
	b := newBench(t, s)
	b.exec("", "CREATE USER small@'%' IDENTIFIED BY 'x'; GRANT ALL PRIVILEGES ON `hotclub`.* TO small@'%'; GRANT ALL PRIVILEGES ON `hc%`.* TO small@'%'")
	small := newBench(t, s)
	small.Engine = New()
	met, err := small.Meet(t.Context(), s.With(map[string]string{"user": "small", "password": "x"}), small.owner)
	ok(t, err)
	defer small.Leave()
	small.id, small.user = met.ID, "small"
	template, _ := small.template("CREATE TABLE a (id int PRIMARY KEY); CREATE TRIGGER up BEFORE INSERT ON a FOR EACH ROW SET NEW.id = NEW.id + 1")
	clone := small.clone(template)
	b.exec("", "SET GLOBAL log_bin_trust_function_creators = 0")
	err = small.Clone(t.Context(), template, small.spot("c"))
	var server *dbclone.ServerError
	if !errors.As(err, &server) || !strings.Contains(server.Remedy, "log_bin_trust_function_creators") {
		t.Errorf("got error %v", err)
	}
	// Where no trigger is in the way, nothing is needed.
	same(t, "dirty", small.dirty(template, clone), false)
	b.exec("", "SET GLOBAL log_bin_trust_function_creators = 1")
	b.exec(clone.Name, "INSERT INTO a VALUES (1)")
	ok(t, small.Reset(t.Context(), template, clone))
	same(t, "rows", b.value("SELECT COUNT(*) FROM "+clone.Name+".a"), "0")
}

// A server may give each table a primary key that nobody asked for, and may hide it.
func TestPrimaryKeysThatNobodyAskedFor(t *testing.T) {
	if theServer(t).MariaDB() {
		t.Skip("MariaDB does neither demand nor make primary keys")
	}
	s := mysqltest.Start(t, "--sql-require-primary-key=ON", "--sql-generate-invisible-primary-key=ON",
		"--show-gipk-in-create-table-and-information-schema=OFF")
	b := newBench(t, s)
	template, sealed := b.template("CREATE TABLE a (t varchar(20)); INSERT INTO a VALUES ('x'), ('y'), ('z'); DELETE FROM a WHERE t = 'y'")
	clone := b.clone(template)
	const keys = "SELECT GROUP_CONCAT(my_row_id, t) FROM "
	same(t, "keys", b.value(keys+clone.Name+".a"), "1x,3z")
	b.exec(clone.Name, "UPDATE a SET t = 'w' WHERE t = 'z'; INSERT INTO a VALUES ('v')")
	ok(t, b.Reset(t.Context(), template, clone))
	same(t, "keys", b.value(keys+clone.Name+".a"), "1x,3z")
	ok(t, b.Check(t.Context(), template, sealed))
	small := mysqltest.Start(t, "--sql-require-primary-key=ON")
	newBench(t, small)
}

// Case 31.
func TestCase31MaxConnections(t *testing.T) {
	s := mysqltest.Start(t, "--max-connections=10")
	var held []interface{ Close() error }
	for range 10 {
		db := s.Open(t, "")
		conn, err := db.Conn(t.Context())
		if err != nil {
			break
		}
		held = append(held, conn)
	}
	conn, err := s.Open(t, "").Conn(t.Context())
	if err == nil {
		held = append(held, conn) // one more is kept for administrators
	}
	refused(t, s.Settings(), "max_connections")
	for _, each := range held {
		ok(t, each.Close())
	}
}

// Somebody's own database may be named as the one for labels.
func TestRegistryOfSomebodyElse(t *testing.T) {
	s := mysqltest.Start(t)
	db := s.Open(t, "")
	_, err := db.ExecContext(t.Context(), "CREATE DATABASE hotclub; CREATE TABLE hotclub.members (id int)")
	ok(t, err)
	e := New()
	defer e.Leave()
	_, err = e.Meet(t.Context(), s.Settings(), dbclone.NewOwner("test"))
	if err == nil || !strings.Contains(err.Error(), "members") {
		t.Fatalf("got error %v", err)
	}
	same(t, "databases", len(databases(t, db)), len([]string{"information_schema", "hotclub", "mysql", "performance_schema", "sys"}))
}

// Case 28, and 34: the server is restarted, then the session with the locks is cut off.
func TestCase28And34RestartAndCut(t *testing.T) {
	s := mysqltest.Start(t)
	b := newBench(t, s)
	template, sealed := b.template("CREATE TABLE a (id int AUTO_INCREMENT PRIMARY KEY); INSERT INTO a VALUES (1), (5)")
	clone := b.clone(template)
	lock := "IS_USED_LOCK('" + b.servers[b.id].alive.lock(b.owner.ID) + "')"
	alive := func() { // others take us for dead after 6 s
		t.Helper()
		clonetest.EventuallyIn(t, 5*time.Second, "the owner lives again", func() bool { return b.value("SELECT "+lock+" IS NOT NULL") == "1" })
	}
	for name, stop := range map[string]func() error{"in good order": s.Down, "killed": s.Kill} {
		b.exec("", "FLUSH ENGINE LOGS") // the server of these tests writes them once a second
		ok(t, stop())
		if _, err := b.Meet(t.Context(), s.Settings(), b.owner); err == nil {
			t.Fatal("met a server that is down")
		}
		ok(t, s.Up(t.Context()))
		b.db = s.Open(t, "")
		alive()
		met, err := b.Meet(t.Context(), s.Settings(), b.owner)
		ok(t, err)
		same(t, "id", met.ID, b.id)
		ok(t, b.Check(t.Context(), template, sealed))
		b.exec(clone.Name, "INSERT INTO a VALUES (9)")
		restored, err := b.Restore(t.Context(), template, clone, dbclone.Pristine)
		ok(t, err)
		same(t, name, restored, dbclone.Restored{Tables: 1})
	}
	b.exec("", "KILL "+b.value("SELECT "+lock))
	alive()
}

// Case 34: the network is cut so that only the server notices, which gives the lock up. We must ask, and
// come again before others have looked twice.
func TestCase34SilentCut(t *testing.T) {
	s := theServer(t)
	b := newBench(t, s)
	between := clonetest.NewRelay(t, net.JoinHostPort(s.Settings()["host"], s.Settings()["port"]))
	e, owner := New(), dbclone.NewOwner("cut off")
	defer e.Leave()
	met, err := e.Meet(t.Context(), s.With(map[string]string{"port": between.Port(t)}), owner)
	ok(t, err)
	lock := "SELECT IS_USED_LOCK('" + e.servers[met.ID].alive.lock(owner.ID) + "') IS NOT NULL"
	same(t, "alive", b.value(lock), "1")
	between.Cut()
	clonetest.Eventually(t, "the server lets go of the lock", func() bool { return b.value(lock) == "0" })
	// 5 s, and what a busy machine takes.
	clonetest.EventuallyIn(t, 8*time.Second, "the owner lives again", func() bool { return b.value(lock) == "1" })
}

func TestSettingsAreNotChanged(t *testing.T) {
	given := dbclone.Server{"host": "127.0.0.1", "user": "me", "password": "x"}
	before := maps.Clone(given)
	_, err := newSettings(given)
	ok(t, err)
	if !maps.Equal(given, before) {
		t.Errorf("got %v", given)
	}
}
