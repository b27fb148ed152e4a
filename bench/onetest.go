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
	root, err := l.bookshop(ctx)
	if err != nil {
		return f, err
	}
	c, err := l.newClub(root, "fork")
	if err != nil {
		return f, err
	}
	defer c.end()
	all, err := c.warm(ctx)
	if err != nil {
		return f, err
	}
	label := typical(all.tests)
	if _, err := c.tell(ctx, label); err != nil {
		return f, err
	}
	ours, theirs, err := alternate(l.rounds(15), func() (time.Duration, error) {
		if _, err := c.settled(ctx); err != nil {
			return 0, err
		}
		done, err := c.run(ctx, label)
		return done.took, err
	}, func() (time.Duration, error) {
		done, err := l.django(ctx, root, label)
		return done.took, err
	})
	f.rows = append(f.rows, row{"one test, warm: `" + label + "`", "ms", ours, theirs, times(40, ours, theirs)})
	return f, err
}

// typical is the test that takes neither long nor short.
func typical(tests []line) string {
	passed := slices.DeleteFunc(slices.Clone(tests), func(l line) bool { return l.State != runner.Passed })
	if len(passed) == 0 {
		return tests[0].Label
	}
	slices.SortFunc(passed, func(a, b line) int { return cmp.Compare(a.DurationMs, b.DurationMs) })
	return passed[len(passed)/2].Label
}
