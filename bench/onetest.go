package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"hotclub/runner"
)

// oneTest is what a click or a command costs, the whole process with its start and end.
func oneTest(ctx context.Context, l *lab) (findings, error) {
	var f findings
	c, all, err := l.warmClub(ctx, "fork")
	if err != nil {
		return f, err
	}
	defer c.end()
	light := lightest(all.nameable()).Label
	for _, label := range []string{typical(all.nameable()).Label, light} {
		if err := f.one(ctx, c, label); err != nil {
			return f, err
		}
	}
	f.rows[0].bar = times(40, f.rows[0].ours, f.rows[0].theirs)
	f.note("`%s` informs only: it needs no database, so that Django has nothing to migrate for it", light)
	return f, nil
}

func (f *findings) one(ctx context.Context, c *club, label string) error {
	known, err := c.tell(ctx, label) // from now on it is known where it is
	if err != nil {
		return err
	}
	ours, theirs, err := alternate(c.lab.rounds(15), c.runs(ctx, label), func() (time.Duration, error) {
		done, err := c.lab.django(ctx, c.root, label)
		return done.took, err
	})
	f.rows = append(f.rows, row{"one test, warm: `" + label + "`", "ms", ours, theirs, bar{}})
	f.note("`%s` by itself, first in its process, takes %s", label, quantity(known.tests[0].DurationMs, "ms"))
	return err
}

// lightest is the test that takes least: what is left is the way there.
func lightest(tests []line) line { return byDuration(tests)[0] }

// typical is the test that takes neither long nor short.
func typical(tests []line) line { return byDuration(tests)[len(tests)/2] }

// byDuration sorts those that passed, shortest first, and the others behind them.
func byDuration(tests []line) []line {
	return slices.SortedStableFunc(slices.Values(tests), func(a, b line) int {
		if a, b := a.State == runner.Passed, b.State == runner.Passed; a != b {
			if a {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.DurationMs, b.DurationMs)
	})
}
