//go:build linux

package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// TestGuarantees shows the ten guarantees of the protocol with the real binary, over stdio, on a
// real project. The editor itself holds every run to the first two: it fails the test when
// something comes in another order, twice or not at all.
func TestGuarantees(t *testing.T) {
	for _, guarantee := range []struct {
		name string
		test func(*testing.T)
	}{
		{"1 order", orderOfARun},
		{"2 one terminal state/cancel", statesOfACancelledRun},
		{"2 one terminal state/crash", statesAfterACrash},
		{"2 one terminal state/import error", statesOfABrokenFile},
		{"2 one terminal state/daemon killed", statesWithoutADaemon},
		{"3 a dead worker", deadWorkerCostsOneTest},
		{"4 ids", idsAreEqual},
		{"4 errors above tests", errorsAboveTests},
		{"4 what failed within ids", failedWithinIDs},
		{"5 freshness", freshness},
		{"6 second run", secondRun},
		{"7 cancel", cancelLeavesNothing},
		{"8 flood", cancelInAFlood},
		{"9 output", outputIsOnesOwn},
		{"10 plain client", plainClient},
		{"10 plain client, daemon killed", plainClientWithoutADaemon},
	} {
		t.Run(guarantee.name, func(t *testing.T) {
			t.Parallel()
			guarantee.test(t)
		})
	}
}

const mixedTest = `
from django.test import TestCase

from shop.models import Item


class Mixed(TestCase):
    def test_1_passes(self):
        self.assertEqual(Item.objects.count(), 1)

    def test_2_fails(self):
        print("about to fail")
        self.assertEqual(1 + 1, 3)

    def test_3_is_skipped(self):
        self.skipTest("not today")
`

func orderOfARun(t *testing.T) {
	c := newClub(t, steady(t).python, "faults")
	c.write("tests/test_mixed.py", mixedTest)
	e := c.editor(lsptest.Options{})
	r := runOf(e, "mixed", wire.Select{URI: e.URI(c.path("tests/test_mixed.py"))})
	if r.Finished.Outcome != runner.Completed || len(r.Started.Tests) != 3 {
		t.Errorf("%s with %d tests", r.Finished.Outcome, len(r.Started.Tests))
	}
	goldenTalk(t, e, "1-order.txt", wire.MethodRun, wire.MethodTestEvents)
}

func statesOfACancelledRun(t *testing.T) {
	c := newClub(t, steady(t).python, "faults")
	c.prepareSigns()
	e := c.editor(lsptest.Options{})
	e.Run(wire.RunParams{RunID: "held", Select: labels("tests.test_hold.Holds"), Parallel: 1})
	c.awaitSign("one")
	e.WaitTestsStarted("held", 2) // the test may have begun before the editor knows
	call[any](t, e, wire.MethodCancelRun, wire.CancelRunParams{RunID: "held"})
	r := e.WaitRunFinished("held")
	want := map[string]runner.State{"test_1_before": runner.Passed, "test_2_holds": runner.Cancelled, "test_3_after": runner.Cancelled}
	if got := states(r); !maps.Equal(got, want) || r.Finished.Outcome != runner.CancelledRun {
		t.Errorf("%s %v", r.Finished.Outcome, got)
	}
	goldenTalk(t, e, "2-cancel.txt", wire.MethodRun, wire.MethodTestEvents, wire.MethodCancelRun)
	c.noStrangers()
}

const crashTest = `
import os
import unittest


class Crash(unittest.TestCase):
    def test_1_before(self):
        print("words of the first")

    def test_2_dies(self):
        print("last words", flush=True)
        os._exit(7)

    def test_3_after(self):
        print("words of the third")


class Other(unittest.TestCase):
    def test_4_other(self):
        pass
`

func statesAfterACrash(t *testing.T) {
	c := newFaults(t)
	c.write("tests/test_crash.py", crashTest)
	e := c.editor(lsptest.Options{})
	r := runOf(e, "crash", labels("tests.test_crash"))
	want := map[string]runner.State{
		"test_1_before": runner.Passed, "test_2_dies": runner.Errored, "test_3_after": runner.Passed, "test_4_other": runner.Passed,
	}
	if got := states(r); !maps.Equal(got, want) || r.Finished.Outcome != runner.Completed {
		t.Errorf("%s %v", r.Finished.Outcome, got)
	}
}

func statesOfABrokenFile(t *testing.T) {
	c := newFaults(t)
	c.write("tests/test_broken.py", "import nowhere\n"+mixedTest)
	e := c.editor(lsptest.Options{})
	r := runOf(e, "broken", wire.Select{URI: e.URI(c.path("tests/test_broken.py"))})
	brokenFile(t, r)
	// So it is when one test of it was clicked on.
	file := c.open(e, "tests/test_broken.py")
	at := wire.Position(e.Find(file, "def test_1_passes").Start)
	items := call[wire.TestsAtAnswer](t, e, wire.MethodTestsAt, wire.TestsAtParams{URI: e.URI(file), Position: &at}).Items
	if len(items) == 0 || items[0].Name != "test_1_passes" {
		t.Fatalf("at the test there is %+v", items)
	}
	brokenFile(t, runOf(e, "one", wire.Select{IDs: []runner.TestID{items[0].ID}}))
}

// brokenFile checks the run of a file that does not import: the file has the verdict, by its id in
// the tree.
func brokenFile(t *testing.T, r lsptest.RunLog) {
	t.Helper()
	if len(r.Verdicts) != 1 || r.Finished.Outcome != runner.Completed || r.Finished.Counts[runner.Errored] != 1 {
		t.Errorf("%s %s %v", r.Finished.Outcome, r.Finished.Error, states(r))
	}
	for id, verdict := range r.Verdicts {
		m := verdict.Messages
		if !strings.HasSuffix(string(id), "//tests/test_broken.py") || len(m) == 0 ||
			m[0].Phase != runner.PhaseImport || !strings.Contains(m[0].Text, "nowhere") {
			t.Errorf("%s: %+v", id, m)
		}
	}
}

func statesWithoutADaemon(t *testing.T) {
	c := newFaults(t)
	e := c.editor(lsptest.Options{})
	for i, id := range []runner.RunID{"first", "second"} {
		c.hold()
		daemon := c.status().Daemon.PID
		if i == 0 && daemon != daemonOf(e) {
			t.Fatalf("the editor knows daemon %d, there is %d", daemonOf(e), daemon)
		}
		e.Run(wire.RunParams{RunID: id, Select: labels("tests.test_hold.Holds"), Parallel: 1})
		c.awaitSign("one")
		e.Wait("the first verdict", func(m lsptest.Message) bool {
			return m.Method == wire.MethodTestEvents && strings.Contains(string(m.Params), `"`+string(id)+`"`) &&
				strings.Contains(string(m.Params), `"finished"`)
		})
		kill(t, daemon)
		r := e.WaitRunFinished(id)
		want := map[string]runner.State{"test_1_before": runner.Passed, "test_2_holds": runner.Errored, "test_3_after": runner.NotRun}
		if got := states(r); !maps.Equal(got, want) || r.Finished.Outcome != runner.ErrorRun {
			t.Errorf("%s %v", r.Finished.Outcome, got)
		}
		c.release()
		again := runOf(e, string(id)+"-again", labels("tests.test_plain"))
		if again.Finished.Counts[runner.Passed] != 3 {
			t.Errorf("the next daemon's run: %v %s", states(again), again.Finished.Error)
		}
		if next := c.status().Daemon.PID; next == daemon {
			t.Errorf("daemon %d lives", next)
		}
	}
	c.noStrangers()
}

func deadWorkerCostsOneTest(t *testing.T) {
	c := newFaults(t)
	c.write("tests/test_crash.py", crashTest)
	e := c.editor(lsptest.Options{})
	r := runOf(e, "crash", labels("tests.test_crash"))
	verdicts := byLabel(r)
	dead := verdicts["tests.test_crash.Crash.test_2_dies"]
	if m := dead.Verdict.Messages; len(m) != 1 || m[0].Phase != runner.PhaseWorker || !strings.Contains(m[0].Text, "last words") {
		t.Errorf("it died with %+v", m)
	}
	if strings.Contains(dead.Output, "words of the") {
		t.Errorf("the dead test's output: %q", dead.Output)
	}
	before, after := verdicts["tests.test_crash.Crash.test_1_before"], verdicts["tests.test_crash.Crash.test_3_after"]
	if before.Verdict.Worker != dead.Verdict.Worker || after.Verdict.Worker == dead.Verdict.Worker || after.Verdict.State != runner.Passed {
		t.Errorf("workers: %s, %s, then %s (%s)", before.Verdict.Worker, dead.Verdict.Worker, after.Verdict.Worker, after.Verdict.State)
	}

	// A worker that is killed from outside.
	e.Run(wire.RunParams{RunID: "killed", Select: labels("tests.test_hold.Holds", "tests.test_hold.Later"), Parallel: 1})
	c.awaitSign("one")
	kill(t, c.runningWorker().PID)
	c.release()
	r = e.WaitRunFinished("killed")
	if r.Finished.Counts[runner.Errored] != 1 || r.Finished.Counts[runner.Passed] != 4 || states(r)["test_2_holds"] != runner.Errored {
		t.Errorf("%v", states(r))
	}
	c.noStrangers()
}

const manyShapes = `
from django.test import SimpleTestCase


class Base(SimpleTestCase):
    def test_inherited(self):
        pass


class Shapes(Base):
    def test_own(self):
        print("own")

    def test_fails(self):
        self.assertEqual(1, 2)

    def test_subtests(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertNotEqual(i, 1)


for number in range(3):
    setattr(Shapes, f"test_generated_{number}", lambda self: None)
`

func idsAreEqual(t *testing.T) {
	c := newFaults(t)
	c.write("tests/test_shapes.py", manyShapes)
	e := c.editor(lsptest.Options{})
	file := c.open(e, "tests/test_shapes.py")
	tree := make(map[runner.TestID]wire.TestItem)
	for _, item := range collected(t, e, "tests.test_shapes.Shapes.test_generated_1") {
		tree[item.ID] = item
	}
	for id, item := range tree {
		if _, known := tree[item.Parent]; item.Parent != "" && !known {
			t.Errorf("%s has the parent %s, which nobody knows", id, item.Parent)
		}
	}
	r := runOf(e, "shapes", wire.Select{URI: e.URI(file)})
	if len(r.Started.Tests) != 8 {
		t.Errorf("%d tests", len(r.Started.Tests))
	}
	for _, test := range r.Started.Tests {
		if item := tree[test.ID]; item.Label != test.Label || item.Kind != runner.KindTest {
			t.Errorf("the run has %s, the tree %+v", test.ID, item)
		}
		if _, ok := r.Verdicts[test.ID]; !ok {
			t.Errorf("no event tells of %s", test.ID)
		}
	}
	results := make(map[runner.TestID]runner.State)
	for _, result := range call[wire.ResultsAnswer](t, e, wire.MethodResults, wire.ResultsParams{URI: e.URI(file)}).Results {
		results[result.ID] = result.State
	}
	for id, verdict := range r.Verdicts {
		if results[id] != verdict.State {
			t.Errorf("%s: the run says %s, results %q", id, verdict.State, results[id])
		}
	}
	if len(results) != len(r.Verdicts) {
		t.Errorf("%d results for %d verdicts", len(results), len(r.Verdicts))
	}
	hung := 0
	for _, lens := range e.Lenses(file) {
		for _, argument := range lens.Command.Arguments {
			id := idOf(t, argument)
			item, known := tree[id]
			if !known {
				t.Errorf("the lens %q has the id %s, which the tree does not", lens.Title(), id)
			}
			if item.Kind == runner.KindTest && lens.Command.Command == "hotclub.run" {
				hung++
			}
		}
	}
	if hung < 4 {
		t.Errorf("%d tests have lenses", hung)
	}
	// Each id runs what it names.
	for id := range r.Verdicts {
		one := runOf(e, "one "+string(id), wire.Select{IDs: []runner.TestID{id}})
		if _, ok := one.Verdicts[id]; !ok || len(one.Verdicts) != 1 {
			t.Errorf("a run of %s gave %v", id, one.Verdicts)
		}
	}
	sub := byLabel(r)["tests.test_shapes.Shapes.test_subtests"].Verdict
	if sub.State != runner.Failed || len(sub.Messages) != 1 || sub.Messages[0].Subtest != "(i=1)" {
		t.Errorf("the parent of the subtests: %+v", sub)
	}
}

func failedWithinIDs(t *testing.T) {
	c := newFaults(t)
	one := "class %s(unittest.TestCase):\n    def test_good(self):\n        pass\n\n    def test_%s(self):\n        self.assertEqual('%s', 'good')\n\n"
	c.write("tests/test_mixed.py", "import unittest\n\n"+
		fmt.Sprintf(one, "A", "bad_a", "bad")+fmt.Sprintf(one, "B", "bad_b", "bad")+fmt.Sprintf(one, "C", "c", "good"))
	e := c.editor(lsptest.Options{})
	items := collected(t, e, "tests.test_mixed.A.test_bad_a")
	id := func(label string) runner.TestID {
		return items[slices.IndexFunc(items, func(item wire.TestItem) bool { return item.Label == label })].ID
	}
	file := id("tests.test_mixed")
	project, _, _ := strings.Cut(string(file), "//")
	runOf(e, "all of the file", wire.Select{IDs: []runner.TestID{file}})
	for name, asked := range map[string]struct {
		ids  []runner.TestID
		want []string
	}{
		"the project":             {[]runner.TestID{runner.TestID(project + "//")}, []string{"test_bad_a", "test_bad_b"}},
		"the file":                {[]runner.TestID{file}, []string{"test_bad_a", "test_bad_b"}},
		"one class":               {[]runner.TestID{id("tests.test_mixed.B")}, []string{"test_bad_b"}},
		"one with, one without":   {[]runner.TestID{id("tests.test_mixed.A"), id("tests.test_mixed.C")}, []string{"test_bad_a"}},
		"one in which none fails": {[]runner.TestID{id("tests.test_mixed.C")}, nil},
	} {
		r := runOf(e, name, wire.Select{Failed: true, IDs: asked.ids})
		if got := slices.Sorted(maps.Keys(states(r))); !slices.Equal(got, asked.want) {
			t.Errorf("what failed in %s: %v, want %v", name, got, asked.want)
		}
		if asked.want == nil && !strings.Contains(r.Finished.Error, "no test failed") {
			t.Errorf("what failed in %s: %+v", name, r.Finished)
		}
	}
}

func errorsAboveTests(t *testing.T) {
	c := newFaults(t)
	two := "\n    def test_a(self):\n        pass\n\n    def test_b(self):\n        pass\n"
	for name, text := range map[string]string{
		"import":         "import nowhere\nimport unittest\n\nclass T(unittest.TestCase):" + two,
		"setUpModule":    "import unittest\n\ndef setUpModule():\n    raise ValueError('no')\n\nclass T(unittest.TestCase):" + two,
		"setUpClass":     "import unittest\n\nclass T(unittest.TestCase):" + two + "\n    @classmethod\n    def setUpClass(cls):\n        raise ValueError('no')\n",
		"tearDownClass":  "import unittest\n\nclass T(unittest.TestCase):" + two + "\n    @classmethod\n    def tearDownClass(cls):\n        raise ValueError('no')\n",
		"tearDownModule": "import unittest\n\ndef tearDownModule():\n    raise ValueError('no')\n\nclass T(unittest.TestCase):" + two,
	} {
		c.write("tests/test_"+name+".py", text)
	}
	e := c.editor(lsptest.Options{})
	collected(t, e, "tests.test_setUpClass.T.test_a")
	for _, phase := range []runner.Phase{runner.PhaseImport, runner.PhaseSetUpModule, runner.PhaseSetUpClass} {
		r := runOf(e, string(phase), wire.Select{URI: e.URI(c.path("tests/test_" + string(phase) + ".py"))})
		want := 2
		if phase == runner.PhaseImport {
			want = 1 // the file itself: what is in it nobody can know for sure
		}
		if len(r.Verdicts) != want || r.Finished.Counts[runner.Errored] != want {
			t.Errorf("%s: %v", phase, states(r))
		}
		for id, verdict := range r.Verdicts {
			if len(verdict.Messages) == 0 || verdict.Messages[0].Phase != phase {
				t.Errorf("%s: %s has %+v", phase, id, verdict.Messages)
			}
		}
	}
	items := call[wire.Tests](t, e, wire.MethodDiscover, struct{}{}).Items
	for phase, kind := range map[runner.Phase]runner.Kind{runner.PhaseTearDownClass: runner.KindClass, runner.PhaseTearDownModule: runner.KindFile} {
		r := runOf(e, string(phase), wire.Select{URI: e.URI(c.path("tests/test_" + string(phase) + ".py"))})
		if r.Finished.Counts[runner.Passed] != 2 || !r.Finished.Failed {
			t.Errorf("%s: %v, failed: %v", phase, states(r), r.Finished.Failed)
		}
		var above []runner.ClassErrored
		for _, event := range r.Events {
			if one, ok := event.(runner.ClassErrored); ok {
				above = append(above, one)
			}
		}
		if len(above) != 1 || above[0].Kind != kind || above[0].Verdict.Messages[0].Phase != phase {
			t.Fatalf("%s: %+v", phase, above)
		}
		if !slices.ContainsFunc(items, func(item wire.TestItem) bool { return item.ID == above[0].ID && item.Kind == kind }) {
			t.Errorf("%s: the tree has no %s", phase, above[0].ID)
		}
	}
}
