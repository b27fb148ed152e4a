//go:build linux

package e2e

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// editor starts `hotclub lsp` and an editor that has the project open.
func (c *club) editor(options lsptest.Options) *lsptest.Editor {
	c.t.Helper()
	if options.Folders == nil {
		options.Folders = []string{c.root}
	}
	if options.Initialization == nil {
		options.Initialization = make(map[string]any)
	}
	options.Initialization["python"] = c.python
	command := c.command(context.Background(), "lsp")
	c.editors = append(c.editors, command)
	return lsptest.NewEditor(c.t, lsptest.Launch(c.t, command), options)
}

// steady is the interpreter for golden files: tracebacks differ between versions of Python.
func steady(t *testing.T) django {
	t.Helper()
	all := djangos(t)
	at := slices.IndexFunc(all, func(d django) bool { return d.version == "5.2" })
	if at < 0 {
		t.Fatal("DJANGO_PYTHONS has no 5.2")
	}
	return all[at]
}

// path of a file of the project.
func (c *club) path(name string) string { return filepath.Join(c.root, name) }

// open has an editor open a file of the project.
func (c *club) open(e *lsptest.Editor, name string) string {
	c.t.Helper()
	text, err := os.ReadFile(c.path(name))
	if err != nil {
		c.t.Fatal(err)
	}
	e.Open(c.path(name), string(text))
	return c.path(name)
}

// daemonOf is the daemon that an editor has met first.
func daemonOf(e *lsptest.Editor) int {
	pid, _ := e.Server("experimental.hotclub.daemon.pid").(float64)
	return int(pid)
}

// call asks for something that must be answered.
func call[A any](t *testing.T, e *lsptest.Editor, method string, params any) (answer A) {
	t.Helper()
	m := e.Call(method, params)
	if m.Error != nil {
		t.Fatalf("%s: %d %s", method, m.Error.Code, m.Error.Message)
	}
	if err := json.Unmarshal(m.Result, &answer); err != nil {
		t.Fatalf("%s: %v in %s", method, err, m.Result)
	}
	return answer
}

// collected waits until the project's own loader has been heard about a test.
func collected(t *testing.T, e *lsptest.Editor, label string) (items []wire.TestItem) {
	t.Helper()
	eventually(t, label+" is collected", func() bool {
		items = call[wire.Tests](t, e, wire.MethodDiscover, struct{}{}).Items
		return slices.ContainsFunc(items, func(item wire.TestItem) bool {
			return item.Label == label && item.Fidelity == runner.Collected
		})
	})
	return items
}

// byLabel are the verdicts of a run.
func byLabel(r lsptest.RunLog) map[string]runner.TestFinished {
	verdicts := make(map[string]runner.TestFinished)
	for _, event := range r.Events {
		if finished, ok := event.(runner.TestFinished); ok {
			verdicts[finished.Test.Label] = finished
		}
	}
	return verdicts
}

// labels selects what manage.py test would.
func labels(list ...string) wire.Select { return wire.Select{Labels: list} }

// runOf runs tests to their end.
func runOf(e *lsptest.Editor, id string, what wire.Select) lsptest.RunLog {
	e.Run(wire.RunParams{RunID: runner.RunID(id), Select: what, Parallel: 1})
	return e.WaitRunFinished(runner.RunID(id))
}

// states are those of a run's tests, by the last part of their labels.
func states(r lsptest.RunLog) map[string]runner.State {
	found := make(map[string]runner.State)
	for label, finished := range byLabel(r) {
		found[label[strings.LastIndex(label, ".")+1:]] = finished.Verdict.State
	}
	return found
}

// drawn is what differs from one time to the next in a transcript, beyond what the editor knows
// of: names of workers, ids of projects and of the server's own runs, what depends on what was ready.
var drawn = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`"worker":"[a-z]\d+"`), `"worker":"…"`},
	{regexp.MustCompile(`"[0-9a-f]{12}//`), `"project//`},
	{regexp.MustCompile(`"queries":\d+`), `"queries":0`}, // a worker's first test opens the connection
	{regexp.MustCompile(`"(ready|booting|running)":\d+`), `"$1":0`},
	{regexp.MustCompile(`,"(timings|slowest)":\[[^\]]*\]`), ``},
	{regexp.MustCompile(`"runId":"[A-Z2-7]{26}"`), `"runId":"…"`},
}

// goldenTalk compares a transcript with testdata/lsp/name.
func goldenTalk(t *testing.T, e *lsptest.Editor, name string, methods ...string) {
	t.Helper()
	text := e.Transcript(methods...)
	for _, d := range drawn {
		text = d.pattern.ReplaceAll(text, []byte(d.instead))
	}
	lsptest.Golden(t, filepath.Join("lsp", name), text)
}

// idOf is the id in the argument of a lens.
func idOf(t *testing.T, argument json.RawMessage) runner.TestID {
	t.Helper()
	var data struct{ ID runner.TestID }
	if err := json.Unmarshal(argument, &data); err != nil {
		t.Fatal(err)
	}
	return data.ID
}

// clones are the databases that workers work on.
func (c *club) clones() []string {
	return glob(c.t, c.state, "hotclub", "databases", "clones", "*", "*")
}

// noStrayClones waits until no database is left but those of the workers that live and the
// spares of the pool.
func (c *club) noStrayClones() {
	c.t.Helper()
	const spares = 2
	eventually(c.t, "as few databases as workers", func() bool {
		owned := spares
		for _, w := range c.status().workers() {
			if w.Kind != "layer" {
				owned++
			}
		}
		return len(c.clones()) <= owned
	})
}
