package mysqltest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// The user that Start makes may do everything, like the root of a developer's container.
const (
	User     = "hotclub"
	Password = "se'cret \\ ö#1"
)

// ErrNoBinary is why there is no server, on a machine where none is installed.
var ErrNoBinary = errors.New("mysqltest: no MariaDB or MySQL server: apt-get install mariadb-server-core mariadb-client-core, or set HOTCLUB_MYSQLD")

// Server is one running server.
type Server struct {
	Dir    string // private; holds the data, the log and the socket
	Socket string
	Port   int

	binary binary
	args   []string
	run    *process
}

// Start starts a server for one test, with more arguments for its command line if need be.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	return StartProgram(t, named(), args...)
}

// named is the program that the environment asks for, or "".
func named() string { return os.Getenv("HOTCLUB_MYSQLD") }

// StartProgram is Start of a certain server program; "" stands for the one that is installed.
func StartProgram(t testing.TB, program string, args ...string) *Server {
	t.Helper()
	s, err := launch(t.Context(), program, args)
	if errors.Is(err, ErrNoBinary) && os.Getenv("HOTCLUB_NO_SKIP") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Launch starts a server for whoever has no test at hand; the caller closes it.
func Launch(ctx context.Context, args ...string) (*Server, error) { return launch(ctx, named(), args) }

func launch(ctx context.Context, program string, args []string) (_ *Server, err error) {
	binary, err := findBinary(ctx, program)
	if err != nil {
		return nil, err
	}
	dir, err := binary.freshData(ctx)
	if err != nil {
		return nil, err
	}
	s := &Server{Dir: dir, Socket: filepath.Join(dir, "s"), binary: binary, args: args}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := s.Up(ctx); err != nil {
		return nil, err
	}
	return s, s.createUser(ctx)
}

// small keeps MySQL's files below 100 MB: each test copies them.
const small = "--innodb-redo-log-capacity=8M"

// Up starts the server again after [Server.Down] or [Server.Kill], on the same port.
func (s *Server) Up(ctx context.Context) error {
	if s.Port == 0 {
		port, err := freePort(ctx)
		if err != nil {
			return err
		}
		s.Port = port
	}
	args := []string{
		"--no-defaults", "--datadir=" + filepath.Join(s.Dir, "data"), "--tmpdir=" + s.Dir,
		"--socket=" + s.Socket, "--port=" + strconv.Itoa(s.Port), "--bind-address=127.0.0.1",
		"--pid-file=" + filepath.Join(s.Dir, "pid"), "--log-error=" + s.logFile(),
		"--skip-name-resolve", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0",
		"--innodb-buffer-pool-size=64M",
	}
	if !s.binary.mariadb {
		args = append(args, small, "--mysqlx=OFF", "--secure-file-priv=NULL", "--innodb-doublewrite=OFF")
	}
	run, err := start(s.binary.path, append(args, s.args...))
	if err != nil {
		return fmt.Errorf("mysqltest: start %s: %w", s.binary.path, err)
	}
	s.run = run
	return s.waitUntilUp(ctx)
}

func (s *Server) waitUntilUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	db, err := s.root()
	if err != nil {
		return err
	}
	defer db.Close()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := db.PingContext(ctx)
		var refused *mysql.MySQLError
		if err == nil || errors.As(err, &refused) { // root has been locked out, but by a server
			return nil
		}
		select {
		case <-tick.C:
		case <-s.run.done:
			log, _ := os.ReadFile(s.logFile())
			return fmt.Errorf("mysqltest: %s ended while it started: %w\n%s", s.binary.path, s.run.err, log)
		case <-ctx.Done():
			return fmt.Errorf("mysqltest: %s does not answer: %w", s.binary.path, err)
		}
	}
}

// MariaDB reports whether the server is that, and no MySQL.
func (s *Server) MariaDB() bool { return s.binary.mariadb }

func (s *Server) logFile() string { return filepath.Join(s.Dir, "log") }

// Down stops the server in good order.
func (s *Server) Down() error { return s.run.end(os.Interrupt) }

// Kill stops the server as a power failure does.
func (s *Server) Kill() error { return s.run.end(os.Kill) }

// Pause freezes the server until [Server.Resume]: it answers nobody and closes nothing.
func (s *Server) Pause() error  { return s.run.signal(pause) }
func (s *Server) Resume() error { return s.run.signal(resume) }

// Close stops the server and removes its folder.
func (s *Server) Close() error {
	var err error
	if s.run != nil {
		err = s.run.end(os.Kill)
	}
	return errors.Join(err, os.RemoveAll(s.Dir))
}

// Settings are the connection parameters that Django's backend would use, over TCP.
func (s *Server) Settings() map[string]string {
	return map[string]string{"host": "127.0.0.1", "port": strconv.Itoa(s.Port), "user": User, "password": Password}
}

// With are the settings but for some of them. An empty value takes one away.
func (s *Server) With(changes map[string]string) map[string]string {
	settings := s.Settings()
	maps.Copy(settings, changes)
	maps.DeleteFunc(settings, func(_, value string) bool { return value == "" })
	return settings
}

// Open connects to a database as the user. Nothing is prepared on the server, and a query may hold
// several statements. No connection stays open between queries: take a Conn for a session.
func (s *Server) Open(t testing.TB, database string) *sql.DB {
	t.Helper()
	return s.OpenAs(t, User, Password, database)
}

// OpenAs is Open for a user that the test has made.
func (s *Server) OpenAs(t testing.TB, user, password, database string) *sql.DB {
	t.Helper()
	db, err := s.open(user, password, database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func (s *Server) open(user, password, database string) (*sql.DB, error) {
	config := mysql.NewConfig()
	config.User, config.Passwd, config.DBName = user, password, database
	config.Net, config.Addr = "unix", s.Socket
	config.InterpolateParams, config.MultiStatements = true, true
	config.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("mysqltest: %w", err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxIdleConns(-1)
	return db, nil
}

func (s *Server) root() (*sql.DB, error) { return s.open("root", "", "") }

func (s *Server) createUser(ctx context.Context) error {
	db, err := s.root()
	if err != nil {
		return err
	}
	defer db.Close()
	quoted := "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(Password) + "'"
	for _, statement := range []string{
		"CREATE USER IF NOT EXISTS " + User + "@'%' IDENTIFIED BY " + quoted,
		"GRANT ALL ON *.* TO " + User + "@'%' WITH GRANT OPTION",
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("mysqltest: create the user: %w", err)
		}
	}
	return nil
}

func freePort(ctx context.Context) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("mysqltest: find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// binary is a server program and what it calls itself.
type binary struct {
	path    string
	mariadb bool
	version string // as a file name
}

func findBinary(ctx context.Context, program string) (binary, error) {
	candidates := []string{"mariadbd", "/usr/sbin/mariadbd", "mysqld", "/usr/sbin/mysqld"}
	if program != "" {
		candidates = []string{program}
	}
	for _, name := range candidates {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out, err := exec.CommandContext(ctx, path, "--no-defaults", "--version").Output()
		if err != nil {
			return binary{}, fmt.Errorf("mysqltest: %s --version: %w", path, err)
		}
		_, text, _ := strings.Cut(string(out), " Ver ")
		version, _, _ := strings.Cut(text, " ")
		return binary{path: path, mariadb: strings.Contains(version, "MariaDB"), version: filepath.Base(version)}, nil
	}
	return binary{}, ErrNoBinary
}
