package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"hotclub/lspserver/socket"
	"hotclub/runner"
	"hotclub/runner/config"
)

// doctorCommand is "hotclub doctor".
type doctorCommand struct {
	JSON bool `name:"json" help:"As JSON."`
	projectFlags
}

// Help says what it does not do.
func (doctorCommand) Help() string {
	return `Shows each value and where it came from, and what keeps the project from running, its database
servers included. It starts neither the daemon nor the project, of which the settings are imported.
The exit status is 3 if a check failed.`
}

// Run checks the project and then the daemon.
func (c *doctorCommand) Run(a *app) error {
	checks := a.examine(context.Background(), a.client("hotclub doctor"), c.overrides())
	checks = append(checks, a.checkDaemon())
	if err := c.print(a, checks); err != nil {
		return err
	}
	if failed(checks) {
		return &exit{status: exitProject}
	}
	return nil
}

// examine checks a project, and its databases if its settings can be imported.
func (a *app) examine(ctx context.Context, client runner.Client, overrides runner.Overrides) []config.Check {
	checks := config.Diagnose(ctx, client, overrides, probe{})
	if failed(checks) {
		return checks
	}
	return append(checks, checkDatabases(ctx, client, overrides, a.build.ID)...)
}

func failed(checks []config.Check) bool {
	return slices.ContainsFunc(checks, func(c config.Check) bool { return c.State == config.Fail })
}

func (c *doctorCommand) print(a *app, checks []config.Check) error {
	if c.JSON {
		encoder := json.NewEncoder(a.stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(checks)
	}
	_, err := io.WriteString(a.stdout, described(checks))
	return err
}

// described puts checks into lines.
func described(checks []config.Check) string {
	marks := map[string]string{config.OK: "✔", config.Warn: "!", config.Fail: "✘"}
	var b strings.Builder
	for _, check := range checks {
		fmt.Fprintf(&b, "%s %s: %s\n", marks[check.State], check.Name, check.Detail)
		if check.Remedy != "" {
			fmt.Fprintf(&b, "    → %s\n", check.Remedy)
		}
	}
	return b.String()
}

// diagnose is what doctor says of a project to an editor.
func (a *app) diagnose(ctx context.Context, client runner.Client, overrides runner.Overrides) string {
	return described(a.examine(ctx, client, overrides))
}

// checkDaemon reports on the daemon; that none runs is fine.
func (a *app) checkDaemon() config.Check {
	check := config.Check{Name: "daemon", State: config.OK}
	server, err := a.attach("hotclub doctor")
	switch {
	case errors.Is(err, socket.ErrNoDaemon):
		check.Detail = "not running; the first run starts it"
	case err != nil:
		check.State, check.Detail, check.Remedy = config.Fail, err.Error(), "hotclub stop --all; if that does not help, end the process"
	default:
		defer server.leave()
		d := server.Daemon
		check.Detail = fmt.Sprintf("pid %d, build %s, socket %s, log %s", d.PID, d.Build, d.Socket, d.Log)
	}
	return check
}
