package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"hotclub/lspserver/bridge"
	"hotclub/lspserver/socket"
	"hotclub/lspserver/wire"
)

// lspCommand is what an editor starts.
type lspCommand struct {
	Stdio bool `default:"true" hidden:""` // what some editors add by themselves
}

// Help tells how an editor uses it.
func (lspCommand) Help() string {
	return `A language server for Django tests. Editors start it, in the project's directory and with its
environment, as

    hotclub lsp

and speak the Language Server Protocol with it over standard input and output. The work is done
by the daemon, which all editors and shells share: this process starts it when needed, stands
for the editor there, and carries the editor's session over to a new one should it ever end.
What it has to say of itself goes to standard error.`
}

// Run serves the editor until it leaves.
func (c *lspCommand) Run(a *app) error {
	place, err := socket.Find(a.build.ID, a.getenv)
	if err != nil {
		return err
	}
	err = bridge.Run(context.Background(), a.stdin, a.stdout, bridge.Options{
		Dial: func(ctx context.Context) (io.ReadWriteCloser, error) { return a.dialForEditor(ctx, place) },
		Who:  wire.ClientParams{CWD: a.dir, Environment: a.env},
		Log:  slog.New(slog.NewTextHandler(a.stderr, nil)),
	})
	if errors.Is(err, bridge.ErrNoShutdown) {
		return &exit{status: exitFailed} // LSP demands it
	}
	return err
}

// dialForEditor is dialOrStart for a process that lives long enough to be replaced on disk:
// it can neither find nor start a daemon of its own build then.
func (a *app) dialForEditor(ctx context.Context, place socket.Place) (io.ReadWriteCloser, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := a.dialOrStart(ctx, place)
	if err == nil {
		return conn, nil
	}
	if now, stat := thisBuild(); stat != nil || now.ID != a.build.ID {
		return nil, fmt.Errorf("hotclub was replaced or removed on disk since the editor started it: %w", err)
	}
	return nil, err
}
