package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotclub/lspserver/socket"
	"hotclub/lspserver/wire"
)

// restartCommand is "hotclub restart".
type restartCommand struct {
	Dir string `short:"C" name:"directory" placeholder:"DIR" help:"The project around DIR instead of here."`
}

// Run replaces the workers.
func (c *restartCommand) Run(a *app) error {
	server, err := a.attach("hotclub restart")
	if errors.Is(err, socket.ErrNoDaemon) {
		fmt.Fprintln(a.stdout, "No daemon is running; the next run starts with new workers.")
		return nil
	}
	if err != nil {
		return err
	}
	defer server.leave()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	dir := projectFlags{Dir: c.Dir}.directory(a)
	answer, err := server.Restart(ctx, wire.RestartParams{Dir: dir})
	if err != nil {
		return err
	}
	for _, root := range answer.Roots {
		fmt.Fprintln(a.stdout, "Replaced the workers of", root)
	}
	if len(answer.Roots) == 0 {
		fmt.Fprintln(a.stdout, "No workers are running for", dir)
	}
	return nil
}
