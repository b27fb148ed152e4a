package main

import (
	"context"

	"hotclub/lspserver/client"
	"hotclub/lspserver/socket"
	"hotclub/lspserver/wire"
)

// lspCommand is what an editor starts.
type lspCommand struct {
	Stdio bool `default:"true" hidden:""` // what some editors add by themselves
}

// Help tells how an editor uses it.
func (lspCommand) Help() string {
	return `Editors start this and speak the Language Server Protocol with it over standard input and
output. It only forwards to the daemon, which it starts when needed.`
}

// Run forwards until either side ends.
func (c *lspCommand) Run(a *app) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	place, err := socket.Find(a.build.ID, a.getenv)
	if err != nil {
		return err
	}
	conn, err := a.dialOrStart(ctx, place)
	if err != nil {
		return err
	}
	defer conn.Close()
	return client.Forward(conn, a.stdin, a.stdout, wire.ClientParams{CWD: a.dir, Environment: a.env})
}
