package explain

import (
	"fmt"
	"strings"
	"time"

	"hotclub/runner"
)

// Explanation is why a project's tests and workers stand where they do.
type Explanation struct {
	Root      string           `json:"root"`
	Tests     []Test           `json:"tests,omitempty"` // those that were asked about
	State     runner.PoolState `json:"state"`
	Now       string           `json:"generation,omitempty"`
	Stale     *runner.Cause    `json:"stale,omitempty"`     // what has changed on the disk: the next run starts the project anew
	Restarted *Entry           `json:"restarted,omitempty"` // what started the project last
	Journal   []Entry          `json:"journal"`             // newest first
	Unwatched string           `json:"unwatched,omitempty"` // why saves are noticed only when somebody asks
}

// Project explains the workers of a project; pool is nil where it has none.
func Project(root string, pool *runner.ProjectStatus, stale *runner.Cause) Explanation {
	x := Explanation{Root: root, State: runner.PoolCold, Stale: stale, Journal: []Entry{}}
	if pool == nil {
		return x
	}
	x.State, x.Now, x.Unwatched = pool.State, pool.Generation, pool.Unwatched
	x.Journal = Journal(root, pool.Changes)
	for i := range x.Journal {
		if x.Journal[i].Restart() {
			x.Restarted = &x.Journal[i]
			break
		}
	}
	return x
}

// Text is the explanation for people.
func (x Explanation) Text(now time.Time) string {
	var b strings.Builder
	switch len(x.Tests) {
	case 0:
		fmt.Fprintf(&b, "%s: %s\n", x.Root, x.standing())
		x.journal(&b, now)
	case 1:
		for _, line := range x.Tests[0].Sentences(now) {
			fmt.Fprintln(&b, line)
		}
		x.restarted(&b, now)
	default:
		for _, test := range x.Tests {
			fmt.Fprintln(&b, test.Line(now))
		}
		x.restarted(&b, now)
	}
	if x.Unwatched != "" {
		fmt.Fprintf(&b, "Saves are noticed only when a run asks: %s\n", x.Unwatched)
	}
	return b.String()
}

func (x Explanation) standing() string {
	text := map[runner.PoolState]string{
		runner.PoolCold:     "nothing is warm; the next run starts the project",
		runner.PoolStarting: "the project is being started",
		runner.PoolReady:    "workers are ready",
		runner.PoolBroken:   "the project does not start",
	}[x.State]
	if x.Now != "" {
		text += ", generation " + x.Now
	}
	if x.Stale != nil {
		text += "; stale by now: " + Cause(x.Root, *x.Stale)
	}
	return text
}

func (x Explanation) restarted(b *strings.Builder, now time.Time) {
	if x.Restarted == nil {
		fmt.Fprintf(b, "The project: %s.\n", x.standing())
		return
	}
	fmt.Fprintf(b, "The project last started at %s: %s.\n", Clock(x.Restarted.At, now), x.Restarted.Text)
}

func (x Explanation) journal(b *strings.Builder, now time.Time) {
	for _, entry := range x.Journal {
		fmt.Fprintf(b, "%s %s\n", Clock(entry.At, now), entry.Text)
	}
}
