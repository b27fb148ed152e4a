//go:build linux

package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"go.lsp.dev/uri"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/explain"
)

// TestExplain follows a project through edits: the command tells what ended a generation, and what a
// verdict is worth; an editor is told the same.
func TestExplain(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) {
		c := newFaults(t)
		c.env = append(c.env, "HOTCLUB_WATCH=off") // so that what is stale stays so until a run
		const label = "tests.test_plain.Plain.test_first"
		told := func(args ...string) string {
			t.Helper()
			r := c.hotclub(append([]string{"explain", "--python", c.python}, args...)...)
			if r.status != 0 {
				t.Fatalf("status %d\n%s", r.status, r.stderr)
			}
			return r.stdout
		}
		want := func(step, text string, parts ...string) {
			t.Helper()
			for _, part := range parts {
				if !strings.Contains(text, part) {
					t.Errorf("%s: no %q in\n%s", step, part, text)
				}
			}
		}
		first := c.plain("--start-method", method).generation(t)
		want("after a run", told(label), label+": ", ": passed in ", " of generation "+first+".", "The verdict is about what is on the disk", "asked for tests.test_plain, which has it", "The project last started at ")

		c.replace("shop/models.py", "max_length=80", "max_length=90")
		want("after an edit", told("tests/test_plain.py:8"), "The verdict is stale: shop/models.py changed.")
		want("after an edit", told(), "stale by now: shop/models.py changed", "; "+first+" booted in ")
		second := c.plain("--start-method", method).generation(t)
		want("after the next run", told(), ", generation "+second, "generation "+first+" ended: shop/models.py changed; "+second+" booted in ")
		want("after the next run", c.hotclub("status").stdout, "changes ", "generation "+first+" ended: shop/models.py changed; "+second+" booted in ", "not watched", "HOTCLUB_WATCH=off")

		c.replace("tests/test_plain.py", "class Plain", "# edited\nclass Plain")
		want("after an edit of the test", told(label), "The verdict is stale: tests/test_plain.py changed.")
		c.plain("--start-method", method)
		c.hotclub("restart")
		want("after a restart", told(), "generation "+second+" ended: somebody asked for new workers")

		var parts explain.Explanation
		if err := json.Unmarshal([]byte(told("--json", label)), &parts); err != nil {
			t.Fatal(err)
		}
		if len(parts.Tests) != 1 || parts.Tests[0].Last.Generation != second || parts.Restarted == nil || parts.Restarted.Ended != second {
			t.Errorf("got %+v", parts)
		}
		c.plain("--start-method", method)
		e := c.editor(lsptest.Options{Initialization: map[string]any{"startMethod": method}})
		items := collected(t, e, label)
		for _, item := range items {
			if item.Label == label {
				text := call[wire.ExplainAnswer](t, e, wire.MethodExplain, wire.ExplainParams{ID: item.ID}).Text
				if got := told(label); got != text {
					t.Errorf("the command says\n%s\nand an editor\n%s", got, text)
				}
			}
		}
		e.Execute("hotclub.showWorkers")
		document := e.WaitShown(1)
		want("the workers", readFile(t, uri.URI(document).FsPath()), "WORKER ", "What became of the workers, and why:", "somebody asked for new workers")
		e.Quit() // it would start the daemon anew
		c.hotclub("stop", "--all")
		want("without a daemon", told(label), ": passed in ", "nothing is warm")
	})
}

// TestExplainABrokenProject asks why nothing runs.
func TestExplainABrokenProject(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.plain()
	c.replace("conf.py", "import os", "import os, gone_away")
	if s := c.run("tests.test_plain"); s.finished.Outcome != runner.ErrorRun {
		t.Fatalf("got %+v", s.finished)
	}
	text := c.hotclub("explain", "--python", c.python).stdout
	for _, part := range []string{": the project does not start\n", "it does not start: ModuleNotFoundError: No module named 'gone_away' (conf.py:1)", " ended: conf.py changed; "} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
}

// A project that nobody uses lets go of its workers, and the daemon ends some time after its last.
func TestIdleProjectEnds(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.write("hotclub.toml", "idle-timeout = '1s'\n")
	c.plain()
	eventually(t, "the project has no workers", func() bool { return len(c.status().Projects) == 0 })
	c.noStrangers()
	c.plain() // and begins anew
}

// Nor do saves keep a project that nobody runs, although the test module that was run last is loaded
// again after each.
func TestSavesKeepNoIdleProject(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.write("hotclub.toml", "idle-timeout = '3s'\n")
	c.plain()
	loads, last := 0, 0
	ended := within(patience, func() bool {
		now := c.status()
		for _, w := range now.workers() {
			if len(w.Loaded) > 0 && w.PID != last {
				loads, last = loads+1, w.PID
				c.replace("tests/test_plain.py", "\nclass ", "\n\nclass ")
			}
		}
		return len(now.Projects) == 0
	})
	if !ended || loads == 0 {
		t.Errorf("after %d loads the project has ended: %t", loads, ended)
	}
}
