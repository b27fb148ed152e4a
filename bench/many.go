package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// twentyThousand is what the machinery itself costs: tests that do nothing.
func twentyThousand(ctx context.Context, l *lab) (findings, error) {
	var f findings
	modules := 200
	if l.quick {
		modules = 20
	}
	root := filepath.Join(l.dir, "many")
	if err := generate(root, modules); err != nil {
		return f, err
	}
	if _, err := l.django(ctx, root, "--parallel=2"); err != nil {
		return f, err
	}
	c, _, err := l.warmed(ctx, root, "fork")
	if err != nil {
		return f, err
	}
	defer c.end()
	tests := modules * classesInModule * testsInClass
	var daemon, client samples
	ours, theirs, err := alternate(l.rounds(12)/2, func() (time.Duration, error) {
		took, used, err := c.metered(ctx)
		daemon = append(daemon, ms(used)/float64(tests))
		client = append(client, ms(took.cpu)/float64(tests))
		return took.took, err
	}, l.parallel(ctx, root))
	if err != nil {
		return f, err
	}
	now, err := c.status(ctx)
	if err != nil {
		return f, err
	}
	taken, err := memoryOf(now.Daemon.PID)
	f.rows = append(f.rows,
		row{fmt.Sprintf("%d empty tests, warm: processor time of the daemon for each", tests), "ms", daemon, nil, atMost(0.1, "ms", daemon)},
		row{fmt.Sprintf("%d empty tests, warm, 2 workers", tests), "ms", ours, theirs, bar{}})
	f.note("%d empty tests: processor time of hotclub run for each %s; the daemon then takes %s (PSS)", tests,
		quantity(client.median(), "ms"), quantity(taken.proportional, "MB"))
	return f, err
}

// metered runs all tests and measures the processor time that the daemon takes for them, until
// it has saved what it learnt and its pool has refilled.
func (c *club) metered(ctx context.Context) (called, time.Duration, error) {
	now, err := c.settled(ctx)
	if err != nil {
		return called{}, 0, err
	}
	before, err := cpuOf(now.Daemon.PID)
	if err != nil {
		return called{}, 0, err
	}
	done, err := c.run(ctx, "--parallel=2")
	if err != nil {
		return called{}, 0, err
	}
	if _, err := c.settled(ctx); err != nil {
		return called{}, 0, err
	}
	after, err := cpuOf(now.Daemon.PID)
	return done, after - before, err
}
