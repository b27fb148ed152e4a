package explain

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"hotclub/runner"
)

// changesShown is how many entries of the journal belong to a status.
const changesShown = 3

// Status prints where the workers of a project stand, for "hotclub status" and for editors.
func Status(w io.Writer, p runner.ProjectStatus, now time.Time) {
	fmt.Fprintf(w, "%s\n", p.Root)
	facts := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fact := func(name, value string) {
		if value != "" {
			fmt.Fprintf(facts, "  %s\t%s\n", name, value)
		}
	}
	fact("serves", served(p.Measures))
	fact("error", p.Error)
	fact("state", string(p.State))
	fact("settings", p.Settings)
	fact("python", joined(p.Versions, p.Python))
	fact("start method", joined(p.StartMethod, p.Reason))
	fact("fallback", p.Rung)
	if p.Generation != "" {
		fact("generation", fmt.Sprintf("%s, %d files read", p.Generation, p.FilesRead))
	}
	fact("last boot", runner.Chain(p.Boot))
	fact("last run", runner.Chain(p.LastRun))
	fact("third-party imports", base(p))
	fact("not watched", p.Unwatched)
	name, entries := "changes", Journal(p.Root, p.Changes)
	for _, entry := range entries[:min(len(entries), changesShown)] {
		fact(name, Clock(entry.At, now)+" "+entry.Text)
		name = " " // beside those that follow
	}
	facts.Flush()
	printWorkers(w, p.Workers, now)
	Databases(w, p.Databases, now)
}

func printWorkers(w io.Writer, workers []runner.WorkerStatus, now time.Time) {
	if len(workers) == 0 {
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  WORKER\tKIND\tSTATE\tSINCE\tPID\tMEMORY\tGENERATION\tTEST")
	for _, k := range workers {
		memory := ""
		if k.MemoryMB > 0 {
			memory = fmt.Sprintf("%.0f MB", k.MemoryMB)
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", k.Name, k.Kind, k.State, ago(now, k.Since), k.PID, memory, k.Generation, does(k))
	}
	table.Flush()
}

// served tells which runs a pool is for, where it is not for all.
func served(measures *runner.Measure) string {
	if measures == nil {
		return ""
	}
	what := "lines"
	if measures.Branches {
		what = "lines and branches"
	}
	if len(measures.Sources) > 0 {
		what += " of " + strings.Join(measures.Sources, ", ")
	}
	return "runs with coverage: " + what
}

// base tells whether a boot costs the project's own imports alone.
func base(p runner.ProjectStatus) string {
	for _, worker := range p.Workers {
		if worker.Kind == "base" {
			return "kept by " + worker.Name
		}
	}
	for _, change := range slices.Backward(p.Changes) {
		switch change.Kind {
		case runner.BaseReady:
			return "kept for the next start"
		case runner.BaseRefused:
			return "not kept: " + change.Reason
		}
	}
	return ""
}

// does tells what a worker is at, or ready for.
func does(k runner.WorkerStatus) string {
	switch {
	case k.Test != "":
		return k.Test
	case len(k.Loaded) > 0:
		return "(has loaded " + strings.Join(k.Loaded, ", ") + ")"
	}
	return ""
}

// Databases prints templates and clones; it is also "hotclub db list".
func Databases(w io.Writer, databases []runner.DatabaseStatus, now time.Time) {
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
