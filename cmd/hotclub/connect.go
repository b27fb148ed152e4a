package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"hotclub/lspserver"
	"hotclub/lspserver/client"
	"hotclub/lspserver/session"
	"hotclub/lspserver/socket"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// patience is how long a start of the daemon may take, the end of the one before included.
const patience = 30 * time.Second

// connected is a client and how to leave: with the daemon, or with the server that runs
// within this process.
type connected struct {
	*client.Client
	leave func() error
}

// daemonClient is connected with a daemon, which stays when the client leaves.
func daemonClient(c *client.Client) connected {
	return connected{c, func() error {
		c.Close()
		return nil
	}}
}

func (a *app) client(name string) runner.Client {
	return runner.Client{Name: name, Dir: a.dir, Env: a.env}
}

func (a *app) getenv(name string) string {
	for i := len(a.env) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(a.env[i], name+"="); ok {
			return value
		}
	}
	return ""
}

func (c *runCommand) connect(a *app) (connected, error) {
	if c.NoDaemon {
		return a.inProcess("hotclub run")
	}
	return a.connect("hotclub run")
}

// connect finds the daemon or starts it.
func (a *app) connect(name string) (connected, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	place, err := socket.Find(a.build.ID, a.getenv)
	if err != nil {
		return connected{}, err
	}
	for {
		conn, err := a.dialOrStart(ctx, place)
		if errors.Is(err, socket.ErrNoDaemon) && ctx.Err() == nil {
			continue // it was stopped as soon as it was there
		}
		if err != nil {
			return connected{}, err
		}
		c, err := client.Connect(ctx, conn, a.introduction(name))
		if errors.Is(err, client.ErrLost) && ctx.Err() == nil {
			continue // it was just ending; the next one is waited for
		}
		if err != nil {
			return connected{}, err
		}
		return daemonClient(c), nil
	}
}

// attach is connect for commands that need no daemon when there is none: it then returns
// socket.ErrNoDaemon.
func (a *app) attach(name string) (connected, error) {
	place, err := socket.Find(a.build.ID, a.getenv)
	if err != nil {
		return connected{}, err
	}
	return a.attachAt(place, name)
}

func (a *app) attachAt(place socket.Place, name string) (connected, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := place.Dial(ctx)
	if err != nil {
		return connected{}, err
	}
	c, err := client.Connect(ctx, conn, a.introduction(name))
	if errors.Is(err, client.ErrLost) {
		// It was just ending. When it has let go of everything there is none.
		return connected{}, errors.Join(socket.ErrNoDaemon, place.Ended(ctx))
	}
	if err != nil {
		return connected{}, err
	}
	return daemonClient(c), nil
}

func (a *app) introduction(name string) client.Options {
	return client.Options{Name: name, Dir: a.dir, Env: a.env}
}

// dialOrStart connects to the daemon, starting it first if nobody answers. One client at
// a time starts it; the others find it running then.
func (a *app) dialOrStart(ctx context.Context, place socket.Place) (io.ReadWriteCloser, error) {
	if conn, err := place.Dial(ctx); err == nil {
		return conn, nil
	}
	release, err := place.Starting(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if conn, err := place.Dial(ctx); err == nil {
		return conn, nil
	}
	if err := startDaemon(ctx); err != nil {
		return nil, err
	}
	return place.Dial(ctx)
}

// inProcess serves this one client within the process.
func (a *app) inProcess(name string) (connected, error) {
	engine, err := a.engine(nil)
	if err != nil {
		return connected{}, err
	}
	server := lspserver.New(lspserver.Options{
		Engine: engine, Root: importRoot, Stall: patience,
		Info: wire.DaemonInfo{PID: os.Getpid(), Build: a.build.ID, Version: a.build.Version},
	})
	ours, theirs := session.Duplex()
	served := make(chan error, 1)
	go func() { served <- server.Serve(context.Background(), theirs) }()
	end := func() error {
		<-served
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		return engine.Close(ctx)
	}
	c, err := client.Connect(context.Background(), ours, a.introduction(name))
	if err != nil { // it has hung up, with which the server's session ends
		return connected{}, errors.Join(fmt.Errorf("in this process: %w", err), end())
	}
	return connected{c, func() error {
		c.Close()
		return end()
	}}, nil
}
