package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// editMidRun is how long it takes to supersede a run of everything after an edit: until the run has
// ended, and until the one in its place has its first verdict, which is of the new code.
func editMidRun(ctx context.Context, l *lab) (findings, error) {
	var f findings
	for _, method := range []string{"fork", "spawn"} {
		c, all, err := l.warmClub(ctx, method)
		if err != nil {
			return f, err
		}
		defer c.end()
		if err := f.superseded(ctx, c, typical(all.nameable()).ID); err != nil {
			return f, fmt.Errorf("%s: %w", method, err)
		}
	}
	return f, nil
}

func (f *findings) superseded(ctx context.Context, c *club, test runner.TestID) (err error) {
	m := &manuscript{test: test, path: filepath.Join(c.root, "catalog", "models.py"), line: "EDITION = %d\n"}
	text, err := os.ReadFile(m.path)
	if err != nil {
		return err
	}
	m.original, m.before = string(text), string(text)
	defer func() { err = errors.Join(err, m.close()) }()
	e, err := c.openIn(ctx, m)
	if err != nil {
		return err
	}
	defer e.end(ctx)
	var ends, verdicts samples
	for range c.lab.rounds(12) {
		if err := c.calm(ctx); err != nil {
			return err
		}
		end, v, err := e.supersede(ctx, m, c.lab.tests/4)
		if err != nil {
			return err
		}
		ends, verdicts = append(ends, end), append(verdicts, v.over)
	}
	f.rows = append(f.rows,
		row{"a run of everything is superseded after an edit, " + c.method + ": until it has ended", "ms", ends, nil, bar{}},
		row{"a run of everything is superseded after an edit, " + c.method + ": until the verdict in its place, beyond its body", "ms", verdicts, nil, bar{}})
	return nil
}

// supersede runs everything, and when so many verdicts are there, saves an edition and runs its
// test instead.
func (e *editor) supersede(ctx context.Context, m *manuscript, after int) (end float64, v verdict, err error) {
	from := e.now()
	old := runID("everything", m.edition)
	if _, err := e.call(ctx, wire.MethodRun, wire.RunParams{RunID: old, Select: wire.Select{All: true}, Parallel: 2}, nil); err != nil {
		return 0, v, err
	}
	count := 0
	if _, err := e.await(ctx, from, func(m heard) bool { count += len(verdictsOf(m)); return count >= after }); err != nil {
		return 0, v, err
	}
	if err := e.save(m); err != nil {
		return 0, v, err
	}
	begun := time.Now()
	v, err = e.runOne(ctx, wire.RunParams{RunID: runID("instead", m.edition), OnBusy: "cancelPrevious"}, m.test)
	if err != nil {
		return 0, v, err
	}
	last, err := e.await(ctx, from, func(m heard) bool { return m.Method == wire.MethodRunFinished && ofRun(m, old) })
	if err != nil {
		return 0, v, err
	}
	var finished wire.RunFinished
	err = json.Unmarshal(last.Params, &finished)
	if err == nil && finished.Outcome != runner.CancelledRun {
		err = fmt.Errorf("the run that was superseded is %s", finished.Outcome)
	}
	if err == nil {
		err = e.twoGenerations(from, v.Generation)
	}
	return ms(last.at.Sub(begun)), v, err
}

// twoGenerations sees that all verdicts from a position on are of one earlier generation, but for
// the last of them.
func (e *editor) twoGenerations(from int, last string) error {
	seen := make(map[string]int)
	for _, m := range e.since(from) {
		for _, finished := range finishedIn(m) {
			seen[finished.Verdict.Generation]++
		}
	}
	if len(seen) != 2 || seen[last] != 1 {
		return fmt.Errorf("the verdicts are of these generations: %v, and the last of %s", seen, last)
	}
	return nil
}
