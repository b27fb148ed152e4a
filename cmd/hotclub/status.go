package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"hotclub/lspserver/socket"
	"hotclub/lspserver/wire"
	"hotclub/runner"
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
		printProject(w, p, now)
	}
}

func printProject(w io.Writer, p runner.ProjectStatus, now time.Time) {
	fmt.Fprintf(w, "\n%s\n", p.Root)
	facts := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fact := func(name, value string) {
		if value != "" {
			fmt.Fprintf(facts, "  %s\t%s\n", name, value)
		}
	}
	fact("error", p.Error)
	fact("settings", p.Settings)
	fact("python", joined(p.Versions, p.Python))
	fact("start method", joined(p.StartMethod, p.Reason))
	fact("fallback", p.Rung)
	fact("generation", fmt.Sprintf("%s, %d files read", p.Generation, p.FilesRead))
	fact("last boot", runner.Chain(p.Boot))
	fact("last run", runner.Chain(p.LastRun))
	facts.Flush()
	printWorkers(w, p.Workers, now)
	printDatabases(w, p.Databases, now)
}

func printWorkers(w io.Writer, workers []runner.WorkerStatus, now time.Time) {
	if len(workers) == 0 {
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  WORKER\tKIND\tSTATE\tSINCE\tPID\tMEMORY\tTEST")
	for _, k := range workers {
		memory := ""
		if k.MemoryMB > 0 {
			memory = fmt.Sprintf("%.0f MB", k.MemoryMB)
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%d\t%s\t%s\n", k.Name, k.Kind, k.State, ago(now, k.Since), k.PID, memory, k.Test)
	}
	table.Flush()
}

// printDatabases is also "hotclub db list".
func printDatabases(w io.Writer, databases []runner.DatabaseStatus, now time.Time) {
	if len(databases) == 0 {
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  DATABASE\tALIAS\tENGINE\tKIND\tSTATE\tSIZE\tUSED\tWHY\tOWNER")
	for _, d := range databases {
		used := ""
		if !d.Used.IsZero() {
			used = ago(now, d.Used) + " ago"
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", d.Name, d.Alias, d.Engine, d.Kind, d.State, kilobytes(d.SizeKB), used, d.Why, d.Owner)
	}
	table.Flush()
}

func kilobytes(kb int64) string {
	if kb < 10*1024 {
		return fmt.Sprintf("%d KB", kb)
	}
	return fmt.Sprintf("%d MB", kb/1024)
}

func ago(now, then time.Time) string {
	if then.IsZero() {
		return ""
	}
	return now.Sub(then).Round(time.Second).String()
}

func joined(first, more string) string {
	if first == "" || more == "" {
		return first + more
	}
	return first + " (" + more + ")"
}
