package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"hotclub/runner"
)

// editTest is what a run of one test costs when its file has just been edited.
func editTest(ctx context.Context, l *lab) (findings, error) {
	var f findings
	label := "" // the same test for both
	for _, how := range []struct {
		method string
		limit  float64
	}{{"fork", 25}, {"spawn", 60}} {
		c, all, err := l.warmClub(ctx, how.method)
		if err != nil {
			return f, err
		}
		defer c.end()
		label = cmp.Or(label, typical(written(c.root, all.nameable())).Label)
		if err := f.editedTest(ctx, c, idOf(all, label), how.limit); err != nil {
			return f, fmt.Errorf("%s: %w", how.method, err)
		}
	}
	return f, nil
}

func (f *findings) editedTest(ctx context.Context, c *club, test runner.TestID, limit float64) (err error) {
	m, err := testManuscript(c.root, test)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	e, err := c.openIn(ctx, m)
	if err != nil {
		return err
	}
	defer e.end(ctx)
	for _, when := range []struct {
		what string
		wait time.Duration
	}{
		{"a test is edited and run at once, " + c.method, 0},
		{fmt.Sprintf("a test is edited and run %v later, %s", thought, c.method), thought},
	} {
		var over samples
		var stories []story
		for range c.lab.rounds(36) {
			if err := c.calm(ctx); err != nil {
				return err
			}
			v, err := e.editAndRun(ctx, m, when.wait)
			if err != nil {
				return err
			}
			over = append(over, v.over)
			stories = append(stories, story{finished: line{Timings: v.way}})
		}
		r := row{what: when.what + ": beyond its body", unit: "ms", ours: over}
		if when.wait == 0 {
			r.bar = atMost(limit, "ms", over)
		}
		f.rows = append(f.rows, r)
		f.note("%s: `%s`; %s", when.what, m.test, stretches(stories))
	}
	return nil
}

// written lists the tests whose method stands in the text of their class: others are inherited.
func written(root string, tests []line) []line {
	return slices.DeleteFunc(tests, func(l line) bool {
		_, err := testManuscript(root, l.ID)
		return err != nil
	})
}

// idOf is the id of the test with a label.
func idOf(s story, label string) runner.TestID {
	for _, test := range s.tests {
		if test.Label == label {
			return test.ID
		}
	}
	return ""
}

// openIn begins an editor's session in which some files are open.
func (c *club) openIn(ctx context.Context, files ...*manuscript) (*editor, error) {
	e, err := c.dial(ctx, false)
	if err != nil {
		return nil, err
	}
	err = e.notify("initialized", object{})
	for _, m := range files {
		text, readErr := os.ReadFile(m.path)
		err = errors.Join(err, readErr, e.open(m.path, string(text)))
	}
	if err != nil {
		e.end(ctx)
		return nil, err
	}
	return e, nil
}
