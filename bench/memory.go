package main

import "context"

// memory is what waiting costs: the largest forked worker, and the daemon.
func memory(ctx context.Context, l *lab) (findings, error) {
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
	var workers, private, daemon, resident samples
	for range l.rounds(6) {
		if _, err := c.warm(ctx); err != nil {
			return f, err
		}
		now, err := c.settled(ctx)
		if err != nil {
			return f, err
		}
		largest, own := 0.0, 0.0
		idle, _ := now.idle()
		for _, w := range idle {
			taken, err := memoryOf(w.PID)
			if err != nil {
				return f, err
			}
			largest, own = max(largest, w.MemoryMB), max(own, taken.private)
		}
		taken, err := memoryOf(now.Daemon.PID)
		if err != nil {
			return f, err
		}
		workers, private = append(workers, largest), append(private, own)
		daemon, resident = append(daemon, taken.proportional), append(resident, taken.resident)
	}
	f.rows = append(f.rows,
		row{"memory of a forked worker that waits (PSS, the largest)", "MB", workers, nil, atMost(15, "MB", workers)},
		row{"memory of the daemon (PSS)", "MB", daemon, nil, atMost(40, "MB", daemon)})
	f.note("memory: of the worker's %s are private; the daemon's RSS is %s",
		quantity(private.median(), "MB"), quantity(resident.median(), "MB"))
	return f, nil
}
