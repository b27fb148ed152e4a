package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Superuser owns a cluster; it needs no password, nor does any other role.
const Superuser = "postgres"

// patience is how long a server may take to start or stop.
const patience = 30 * time.Second

// Cluster is a running PostgreSQL server.
type Cluster struct {
	Host string // folder of the socket
	Port string // names the socket; also a port of 127.0.0.1 after [Loopback]
	User string // a superuser
	Dir  string // all that belongs to it; the data is in "data", what the server says in "log"

	bin      string
	settings []string
	process  *exec.Cmd
	ended    chan error // of the process
}

// Loopback among the settings of [Start] makes the server listen on a port of 127.0.0.1 as well.
const Loopback = "listen_addresses=127.0.0.1"

// Start runs a server until the test ends. Settings are "name=value", as in postgresql.conf.
func Start(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	c, err := Launch(t.Context(), settings...)
	give(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.said())
		}
		if err := c.Remove(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// Launch is [Start] for what outlives a test, such as a TestMain. The caller calls Remove.
func Launch(ctx context.Context, settings ...string) (*Cluster, error) {
	bin, err := find()
	if err != nil {
		return nil, err
	}
	dir, err := newFolder()
	if err != nil {
		return nil, fmt.Errorf("pgtest: making a folder for a server: %w", err)
	}
	c := &Cluster{Host: dir, Port: "5432", User: Superuser, Dir: dir, bin: bin, settings: settings}
	err = copyData(ctx, bin, c.data())
	if err == nil && strings.Contains(strings.Join(settings, "\n"), Loopback) {
		c.Port, err = freePort()
	}
	if err == nil {
		err = c.start(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, c.Remove())
	}
	return c, nil
}

func (c *Cluster) data() string { return filepath.Join(c.Dir, "data") }

// start runs the server and waits until it answers.
func (c *Cluster) start(ctx context.Context) error {
	args := []string{"-D", c.data(), "-k", c.Dir, "-p", c.Port}
	for _, setting := range append([]string{
		"listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off",
		"shared_buffers=32MB", "max_wal_size=256MB", "log_min_messages=warning",
	}, c.settings...) {
		args = append(args, "-c", setting)
	}
	log, err := os.OpenFile(filepath.Join(c.Dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(c.bin, "postgres"), args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.Dir, log, log
	Unprivileged(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("pgtest: starting the server: %w", err)
	}
	c.process, c.ended = cmd, make(chan error, 1)
	go func() { c.ended <- cmd.Wait() }()
	return c.await(ctx)
}

// await returns once the server takes connections. There is no event for that, so it asks.
func (c *Cluster) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.DSN("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("pgtest: the server does not answer: %w\n%s", err, c.said()), c.stop(immediate))
		case ended := <-c.ended:
			c.process = nil
			return fmt.Errorf("pgtest: the server ended: %w\n%s", ended, c.said())
		case <-tick.C:
		}
	}
}

// said is the end of the server's log.
func (c *Cluster) said() string {
	text, _ := os.ReadFile(filepath.Join(c.Dir, "log"))
	return string(text[max(0, len(text)-4000):])
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}
