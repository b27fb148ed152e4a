package main

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"hotclub/dbclone"
)

const (
	manyTables = 200
	manyClones = 16
)

// clonesInBackground is what a run feels of clones that are made meanwhile on the same server.
func clonesInBackground(ctx context.Context, l *lab) (findings, error) {
	var f findings
	st, err := l.newStand(ctx, manyTables)
	if err != nil {
		return f, err
	}
	defer st.end()
	there, err := l.on(ctx, st.server)
	if err != nil {
		return f, err
	}
	root := filepath.Join(l.dir, "background")
	if err := there.generateFlushing(ctx, root, st.server, manyTables); err != nil {
		return f, err
	}
	c, _, err := there.warmed(ctx, root, "fork")
	if err != nil {
		return f, err
	}
	defer c.end()
	alone := func() (time.Duration, error) {
		if _, err := c.settled(ctx); err != nil {
			return 0, err
		}
		done, err := c.run(ctx, "--parallel=1")
		return done.took, err
	}
	var clones samples
	ours, theirs, err := alternate(l.rounds(10), func() (time.Duration, error) {
		wait := st.clone(ctx, manyClones)
		took, err := alone()
		each, cloning := wait()
		clones = append(clones, ms(each))
		return took, errors.Join(err, cloning)
	}, alone)
	f.rows = append(f.rows, row{"a run while 16 clones of 200 tables are made on its server, against the same run alone", "ms", ours, theirs, atMostOf(1.2, ours, theirs)})
	f.note("clones in the background: %d clones of %d tables take %s", manyClones, manyTables, quantity(clones.median(), "ms"))
	return f, err
}

// clone makes clones in the background. The function that it returns waits for the last of them,
// gives them back, and says how long they took.
func (st *stand) clone(ctx context.Context, count int) (wait func() (time.Duration, error)) {
	leases, faults := make([]*dbclone.Lease, count), make([]error, count)
	var all sync.WaitGroup
	begun := time.Now()
	for i := range count {
		all.Go(func() { leases[i], faults[i] = st.manager.Lease(ctx, st.of, "bench") })
	}
	took := make(chan time.Duration, 1)
	go func() {
		all.Wait()
		took <- time.Since(begun)
	}()
	return func() (time.Duration, error) {
		taken := <-took
		err := errors.Join(faults...)
		for _, lease := range leases {
			if lease != nil {
				err = errors.Join(err, lease.Release(ctx))
			}
		}
		return taken, err
	}
}
