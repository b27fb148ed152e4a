package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hotclub/runner/discover/discovertest"
)

const longFile = 5000 // lines

// typed is what is typed, one key after the other: most of the way it is no Python.
const typed = "\n        self.assertEqual(f\"{a['b']}\", [\"\"\"c\"\"\", (1, 2)])  # d"

// lenses is how long lenses of a long file take after a keystroke: as the editor sees it, and as
// the server does, its socket included.
func lenses(ctx context.Context, l *lab) (findings, error) {
	var f findings
	root := filepath.Join(l.dir, "long")
	files, err := discovertest.Workspace(root, 100)
	if err != nil {
		return f, err
	}
	text := string(discovertest.Module(longFile))
	if err := os.WriteFile(files[0], []byte(text), 0o600); err != nil {
		return f, err
	}
	c, err := l.newClub(root, "fork")
	if err != nil {
		return f, err
	}
	defer c.end()
	if err := f.lensesOver(ctx, c, "the editor's pipes", c.edit, files[0], text); err != nil {
		return f, err
	}
	err = f.lensesOver(ctx, c, "the daemon's socket", c.dial, files[0], text)
	if len(f.rows) == 2 { // what holds for the pipes holds for the socket too
		f.rows[1].bar = p95AtMost(5, "ms", f.rows[1].ours)
	}
	return f, err
}

func (f *findings) lensesOver(
	ctx context.Context, c *club, way string, begin func(context.Context, bool) (*editor, error), path, text string,
) error {
	e, err := begin(ctx, true)
	if err != nil {
		return err
	}
	defer e.end(ctx)
	if err := errors.Join(e.notify("initialized", object{}), e.open(path, text)); err != nil {
		return err
	}
	now, err := c.settled(ctx)
	if err != nil {
		return err
	}
	before, answer, err := e.lenses(ctx, path)
	if err != nil || len(before) == 0 {
		return errors.Join(errors.New("there are no lenses"), err)
	}
	idle, err := cpuOf(now.Daemon.PID)
	if err != nil {
		return err
	}
	took, err := e.keystrokes(ctx, path, text, c.lab.rounds(24))
	if err != nil {
		return err
	}
	busy, err := cpuOf(now.Daemon.PID)
	what := fmt.Sprintf("lenses after a keystroke, %d lines, over %s", strings.Count(text, "\n"), way)
	f.rows = append(f.rows, row{what, "ms", took, nil, bar{}})
	f.note("%s: %d keystrokes, %d lenses of %d KB in all; the daemon's processor time for each keystroke %s", what,
		len(took), len(before), len(answer.Result)/1024, quantity(ms(busy-idle)/float64(len(took)), "ms"))
	return err
}

// keystrokes types at some places of a file and asks for lenses after every key.
func (e *editor) keystrokes(ctx context.Context, path, text string, places int) (samples, error) {
	var took samples
	lines := strings.Split(text, "\n")
	version := 1
	for place := range places {
		line := len(lines) * (place + 1) / (places + 2)
		for !strings.Contains(lines[line], "self.assert") {
			line++ // a statement of its own
		}
		line += place // lines that were typed before
		character := len(lines[line-place])
		for _, key := range typed {
			version++
			begun := time.Now()
			if err := e.insert(path, version, line, character, string(key)); err != nil {
				return took, err
			}
			list, answer, err := e.lenses(ctx, path)
			if err != nil {
				return took, err
			}
			if len(list) == 0 {
				return took, errors.New("the lenses are lost")
			}
			took = append(took, ms(answer.at.Sub(begun)))
			if character++; key == '\n' {
				line, character = line+1, 0
			}
		}
	}
	return took, nil
}
