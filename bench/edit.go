package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// thought is how long a person takes from a save to the click. What a save sets off in the
// background has begun by then.
const thought = 500 * time.Millisecond

// manuscript is a file that is edited over and over. A number in its text, the edition, decides
// what becomes of a test: it passes with an even one and fails with an odd one, which it names.
// So no verdict of an older text goes unnoticed.
type manuscript struct {
	test   runner.TestID
	path   string
	before string // the text up to what changes
	line   string // what changes, a format for the edition
	after  string

	edition  int
	original string
}

// testManuscript edits the test itself: its first statement becomes an assertion.
func testManuscript(root string, test runner.TestID) (*manuscript, error) {
	_, inside, _ := strings.Cut(string(test), "//")
	parts := strings.Split(inside, "::")
	m := &manuscript{test: test, path: filepath.Join(root, filepath.FromSlash(parts[0]))}
	text, err := os.ReadFile(m.path)
	if err != nil || len(parts) != 3 {
		return nil, fmt.Errorf("%s is no method of a class in a file: %w", test, err)
	}
	m.original = string(text)
	class, method := regexp.QuoteMeta(parts[1]), regexp.QuoteMeta(parts[2])
	head := regexp.MustCompile(`(?ms)^class ` + class + `\b.*?^    (?:async )?def ` + method + `\(self\)[^\n]*:\n`).FindStringIndex(m.original)
	if head == nil {
		return nil, fmt.Errorf("%s has no %s.%s", m.path, parts[1], parts[2])
	}
	m.before, m.after = m.original[:head[1]], m.original[head[1]:]
	m.line = "        self.assertFalse(%[1]d %% 2, 'edition %[1]d')\n"
	return m, nil
}

// codeManuscript edits what a test asks for: the only 0 behind a mark in the file.
func codeManuscript(path, mark string, test runner.TestID) (*manuscript, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m := &manuscript{test: test, path: path, original: string(text), line: "%d"}
	before, after, found := strings.Cut(m.original, mark+"0")
	if !found {
		return nil, fmt.Errorf("%s has no %q", path, mark+"0")
	}
	m.before, m.after = before+mark, after
	return m, nil
}

// next is the text of another edition.
func (m *manuscript) next() string {
	m.edition++
	return m.before + fmt.Sprintf(m.line, m.edition) + m.after
}

// close puts back what was there.
func (m *manuscript) close() error { return os.WriteFile(m.path, []byte(m.original), 0o600) }

// judge holds a verdict against the edition that was saved.
func (m *manuscript) judge(v runner.Verdict) error {
	want := runner.Passed
	if m.edition%2 == 1 {
		want = runner.Failed
	}
	if v.State != want {
		return fmt.Errorf("%s is %s, and with edition %d it is to be %s: %+v", m.test, v.State, m.edition, want, v.Messages)
	}
	if want == runner.Failed && len(v.Messages) == 0 {
		return fmt.Errorf("%s has failed and does not tell why", m.test)
	}
	// The summary alone: a traceback shows lines of the file as it is, whatever code has run.
	if want == runner.Failed && !strings.HasSuffix(v.Messages[0].Summary, fmt.Sprintf("edition %d", m.edition)) {
		return fmt.Errorf("%s was run with another text than edition %d: %s", m.test, m.edition, v.Messages[0].Summary)
	}
	return nil
}

// save writes the next edition as an editor does that has the file open.
func (e *editor) save(m *manuscript) error {
	text := m.next()
	document := object{"uri": fileURI(m.path), "version": m.edition + 1}
	return errors.Join(
		os.WriteFile(m.path, []byte(text), 0o600),
		e.notify("textDocument/didChange", object{"textDocument": document, "contentChanges": []object{{"text": text}}}),
		e.notify("textDocument/didSave", object{"textDocument": object{"uri": document["uri"]}}))
}

// verdict is what became of a single test.
type verdict struct {
	runner.Verdict
	over float64 // milliseconds from the request, beyond the test's own body
	way  []runner.Timing
}

// runOne runs a test through the editor's connection, in a run that is as it is asked for but for
// what it selects.
func (e *editor) runOne(ctx context.Context, run wire.RunParams, test runner.TestID) (verdict, error) {
	var v verdict
	run.Select = wire.Select{IDs: []runner.TestID{test}}
	from, begun := e.now(), time.Now()
	if _, err := e.call(ctx, wire.MethodRun, run, nil); err != nil {
		return v, err
	}
	end, err := e.await(ctx, from, func(m heard) bool {
		if !ofRun(m, run.RunID) {
			return false
		}
		for _, finished := range finishedIn(m) {
			v.Verdict, v.over = finished.Verdict, ms(m.at.Sub(begun))-finished.Verdict.DurationMs
		}
		return m.Method == wire.MethodRunFinished
	})
	if err != nil {
		return v, err
	}
	if v.State == "" {
		return v, fmt.Errorf("%s has no verdict: %s", test, end.Params)
	}
	v.way, err = e.lastRun(ctx)
	return v, err
}

// ofRun reports whether a message tells of a run.
func ofRun(m heard, id runner.RunID) bool {
	var told struct{ RunID runner.RunID }
	return m.Method != "" && json.Unmarshal(m.Params, &told) == nil && told.RunID == id
}

// runID names a run of this client's.
func runID(what string, number int) runner.RunID {
	return runner.RunID(fmt.Sprintf("%s-%d", what, number))
}

// editAndRun saves another edition, waits, and runs the test whose verdict depends on it.
func (e *editor) editAndRun(ctx context.Context, m *manuscript, wait time.Duration) (verdict, error) {
	if err := e.save(m); err != nil {
		return verdict{}, err
	}
	if err := pause(ctx, wait); err != nil {
		return verdict{}, err
	}
	v, err := e.runOne(ctx, wire.RunParams{RunID: runID(filepath.Base(m.path), m.edition)}, m.test)
	if err == nil {
		err = m.judge(v.Verdict)
	}
	return v, err
}

// calm waits until nothing goes on any more that a save or a run has set off.
func (c *club) calm(ctx context.Context) error {
	if err := pause(ctx, thought); err != nil {
		return err
	}
	_, err := c.settled(ctx)
	return err
}

func pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
