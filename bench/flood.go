package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/discover/discovertest"
)

const (
	floodPace  = 1000 // edits a second
	floodTests = 5000
)

// flood is a cancel in the midst of everything: a long file is edited all the time while
// thousands of tests tell of themselves. What comes out of order is an error.
func flood(ctx context.Context, l *lab) (findings, error) {
	var f findings
	root := filepath.Join(l.dir, "flood")
	if err := generate(root, floodTests/classesInModule/testsInClass); err != nil {
		return f, err
	}
	c, _, err := l.warmed(ctx, root, "fork")
	if err != nil {
		return f, err
	}
	defer c.end()
	e, err := c.edit(ctx, false)
	if err != nil {
		return f, err
	}
	defer e.end(ctx)
	w := &writer{editor: e, path: filepath.Join(root, "many", "tests", "test_new.py"), version: 1}
	if err := errors.Join(e.notify("initialized", object{}), e.open(w.path, string(discovertest.Module(longFile)))); err != nil {
		return f, err
	}
	var answers, paces samples
	n := l.rounds(18)
	for i := range n {
		if _, err := c.settled(ctx); err != nil {
			return f, err
		}
		answered, pace, err := w.floodedRun(ctx, fmt.Sprintf("flood-%d", i), floodTests*i/n)
		if err != nil {
			return f, err
		}
		answers, paces = append(answers, answered), append(paces, pace)
	}
	f.rows = append(f.rows, row{
		fmt.Sprintf("cancel, amid %d edits a second and the verdicts of %d tests", floodPace, floodTests), "ms", answers, nil,
		neverAbove(100, "ms", answers),
	})
	f.note("amid the flood: %d runs, cancelled after none to most of their tests and all told in order, at %.0f edits a second", n, paces.median())
	return f, nil
}

// floodedRun runs all tests, cancels when so many have their verdict, and looks at the whole story.
func (w *writer) floodedRun(ctx context.Context, id string, after int) (answered, pace float64, err error) {
	from := w.now()
	writing, stop := context.WithCancel(ctx)
	defer stop()
	wrote := make(chan error, 1)
	go func() {
		var err error
		pace, err = w.write(writing)
		wrote <- err
	}()
	err = func() error {
		run := wire.RunParams{RunID: runner.RunID(id), Select: wire.Select{All: true}, Parallel: 2}
		if _, err := w.call(ctx, wire.MethodRun, run, nil); err != nil {
			return err
		}
		verdicts := 0
		_, err := w.await(ctx, from, func(m heard) bool {
			verdicts += len(verdictsOf(m))
			return m.Method == wire.MethodRunStarted && after == 0 || verdicts > after
		})
		if err != nil {
			return err
		}
		begun := time.Now()
		answer, err := w.call(ctx, wire.MethodCancelRun, wire.CancelRunParams{RunID: runner.RunID(id)}, nil)
		if err != nil {
			return err
		}
		answered = ms(answer.at.Sub(begun))
		_, err = w.await(ctx, from, func(m heard) bool { return m.Method == wire.MethodRunFinished })
		return err
	}()
	stop()
	err = errors.Join(err, <-wrote)
	if err == nil {
		// Whatever the server still had to say has come before the answer to this.
		_, _, err = w.lenses(ctx, w.path)
	}
	if err == nil {
		err = inOrder(w.since(from), floodTests)
	}
	return answered, pace, err
}

// writer edits a buffer without a pause.
type writer struct {
	*editor
	path    string
	version int
}

// write inserts a character and takes it away again, in turn. It returns how many edits a
// second it has come to.
func (w *writer) write(ctx context.Context) (pace float64, err error) {
	begun := time.Now()
	edits := 0
	for ctx.Err() == nil || edits%2 == 1 {
		if time.Since(begun) < time.Duration(edits)*time.Second/floodPace {
			time.Sleep(time.Second / floodPace / 2)
			continue
		}
		at := wire.Position{Line: longFile / 2}
		place, text := wire.Range{Start: at, End: at}, "#"
		if edits%2 == 1 {
			place.End.Character, text = 1, ""
		}
		w.version++
		if err := w.replace(w.path, w.version, place, text); err != nil {
			return 0, err
		}
		edits++
	}
	return float64(edits) / time.Since(begun).Seconds(), nil
}

// verdictsOf are the tests that have their terminal state by a message.
func verdictsOf(m heard) (tests []runner.TestID) {
	for _, finished := range finishedIn(m) {
		tests = append(tests, finished.Test.ID)
	}
	return tests
}

// finishedIn are the verdicts that a message brings.
func finishedIn(m heard) (all []runner.TestFinished) {
	if m.Method != wire.MethodTestEvents {
		return nil
	}
	var told wire.TestEvents
	if json.Unmarshal(m.Params, &told) != nil {
		return nil
	}
	for _, data := range told.Events {
		if event, err := wire.DecodeTestEvent(data); err == nil {
			if finished, ok := event.(runner.TestFinished); ok {
				all = append(all, finished)
			}
		}
	}
	return all
}

// inOrder holds the messages of one run against what clients may rely on: the answer, runStarted,
// events with a number that rises, runFinished, nothing after it; and one verdict for each test.
func inOrder(messages []heard, tests int) error {
	const begun, started, finished = 1, 2, 3
	at, seq := 0, 0
	open := make(map[runner.TestID]bool)
	for _, m := range messages {
		var told struct {
			RunID runner.RunID
			Seq   int
			Tests []struct{ ID runner.TestID }
		}
		switch {
		case m.Method == "":
			if json.Unmarshal(m.Result, &told) == nil && told.RunID != "" && at == 0 {
				at = begun
			}
			continue
		case m.Method != wire.MethodRunStarted && m.Method != wire.MethodTestEvents && m.Method != wire.MethodRunFinished:
			continue
		}
		if err := json.Unmarshal(m.Params, &told); err != nil {
			return err
		}
		switch {
		case m.Method == wire.MethodRunStarted && at == begun:
			at = started
			for _, test := range told.Tests {
				open[test.ID] = true
			}
			if len(open) != tests {
				return fmt.Errorf("%s: %d tests and not %d", told.RunID, len(open), tests)
			}
		case m.Method == wire.MethodTestEvents && at == started && told.Seq == seq+1:
			seq++
			for _, test := range verdictsOf(m) {
				if !open[test] {
					return fmt.Errorf("%s: a second verdict for %s, or one too many", told.RunID, test)
				}
				delete(open, test)
			}
		case m.Method == wire.MethodRunFinished && at == started:
			at = finished
		default:
			return fmt.Errorf("%s: %s with number %d is out of order", told.RunID, m.Method, told.Seq)
		}
	}
	if at != finished || len(open) > 0 {
		return fmt.Errorf("the run has no end, or %d tests have no verdict", len(open))
	}
	return nil
}
