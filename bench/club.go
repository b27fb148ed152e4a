package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"hotclub/runner"
)

// club is a hotclub with a daemon of its own. Each start method has one, since the workers of a
// pool all start the same way.
type club struct {
	lab    *lab
	root   string // of the project
	method string // "fork" or "spawn"
	dir    string // runtime and state
	env    []string
}

// newClub prepares to run the project at root; the daemon comes with the first run.
func (l *lab) newClub(root, method string) (*club, error) {
	dir, err := os.MkdirTemp("", "hc") // short: a socket's path has little room
	if err != nil {
		return nil, err
	}
	env := append(l.environ(), "HOTCLUB_RUNTIME_DIR="+dir+"/r", "XDG_STATE_HOME="+dir+"/s")
	return &club{l, root, method, dir, env}, nil
}

// warmClub is a club on the bookshop that has run its tests once, and what that run told.
func (l *lab) warmClub(ctx context.Context, method string) (*club, story, error) {
	root, err := l.bookshop(ctx)
	if err != nil {
		return nil, story{}, err
	}
	return l.warmed(ctx, root, method)
}

// warmed is a club that has run the tests of the project at root once, and what that run told.
func (l *lab) warmed(ctx context.Context, root, method string) (*club, story, error) {
	c, err := l.newClub(root, method)
	if err != nil {
		return nil, story{}, err
	}
	all, err := c.warm(ctx)
	if err == nil {
		err = c.studied(ctx)
	}
	if err != nil {
		c.end()
		return nil, story{}, fmt.Errorf("%s: %w", method, err)
	}
	return c, all, nil
}

// studied waits until the databases have been built a second time in the background, as they are where
// somebody waited for them.
func (c *club) studied(ctx context.Context) error {
	err := until(ctx, func() (bool, error) {
		done, err := call(ctx, c.root, c.env, c.lab.binary, "db", "list", "--json", "--python", c.lab.python)
		return !bytes.Contains(done.stdout, []byte(`"coarse":true`)), err
	})
	if errors.Is(err, errLate) {
		err = fmt.Errorf("the databases are not studied: %w", err)
	}
	return err
}

// end stops the daemon and forgets all that it has kept.
func (c *club) end() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // also after an interrupt
	defer cancel()
	if _, err := call(ctx, c.root, c.env, c.lab.binary, "stop", "--all"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return // the daemon's log is below dir
	}
	os.RemoveAll(c.dir)
}

// run calls hotclub run and wants it to pass.
func (c *club) run(ctx context.Context, args ...string) (called, error) {
	args = append([]string{"run", "--python", c.lab.python, "--start-method", c.method}, args...)
	return call(ctx, c.root, c.env, c.lab.binary, args...)
}

// line is one line of --json, either kind; see PROTOCOL.md, section 3.
type line struct {
	Event       string          `json:"event"`
	ID          runner.TestID   `json:"id"`
	Label       string          `json:"label"`
	Kind        runner.Kind     `json:"kind"`
	State       runner.State    `json:"state"`
	DurationMs  float64         `json:"durationMs"`
	Queries     int             `json:"queries"`
	Timings     []runner.Timing `json:"timings"`
	StartMethod string          `json:"startMethod"`
}

// story is a run as --json tells it.
type story struct {
	called
	tests    []line
	finished line
}

// tell runs tests and reports each of them.
func (c *club) tell(ctx context.Context, args ...string) (story, error) {
	done, err := c.run(ctx, append([]string{"--json", "-"}, args...)...)
	if err != nil {
		return story{}, err
	}
	s := story{called: done}
	for text := range bytes.Lines(done.stdout) {
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return s, fmt.Errorf("hotclub run --json: %q: %w", text, err)
		}
		switch {
		case l.Event == "runStarted" && l.StartMethod != c.method:
			return s, fmt.Errorf("workers start by %s and not by %s", l.StartMethod, c.method)
		case l.Event == "runFinished":
			s.finished = l
		case l.Event == "test" && l.Kind == runner.KindTest:
			s.tests = append(s.tests, l)
		}
	}
	if s.finished.Event == "" || len(s.nameable()) == 0 {
		return s, errors.New("hotclub run --json tells of no test methods or no end")
	}
	return s, nil
}

// nameable lists the tests that can be run by themselves; doctests, for one, can't.
func (s story) nameable() []line {
	return slices.DeleteFunc(slices.Clone(s.tests), func(l line) bool {
		return !strings.HasPrefix(l.Label[strings.LastIndexByte(l.Label, '.')+1:], "test")
	})
}

// reached is when a run came to some point, in milliseconds after it was asked for.
func (s story) reached(name string) (float64, error) {
	for _, timing := range s.finished.Timings {
		if timing.Name == name {
			return timing.Ms, nil
		}
	}
	return 0, fmt.Errorf("the run doesn't tell when it came to %q: %v", name, s.finished.Timings)
}

// warm runs the whole example once and waits for its pool. The answer tells of that run.
func (c *club) warm(ctx context.Context) (story, error) {
	s, err := c.tell(ctx, "--parallel=2")
	if err != nil {
		return s, err
	}
	if c.root == c.lab.example && len(s.tests) != c.lab.tests {
		return s, fmt.Errorf("hotclub ran %d tests and manage.py test %d", len(s.tests), c.lab.tests)
	}
	_, err = c.settled(ctx)
	return s, err
}
