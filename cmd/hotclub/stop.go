package main

import (
	"context"
	"errors"
	"fmt"

	"hotclub/lspserver/client"
	"hotclub/lspserver/socket"
	"hotclub/lspserver/wire"
)

// stopCommand is "hotclub stop".
type stopCommand struct {
	Dir string `short:"C" name:"directory" placeholder:"DIR" xor:"what" help:"The project around DIR instead of here."`
	All bool   `xor:"what" help:"All projects and the daemon itself, also those of other versions."`
}

// Help shows examples.
func (stopCommand) Help() string {
	return `Examples:
  hotclub stop          end the workers of the project around here
  hotclub stop --all    end everything; the next command starts it anew`
}

// Run stops; that there is nothing to stop is fine.
func (c *stopCommand) Run(a *app) error {
	place, err := socket.Find(a.build.ID, a.getenv)
	if err != nil {
		return err
	}
	if c.All {
		return c.everything(a, place)
	}
	err = c.at(place, a)
	if errors.Is(err, socket.ErrNoDaemon) {
		fmt.Fprintln(a.stdout, "No daemon is running.")
		return nil
	}
	return err
}

// everything ends the daemons of all builds: after an update the one of the old build is still there.
func (c *stopCommand) everything(a *app, own socket.Place) error {
	others, err := own.Others()
	none := true
	for _, place := range append(others, own) {
		failed := c.at(place, a)
		if !errors.Is(failed, socket.ErrNoDaemon) {
			none = false
			err = errors.Join(err, failed)
		}
	}
	if none && err == nil {
		fmt.Fprintln(a.stdout, "No daemon is running.")
	}
	return err
}

// at asks the daemon of one build, if there is one.
func (c *stopCommand) at(place socket.Place, a *app) error {
	server, err := a.attachAt(place, "hotclub stop")
	if err != nil {
		return err
	}
	defer server.leave()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	dir := projectFlags{Dir: c.Dir}.directory(a)
	answer, err := server.Stop(ctx, wire.StopParams{Dir: dir, All: c.All})
	if err != nil && !errors.Is(err, client.ErrLost) { // lost: somebody else has stopped it
		return err
	}
	for _, root := range answer.Roots {
		fmt.Fprintln(a.stdout, "Stopped", root)
	}
	switch {
	case c.All:
		return ended(ctx, a, place, server)
	case len(answer.Roots) == 0:
		fmt.Fprintln(a.stdout, "No workers are running for", dir)
	}
	return nil
}

// ended waits until the daemon has let go of everything.
func ended(ctx context.Context, a *app, place socket.Place, server connected) error {
	stays := fmt.Errorf("the daemon does not end; end process %d: the next daemon clears away what it leaves", server.Daemon.PID)
	select {
	case <-server.Done():
	case <-ctx.Done():
		return stays
	}
	if err := place.Ended(ctx); err != nil {
		return fmt.Errorf("%w (%w)", stays, err)
	}
	fmt.Fprintf(a.stdout, "Stopped the daemon (pid %d)\n", server.Daemon.PID)
	return nil
}
