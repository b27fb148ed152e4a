package main

import (
	"context"
	"fmt"
	"time"
)

// wholeWarm is all tests of the example on a warm pool.
func wholeWarm(ctx context.Context, l *lab) (findings, error) {
	var f findings
	c, _, err := l.warmClub(ctx, "fork")
	if err != nil {
		return f, err
	}
	defer c.end()
	ours, theirs, err := alternate(l.rounds(12), c.whole(ctx), l.parallel(ctx, c.root))
	f.rows = append(f.rows, row{
		fmt.Sprintf("the whole example, warm (%d tests, 2 workers)", l.tests), "ms", ours, theirs, times(2, ours, theirs),
	})
	if err != nil {
		return f, err
	}
	s, err := c.warm(ctx)
	f.note("the whole example, warm: %s; %s in all", stretches([]story{s}), quantity(s.finished.DurationMs, "ms"))
	return f, err
}

// wholeFirst is the very first run of the example: no daemon, nothing migrated.
func wholeFirst(ctx context.Context, l *lab) (findings, error) {
	var f findings
	root, err := l.bookshop(ctx)
	if err != nil {
		return f, err
	}
	first := func() (time.Duration, error) {
		c, err := l.newClub(root, "fork")
		if err != nil {
			return 0, err
		}
		defer c.end()
		done, err := c.run(ctx, "--parallel=2")
		return done.took, err
	}
	ours, theirs, err := alternate(l.rounds(12), first, l.parallel(ctx, root))
	met := ours.median() <= 1.05*theirs.median()
	f.rows = append(f.rows, row{
		fmt.Sprintf("the whole example, the very first time (%d tests, 2 workers)", l.tests), "ms", ours, theirs, bar{"≤ 5 % slower", met},
	})
	if err != nil {
		return f, err
	}
	return f, f.firstSteps(ctx, l, root)
}

// firstSteps notes where the time of a first run goes.
func (f *findings) firstSteps(ctx context.Context, l *lab, root string) error {
	c, err := l.newClub(root, "fork")
	if err != nil {
		return err
	}
	defer c.end()
	s, err := c.tell(ctx, "--parallel=2")
	if err != nil {
		return err
	}
	now, err := c.status(ctx)
	if err != nil {
		return err
	}
	for _, project := range now.Projects {
		f.note("the very first time: %s; %s in all, the process %s; the boot: %s", stretches([]story{s}),
			quantity(s.finished.DurationMs, "ms"), quantity(ms(s.took), "ms"), phases(project.Boot))
	}
	return nil
}

// whole measures all tests on a pool that has refilled.
func (c *club) whole(ctx context.Context) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		if _, err := c.settled(ctx); err != nil {
			return 0, err
		}
		done, err := c.run(ctx, "--parallel=2")
		return done.took, err
	}
}

// parallel measures manage.py test --parallel 2.
func (l *lab) parallel(ctx context.Context, root string) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		done, err := l.django(ctx, root, "--parallel=2")
		return done.took, err
	}
}
