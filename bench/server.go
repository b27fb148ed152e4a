package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// server is a database server of the lab's own, which .ci/servers started from Debian's packages: as
// these have it, with files on the disk for which every commit waits, or else volatile, in memory
// where there is room.
type server struct {
	kind   string // "postgres" or "mariadb"
	script string
	dir    string
	url    *url.URL
}

// serve starts a server. The caller ends it.
func (l *lab) serve(ctx context.Context, kind string) (*server, error) {
	parent, options := "", []string{"--durable"}
	if l.volatile {
		options = nil
		if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
			parent = "/dev/shm"
		}
	}
	dir, err := os.MkdirTemp(parent, "hcb-"+kind+"-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // the server is another user where root asks for it
		return nil, err
	}
	s := &server{kind: kind, script: filepath.Join(l.module, ".ci", "servers"), dir: filepath.Join(dir, kind)}
	// The server goes on when the script has ended, with none of its outputs open.
	if _, err := call(ctx, l.module, os.Environ(), s.script, append([]string{"start", kind, s.dir}, options...)...); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(s.dir, "url"))
	if err == nil {
		s.url, err = url.Parse(strings.TrimSpace(string(text)))
	}
	if err != nil {
		s.end()
	}
	return s, err
}

func (s *server) end() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // also after an interrupt
	defer cancel()
	if output, err := exec.CommandContext(ctx, s.script, "stop", s.dir).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s stop %s: %v\n%s", s.script, s.dir, err, output)
	}
	os.RemoveAll(filepath.Dir(s.dir))
}

// drivers are the packages by which Django and pytest-django reach the servers.
var drivers = map[string][]string{
	"postgres": {"psycopg==3.2.13", "psycopg-binary==3.2.13"},
	"mariadb":  {"mysqlclient==2.2.8"},
}

// tblib is how failures get from a process of --parallel to the other.
var pytest = []string{"tblib==3.1.0", "pytest==8.4.2", "pytest-django==4.14.0", "pytest-xdist==3.8.0", "execnet==2.1.2"}

// on is a lab that works on a server: with the Python and Django of this one, a driver and
// pytest-django.
func (l *lab) on(ctx context.Context, s *server) (*lab, error) {
	other := *l
	other.tests = 0 // they have not passed there yet
	other.extra = []string{"BOOKSHOP_DATABASE=" + s.url.String()}
	env := os.Environ()
	if s.kind == "mariadb" {
		version, err := exec.CommandContext(ctx, l.python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").Output()
		if err != nil {
			return nil, fmt.Errorf("asking %s for its version: %w", l.python, err)
		}
		wheels, err := call(ctx, l.module, env, s.script, "drivers", strings.TrimSpace(string(version)))
		if err != nil {
			return nil, err
		}
		env = append(env, "PIP_FIND_LINKS="+strings.TrimSpace(string(wheels.stdout)))
	}
	var err error
	other.python, err = l.pythonWithPackages(ctx, env, append(drivers[s.kind], pytest...))
	return &other, err
}

// settings are the server as DATABASES has it, with a database of some name.
func (s *server) settings(name string) string {
	backend := map[string]string{"postgres": "postgresql", "mariadb": "mysql"}[s.kind]
	password, _ := s.url.User.Password()
	return fmt.Sprintf(`{"default": {"ENGINE": "django.db.backends.%s", "NAME": %q, "USER": %q, "PASSWORD": %q, "HOST": %q, "PORT": %q}}`,
		backend, name, s.url.User.Username(), password, s.url.Hostname(), s.url.Port())
}
