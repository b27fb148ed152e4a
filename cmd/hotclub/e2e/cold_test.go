//go:build linux

package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// moody is a test that passes only in a worker of hotclub that has databases of its own: what a
// difference between warm and cold looks like.
const moody = `
import os
from django.test import SimpleTestCase

class Moody(SimpleTestCase):
    def test_mood(self):
        self.assertIn("HOTCLUB_WORKER", os.environ)

    def test_steady(self):
        pass
`

// TestColdSettlesADoubt runs tests without anything warm: their verdicts are held against the last
// warm ones, in words, in JSON and in an editor, with whatever may explain a difference.
func TestColdSettlesADoubt(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.write("tests/test_moody.py", moody)
	comparison := func(s story) (found runner.Comparison) {
		t.Helper()
		at := strings.LastIndex(strings.TrimSpace(s.stdout), "\n")
		var last struct{ Comparison *runner.Comparison }
		if err := json.Unmarshal([]byte(s.stdout[at+1:]), &last); err != nil || last.Comparison == nil {
			t.Fatalf("%v in %s", err, s.stdout[at+1:])
		}
		return *last.Comparison
	}
	if got := comparison(c.run("--cold", "tests.test_plain")); got.Unknown != 3 || got.Same != 0 {
		t.Errorf("never warm: %+v", got)
	}
	c.plain()
	if got := comparison(c.run("--cold", "tests.test_plain")); got.Same != 3 || got.Unknown != 0 || len(got.Differences) != 0 {
		t.Errorf("the same: %+v", got)
	}
	if r := c.hotclub("run", "--python", c.python, "--cold", "tests.test_plain"); r.status != 0 || !strings.Contains(r.stdout+r.stderr, "Cold against warm: the same verdicts (3 of 3)\n") {
		t.Errorf("status %d\n%s\n%s", r.status, r.stdout, r.stderr)
	}

	warm := c.run("tests.test_moody")
	r := c.hotclub("run", "--python", c.python, "--cold", "tests.test_moody")
	for _, want := range []string{
		"Cold against warm: 1 of 2 verdicts differ\n", "tests.test_moody.Moody.test_mood: warm passed on generation " + warm.generation(t),
		", cold failed\n", "please report it",
	} {
		if r.status != 1 || !strings.Contains(r.stdout+r.stderr, want) {
			t.Errorf("status %d, no %q in\n%s\n%s", r.status, want, r.stdout, r.stderr)
		}
	}
	c.replace("tests/test_moody.py", "pass\n", "self.skipTest('today')\n")
	got := comparison(c.run("--cold", "tests.test_moody"))
	if len(got.Differences) != 2 || got.Unexplained() != 0 || got.Differences[0].Changed != "its file has changed since" {
		t.Errorf("after an edit: %+v", got)
	}

	e := c.editor(lsptest.Options{})
	items := collected(t, e, "tests.test_moody.Moody.test_mood")
	at := slices.IndexFunc(items, func(item wire.TestItem) bool { return item.Label == "tests.test_moody" })
	e.Run(wire.RunParams{RunID: "warm", Select: wire.Select{IDs: []runner.TestID{items[at].ID}}})
	e.WaitRunFinished("warm")
	e.Execute("hotclub.run", map[string]any{"id": items[at].ID, "cold": true})
	e.WaitMessage("Cold against warm: 1 of 2 verdicts differ")
	e.Run(wire.RunParams{RunID: "cold", Select: wire.Select{IDs: []runner.TestID{items[at].ID}}, Cold: true})
	if got := e.WaitRunFinished("cold").Finished.Comparison; got == nil || got.Unexplained() != 1 || got.Same != 1 {
		t.Errorf("in an editor: %+v", got)
	}
}
