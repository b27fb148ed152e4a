//go:build linux

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// witnesses are test modules that tell which text they and a module of the project had when they
// were loaded. Each waits for a sign, so that an edit can fall between any two of them.
const witnesses = 6

// editions are the numbers in the text of the project's module and in those of the witnesses.
type editions struct{ code, tests int }

func (c *club) edit(to editions) {
	c.t.Helper()
	c.update("catalog/edition.py", fmt.Sprintf("EDITION = %d\n", to.code))
	for i := range witnesses {
		c.update(fmt.Sprintf("catalog/tests/test_witness_%d.py", i), fmt.Sprintf(`
from django.test import SimpleTestCase

import signs
from catalog import edition

EDITION = %d


class WitnessTests(SimpleTestCase):
    def test_edition(self):
        signs.hold("witness %d")
        print("code", edition.EDITION, "tests", EDITION)
`, to.tests, i))
	}
}

// update writes a file that has another text.
func (c *club) update(name, text string) {
	c.t.Helper()
	if old, err := os.ReadFile(filepath.Join(c.root, name)); err != nil || string(old) != text {
		c.write(name, text)
	}
}

// newEditions is a club on the bookshop with witnesses, whose tests have all run once.
func newEditions(t *testing.T, method string) *club {
	t.Helper()
	c := newClubAt(t, steady(t).python, copyOf(t, "../../../examples/bookshop"))
	signs, err := os.ReadFile(filepath.Join("testdata", "faults", "signs.py"))
	if err != nil {
		t.Fatal(err)
	}
	c.prepareSigns()
	c.write("signs.py", string(signs))
	c.replace("catalog/models.py", "from django.db import models", "from django.db import models\n\nfrom catalog import edition  # noqa: F401")
	c.edit(editions{1, 1})
	c.release()
	warm := c.run("--start-method", method, "-n", "2", "catalog")
	c.saw("warm", warm.tests, editions{1, 1}, witnesses)
	c.hold()
	return c
}

// held waits until two workers, all there are, are at a witness each.
func (c *club) held() {
	c.t.Helper()
	there := within(3*time.Minute, func() bool { // they come last
		found, _ := filepath.Glob(filepath.Join(c.root, "signs", "witness *"))
		return len(found) == 2
	})
	if !there {
		c.t.Fatal("no two witnesses wait")
	}
}

// saw holds the verdicts of a run to one generation, which it returns, and to one edition of each
// text: so many witnesses are to tell of it.
func (c *club) saw(run string, verdicts map[string]line, want editions, told int) (generation string) {
	c.t.Helper()
	for label, v := range verdicts {
		if generation == "" {
			generation = v.Generation
		}
		if v.Generation != generation || generation == "" {
			c.t.Errorf("%s: %s is of generation %q, and another of %q", run, label, v.Generation, generation)
		}
		if v.State.Bad() {
			c.t.Errorf("%s: %s is %s: %+v", run, label, v.State, v.Messages)
		}
		if !strings.Contains(label, ".WitnessTests.") || v.State != runner.Passed {
			continue
		}
		told--
		if text := fmt.Sprintf("code %d tests %d\n", want.code, want.tests); v.Output != text {
			c.t.Errorf("%s: %s tells %q, want %q", run, label, v.Output, text)
		}
	}
	if told > 0 {
		c.t.Errorf("%s: %d witnesses have not told", run, told)
	}
	return generation
}

// verdictsOf are those of a run that an editor has followed.
func verdictsOf(r lsptest.RunLog) map[string]line {
	all := make(map[string]line)
	for label, finished := range byLabel(r) {
		v := finished.Verdict
		all[label] = line{Label: label, State: v.State, Generation: v.Generation, Messages: v.Messages, Output: finished.Output}
	}
	return all
}

// TestEditInTheMiddleOfARun edits what all tests depend on while they run: the run ends on the
// text that it began with, and the next has the new one.
func TestEditInTheMiddleOfARun(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) { editInTheMiddle(t, method, editions{code: 2, tests: 1}) })
}

// TestEditOfTestsInTheMiddleOfARun edits test modules that most workers of the run have not loaded
// yet: those are left out, with the reason, and the next run has the new text.
func TestEditOfTestsInTheMiddleOfARun(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) { editInTheMiddle(t, method, editions{code: 1, tests: 2}) })
}

func editInTheMiddle(t *testing.T, method string, to editions) {
	c := newEditions(t, method)
	edited := c.begin("--start-method", method, "-n", "2", "catalog")
	c.held()
	c.edit(to)
	c.release()
	within(3*time.Minute, edited.hasEnded) // it is long
	s := edited.story()
	leftOut := 0
	for label, v := range s.tests {
		if v.State == runner.NotRun {
			leftOut++
			if !strings.HasSuffix(v.Reason, ".py changed while the run was on") {
				t.Errorf("%s was left out: %q", label, v.Reason)
			}
		}
	}
	if changed := to.tests != 1; (leftOut > 0) != changed || (s.status != 0) != changed {
		t.Errorf("status %d, %d tests left out\n%s", s.status, leftOut, s.stderr)
	}
	before := c.saw("edited", s.tests, editions{1, 1}, witnesses-leftOut)
	next := c.run("--start-method", method, "-n", "2", "catalog.tests")
	if after := c.saw("next", next.tests, to, witnesses); after == before && to.code != 1 {
		t.Errorf("both runs are of generation %s", after)
	}
}

// TestEditSupersedesARun asks for another run after the edit, in place of the one that goes on.
func TestEditSupersedesARun(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) {
		c := newEditions(t, method)
		e := c.editor(lsptest.Options{Initialization: map[string]any{"startMethod": method}})
		e.Run(wire.RunParams{RunID: "edited", Select: labels("catalog"), Parallel: 2})
		c.held()
		c.edit(editions{2, 2})
		var only []string
		for i := range witnesses {
			only = append(only, fmt.Sprintf("catalog.tests.test_witness_%d", i))
		}
		e.Run(wire.RunParams{RunID: "next", Select: labels(only...), Parallel: 2, OnBusy: "cancelPrevious"})
		edited := e.WaitRunFinished("edited")
		if edited.Finished.Outcome != runner.CancelledRun {
			t.Errorf("the run that was superseded is %s", edited.Finished.Outcome)
		}
		c.release()
		next := e.WaitRunFinished("next")
		if next.Finished.Outcome != runner.Completed {
			t.Errorf("the run in its place is %s: %s", next.Finished.Outcome, next.Finished.Error)
		}
		before, after := c.saw("edited", verdictsOf(edited), editions{1, 1}, 0), c.saw("next", verdictsOf(next), editions{2, 2}, witnesses)
		if before == after {
			t.Errorf("both runs are of generation %s", after)
		}
	})
}
