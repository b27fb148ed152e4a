package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// idleTime is how long nobody asks for anything.
const idleTime = 10 * time.Second

// idle is the processor time that a warm pool takes while nobody wants anything of it: of the
// daemon and all its workers, with an editor connected that shows a file.
func idle(ctx context.Context, l *lab) (findings, error) {
	var f findings
	for _, method := range []string{"fork", "spawn"} {
		if err := f.idle(ctx, l, method); err != nil {
			return f, fmt.Errorf("%s: %w", method, err)
		}
	}
	return f, nil
}

func (f *findings) idle(ctx context.Context, l *lab, method string) error {
	c, all, err := l.warmClub(ctx, method)
	if err != nil {
		return err
	}
	defer c.end()
	m, err := testManuscript(c.root, typical(all.nameable()).ID)
	if err != nil {
		return err
	}
	e, err := c.openIn(ctx, m)
	if err != nil {
		return err
	}
	defer e.end(ctx)
	if _, _, err := e.lenses(ctx, m.path); err != nil {
		return err
	}
	if err := c.calm(ctx); err != nil {
		return err
	}
	now, err := c.settled(ctx)
	if err != nil {
		return err
	}
	// The question itself was work, some of which is done once it is answered.
	if err := pause(ctx, thought); err != nil {
		return err
	}
	var daemon, workers, both samples
	for range l.rounds(6) {
		before, err := now.used()
		if err != nil {
			return err
		}
		if err := pause(ctx, idleTime); err != nil {
			return err
		}
		after, err := now.used()
		if err != nil {
			return err
		}
		d, all := after[0]-before[0], time.Duration(0)
		for i := range before {
			all += after[i] - before[i]
		}
		daemon, workers, both = append(daemon, ms(d)), append(workers, ms(all-d)), append(both, ms(all))
	}
	what := fmt.Sprintf("%v of idleness, %s: processor time of the daemon and its workers", idleTime, method)
	f.rows = append(f.rows, row{what, "ms", both, nil, atMost(2, "ms", both)})
	f.note("%s: the daemon %s, the workers %s; an editor has %s open", what, quantity(daemon.median(), "ms"), quantity(workers.median(), "ms"), filepath.Base(m.path))
	return nil
}

// used is the processor time that the daemon and then each of its workers has used.
func (s status) used() (all []time.Duration, err error) {
	pids := []int{s.Daemon.PID}
	for _, project := range s.Projects {
		for _, w := range project.Workers {
			pids = append(pids, w.PID)
		}
	}
	for _, pid := range pids {
		used, err := cpuOf(pid)
		if err != nil {
			return nil, fmt.Errorf("the processor time of %d: %w", pid, err)
		}
		all = append(all, used)
	}
	return all, nil
}
