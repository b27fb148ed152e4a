package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/discover/discovertest"
)

// testsInFile is how many tests each file of a generated workspace has.
const testsInFile = 10

// firstTree is how long a test explorer waits for all tests of a large workspace that no daemon
// has seen, and for what has become of one file when it is saved.
func firstTree(ctx context.Context, l *lab) (findings, error) {
	var f findings
	root, count := filepath.Join(l.dir, "wide"), 1000
	files, err := discovertest.Workspace(root, count)
	if err != nil {
		return f, err
	}
	var took samples
	size := 0
	for range l.rounds(12) {
		err := l.explore(ctx, root, func(_ *club, e *editor) error {
			one, received, err := e.tree(ctx, count*testsInFile)
			took, size = append(took, one), received
			return err
		})
		if err != nil {
			return f, err
		}
	}
	f.rows = append(f.rows, row{
		fmt.Sprintf("the first tree, %d tests in %d files", count*testsInFile, count), "ms", took, nil, atMost(500, "ms", took),
	})
	f.note("the first tree: from initialized to the last test over the editor's pipes, %d KB", size/1024)
	return f, l.explore(ctx, root, func(c *club, e *editor) error {
		from := e.now()
		if _, _, err := e.tree(ctx, count*testsInFile); err != nil {
			return err
		}
		if err := e.collected(ctx, from, count*testsInFile); err != nil {
			return err
		}
		saves, err := e.saves(ctx, c, files[count/2], l.rounds(60))
		f.rows = append(f.rows, row{
			fmt.Sprintf("a saved file among %d: from didSave to didChangeTests", count), "ms", saves, nil, p95AtMost(5, "ms", saves),
		})
		return err
	})
}

// explore begins a session with a daemon of its own.
func (l *lab) explore(ctx context.Context, root string, look func(*club, *editor) error) error {
	c, err := l.newClub(root, "fork")
	if err != nil {
		return err
	}
	defer c.end()
	e, err := c.edit(ctx, false)
	if err != nil {
		return err
	}
	defer e.end(ctx)
	return look(c, e)
}

// tree waits until so many tests are known, from the answer to hotclub/discover or from what
// is told after it.
func (e *editor) tree(ctx context.Context, tests int) (took float64, size int, err error) {
	from, begun := e.now(), time.Now()
	if err := e.notify("initialized", object{}); err != nil {
		return 0, 0, err
	}
	answer, err := e.call(ctx, wire.MethodDiscover, object{}, nil)
	if err != nil {
		return 0, 0, err
	}
	known := make(map[runner.TestID]bool)
	note(known, answer.Result, "")
	last := answer
	size = len(answer.Result)
	if len(known) < tests {
		last, err = e.await(ctx, from, func(m heard) bool {
			if m.Method == wire.MethodDidChangeTests {
				note(known, m.Params, "")
				size += len(m.Params)
			}
			return len(known) >= tests
		})
	}
	if len(known) != tests {
		err = errors.Join(fmt.Errorf("%d tests were found and not %d", len(known), tests), err)
	}
	return ms(last.at.Sub(begun)), size, err
}

// collected waits until a worker has found the tests too.
func (e *editor) collected(ctx context.Context, from, tests int) error {
	known := make(map[runner.TestID]bool)
	_, err := e.await(ctx, from, func(m heard) bool {
		if m.Method == wire.MethodDidChangeTests {
			note(known, m.Params, runner.Collected)
		}
		return len(known) >= tests
	})
	if err != nil {
		return fmt.Errorf("a worker has found %d tests: %w", len(known), err)
	}
	return nil
}

// note adds the tests of a message, of one fidelity or of any, to those that are known.
func note(known map[runner.TestID]bool, message json.RawMessage, fidelity runner.Fidelity) {
	var told wire.Tests
	if json.Unmarshal(message, &told) != nil {
		return // what is missing will be noticed
	}
	for _, item := range told.Items {
		if item.Kind == runner.KindTest && (fidelity == "" || item.Fidelity == fidelity) {
			known[item.ID] = true
		}
	}
}

// saves adds a test to a file and saves it, over and over.
func (e *editor) saves(ctx context.Context, c *club, path string, n int) (samples, error) {
	var took samples
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	document := object{"uri": fileURI(path)}
	if err := e.open(path, string(text)); err != nil {
		return nil, err
	}
	for i := range n {
		if _, err := c.settled(ctx); err != nil {
			return took, err
		}
		name := fmt.Sprintf("test_saved_%d", i)
		text = fmt.Appendf(text, "\n    def %s(self):\n        pass\n", name)
		err := errors.Join(os.WriteFile(path, text, 0o600), e.notify("textDocument/didChange", object{
			"textDocument": object{"uri": document["uri"], "version": i + 2}, "contentChanges": []object{{"text": string(text)}},
		}))
		if err != nil {
			return took, err
		}
		if _, _, err := e.lenses(ctx, path); err != nil { // the edit has been taken
			return took, err
		}
		from, begun := e.now(), time.Now()
		if err := e.notify("textDocument/didSave", object{"textDocument": document}); err != nil {
			return took, err
		}
		told, err := e.await(ctx, from, func(m heard) bool { return m.Method == wire.MethodDidChangeTests && names(m, name) })
		if err != nil {
			return took, err
		}
		took = append(took, ms(told.at.Sub(begun)))
	}
	return took, nil
}

// names reports whether a change of the tree has a test of some name.
func names(m heard, name string) bool {
	var told wire.Tests
	return json.Unmarshal(m.Params, &told) == nil &&
		slices.ContainsFunc(told.Items, func(item wire.TestItem) bool { return item.Name == name })
}
