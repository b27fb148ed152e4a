package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"hotclub/lspserver/socket"
	"hotclub/lspserver/wire"
	"hotclub/runner/explain"
)

// statusCommand is "hotclub status".
type statusCommand struct {
	JSON bool `name:"json" help:"As JSON."`
}

// statusReport is the JSON form: whether a daemon runs, and if so its answer.
type statusReport struct {
	Running bool `json:"running"`
	*wire.StatusAnswer
}

// Run asks the daemon, if there is one.
func (c *statusCommand) Run(a *app) error {
	server, err := a.attach("hotclub status")
	if errors.Is(err, socket.ErrNoDaemon) {
		return c.print(a, statusReport{})
	}
	if err != nil {
		return err
	}
	defer server.leave()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	answer, err := server.Status(ctx)
	if err != nil {
		return err
	}
	return c.print(a, statusReport{true, &answer})
}

func (c *statusCommand) print(a *app, r statusReport) error {
	switch {
	case c.JSON:
		encoder := json.NewEncoder(a.stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	case !r.Running:
		_, err := fmt.Fprintln(a.stdout, "No daemon is running; the first run starts it.")
		return err
	}
	printStatus(a.stdout, *r.StatusAnswer, time.Now())
	return nil
}

// printStatus prints a section for the daemon and one for each project.
func printStatus(w io.Writer, s wire.StatusAnswer, now time.Time) {
	fmt.Fprintf(w, "Daemon %d, hotclub %s, build %s\n", s.Daemon.PID, s.Daemon.Version, s.Daemon.Build)
	fmt.Fprintf(w, "Log    %s\n", s.Daemon.Log)
	for _, r := range s.Runs {
		fmt.Fprintf(w, "Run    %s by %s: %d of %d tests, %d failed\n", r.RunID, r.Client, r.Done, r.Total, r.Failed)
	}
	if len(s.Projects) == 0 {
		fmt.Fprintln(w, "No project has workers.")
	}
	for _, p := range s.Projects {
		fmt.Fprintln(w)
		explain.Status(w, p, now)
	}
}
