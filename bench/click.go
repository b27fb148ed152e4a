package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// click is what a click on a lens costs beyond what the test itself takes: until the verdict is
// told in an editor with our client code, and until the command is answered in one without.
func click(ctx context.Context, l *lab) (findings, error) {
	var f findings
	c, test, err := l.warmTest(ctx)
	if err != nil {
		return f, err
	}
	defer c.end()
	for _, plain := range []bool{false, true} {
		if err := f.clicks(ctx, c, test, plain); err != nil {
			return f, err
		}
	}
	return f, nil
}

// warmTest is a club on the bookshop that has run its tests once, and the typical one of them.
func (l *lab) warmTest(ctx context.Context) (*club, line, error) {
	c, all, err := l.warmClub(ctx, "fork")
	if err != nil {
		return nil, line{}, err
	}
	return c, typical(all.nameable()), nil
}

func (f *findings) clicks(ctx context.Context, c *club, test line, plain bool) error {
	e, err := c.edit(ctx, plain)
	if err != nil {
		return err
	}
	defer e.end(ctx)
	clicked, err := e.lensOf(ctx, c.root, test.ID)
	if err != nil {
		return err
	}
	what := "click to verdict, the verdict's event"
	if plain {
		what = "click to verdict, the command's answer"
	}
	var over samples
	var stories []story
	for range c.lab.rounds(60) {
		if _, err := c.settled(ctx); err != nil {
			return err
		}
		took, body, way, err := e.click(ctx, clicked, test.ID, plain)
		if err != nil {
			return err
		}
		over = append(over, took-body)
		stories = append(stories, story{finished: line{Timings: way}})
	}
	f.rows = append(f.rows, row{what, "ms", over, nil, atMost(15, "ms", over).and(p95AtMost(30, "ms", over))})
	f.note("%s: `%s`; %s", what, test.Label, stretches(stories))
	return nil
}

// lensOf opens the file of a test and finds its lens.
func (e *editor) lensOf(ctx context.Context, root string, id runner.TestID) (lens, error) {
	_, inside, _ := strings.Cut(string(id), "//")
	name, _, _ := strings.Cut(inside, "::")
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := e.notify("initialized", object{}); err != nil {
		return lens{}, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return lens{}, err
	}
	if err := e.open(path, string(text)); err != nil {
		return lens{}, err
	}
	list, _, err := e.lenses(ctx, path)
	if err != nil {
		return lens{}, err
	}
	for _, each := range list {
		var target struct{ ID runner.TestID }
		if len(each.Command.Arguments) == 1 && json.Unmarshal(each.Command.Arguments[0], &target) == nil && target.ID == id {
			return each, nil
		}
	}
	return lens{}, fmt.Errorf("%s has no lens", id)
}

// click carries out what a lens is for: how long it took until the editor knew, and the body of the
// test of that. The way is the server's, with what the editor sees added.
func (e *editor) click(ctx context.Context, clicked lens, id runner.TestID, plain bool) (took, body float64, way []runner.Timing, err error) {
	from, begun := e.now(), time.Now()
	var summary struct{ Counts map[runner.State]int }
	answer, err := e.call(ctx, "workspace/executeCommand", object{
		"command": clicked.Command.Command, "arguments": clicked.Command.Arguments,
	}, &summary)
	if err != nil {
		return 0, 0, nil, err
	}
	if summary.Counts[runner.Passed] != 1 {
		return 0, 0, nil, fmt.Errorf("the test was to pass: %v", summary.Counts)
	}
	var past wire.ResultsAnswer
	if _, err := e.call(ctx, wire.MethodResults, wire.ResultsParams{IDs: []runner.TestID{id}}, &past); err != nil {
		return 0, 0, nil, err
	}
	if len(past.Results) != 1 {
		return 0, 0, nil, fmt.Errorf("%d results", len(past.Results))
	}
	way, err = e.lastRun(ctx)
	if err != nil {
		return 0, 0, nil, err
	}
	took = ms(answer.at.Sub(begun))
	way = append(way, runner.Timing{Name: "command answered", Ms: took})
	if !plain {
		verdict, err := e.await(ctx, from, func(m heard) bool { return finishes(m, id) })
		if err != nil {
			return 0, 0, nil, err
		}
		took = ms(verdict.at.Sub(begun))
		way = append(way, runner.Timing{Name: "verdict in the editor", Ms: took})
	}
	return took, past.Results[0].DurationMs, way, nil
}

// lastRun is the way of the last run of the only project, as the status tells it.
func (e *editor) lastRun(ctx context.Context) ([]runner.Timing, error) {
	var now wire.StatusAnswer
	if _, err := e.call(ctx, wire.MethodStatus, nil, &now); err != nil {
		return nil, err
	}
	if len(now.Projects) != 1 {
		return nil, fmt.Errorf("%d projects", len(now.Projects))
	}
	return now.Projects[0].LastRun, nil
}

// finishes reports whether a message brings the verdict of a test.
func finishes(m heard, id runner.TestID) bool { return slices.Contains(verdictsOf(m), id) }
