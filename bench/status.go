package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"hotclub/runner"
)

// status is what "hotclub status --json" says; see PROTOCOL.md, section 3.
type status struct {
	Daemon struct {
		PID    int    `json:"pid"`
		Socket string `json:"socket"`
	} `json:"daemon"`
	Projects []runner.ProjectStatus `json:"projects"`
}

func (c *club) status(ctx context.Context) (status, error) {
	var s status
	done, err := call(ctx, c.root, c.env, c.lab.binary, "status", "--json")
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(done.stdout, &s); err != nil {
		return s, fmt.Errorf("hotclub status --json: %w", err)
	}
	return s, nil
}

// idle lists the workers that wait for a run; settled is true when enough do, none is on its way in
// or out, and the base of the boots to come is there.
func (s status) idle() (idle []runner.WorkerStatus, settled bool) {
	settled = true
	for _, project := range s.Projects {
		settled = settled && (project.StartMethod != "fork" || hasBase(project))
		for _, w := range project.Workers {
			switch {
			case !runsTests(w):
			case w.State == "ready":
				idle = append(idle, w)
			default:
				settled = false
			}
		}
	}
	return idle, settled && len(idle) >= 2
}

// hasBase reports whether what a project imports from outside is kept for its next boot, or never
// will be.
func hasBase(p runner.ProjectStatus) bool {
	return slices.ContainsFunc(p.Workers, func(w runner.WorkerStatus) bool { return w.Kind == "base" }) ||
		slices.ContainsFunc(p.Changes, func(c runner.PoolChange) bool { return c.Kind == runner.BaseRefused })
}

// generations are those that the pools have now.
func (s status) generations() (all []string) {
	for _, project := range s.Projects {
		all = append(all, project.Generation)
	}
	return all
}

// readySince is since when a worker waits for a run that is of none of some generations.
func (s status) readySince(earlier []string) (since time.Time, ok bool) {
	for _, project := range s.Projects {
		if slices.Contains(earlier, project.Generation) {
			continue
		}
		for _, w := range project.Workers {
			if runsTests(w) && w.State == "ready" && (!ok || w.Since.Before(since)) {
				since, ok = w.Since, true
			}
		}
	}
	return since, ok
}

// runsTests is false for what workers are only forked from.
func runsTests(w runner.WorkerStatus) bool { return w.Kind == "forked" || w.Kind == "spawned" }

// settled waits until the pool has refilled.
func (c *club) settled(ctx context.Context) (status, error) {
	var s status
	err := until(ctx, func() (settled bool, err error) {
		if s, err = c.status(ctx); err == nil {
			_, settled = s.idle()
		}
		return settled, err
	})
	if errors.Is(err, errLate) {
		err = fmt.Errorf("the pool doesn't refill: %w: %+v", err, s.Projects)
	}
	return s, err
}

// errLate says that something did not come to pass.
var errLate = errors.New("three minutes have passed")

// until asks whether something is so, again and again: templates that are built once more in the
// background take their time.
func until(ctx context.Context, is func() (bool, error)) error {
	for deadline := time.Now().Add(3 * time.Minute); ; {
		if so, err := is(); so || err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return errLate
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond): // between two questions
		}
	}
}
