package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"hotclub/lspserver/socket"
	"hotclub/lspserver/wire"
)

// explainCommand is "hotclub explain".
type explainCommand struct {
	Label string `arg:"" optional:"" placeholder:"LABEL" help:"A test, class or file, as hotclub run takes it: dotted name, path, path:line. Default: the project's workers."`
	JSON  bool   `name:"json" help:"As JSON."`
	projectFlags
}

// Help shows what it answers.
func (explainCommand) Help() string {
	return `Without a label: what started the project anew, and why, newest first. With one: the last verdict
of the test, where it comes from, and whether it is still about what is on the disk. Nothing is started.

Examples:
  hotclub explain
  hotclub explain shop/tests/test_cart.py:42`
}

// Run asks the daemon; without one there is still the history of verdicts.
func (c *explainCommand) Run(a *app) (err error) {
	server, err := a.attach("hotclub explain")
	if errors.Is(err, socket.ErrNoDaemon) {
		server, err = a.inProcess("hotclub explain")
	}
	if err != nil {
		return err
	}
	defer func() {
		if left := server.leave(); err == nil {
			err = left
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	answer, err := server.Explain(ctx, wire.ExplainParams{Label: c.Label, Project: c.overrides()})
	if err != nil {
		return err
	}
	if c.JSON {
		encoder := json.NewEncoder(a.stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(answer.Explanation)
	}
	// Times are words of the clock of whoever reads them.
	_, err = io.WriteString(a.stdout, answer.Explanation.Text(time.Now()))
	return err
}
