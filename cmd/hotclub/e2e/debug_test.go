//go:build linux

package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// shoutingModels is code under test that workers have loaded before they are forked.
const shoutingModels = `from django.db import models


class Item(models.Model):
    name = models.CharField(max_length=80)

    def shout(self):
        loud = self.name.upper()
        return loud
`

const debuggedTest = `from django.test import TestCase

from shop.models import Item
from shop.prices import PRICE


class Debugged(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.item = Item.objects.create(name="tea")

    def test_1_shouts(self):
        price = PRICE * 2
        self.assertEqual(self.item.shout(), "TEA")

    def test_2_fails(self):
        left = Item.objects.filter(name="tea").count()
        self.assertEqual(left, 4)

    def test_3_errors(self):
        self.item.name = None
        self.item.shout()

    def test_4_passes(self):
        pass
`

// debuggers are the interpreters that have debugpy, oldest Django first.
func debuggers(t *testing.T) []django {
	t.Helper()
	var all []django
	for entry := range strings.SplitSeq(os.Getenv("EDITOR_PYTHONS"), ",") {
		if version, python, ok := strings.Cut(strings.TrimSpace(entry), "="); ok {
			all = append(all, django{version, python})
		}
	}
	if len(all) == 0 {
		t.Fatal("EDITOR_PYTHONS names no interpreter with debugpy; .ci/test sets it")
	}
	return all
}

// workshop is an editor on a project whose tests are debugged.
type workshop struct {
	*club
	editor      *lsptest.Editor
	tests, code string // files
}

func newWorkshop(t *testing.T, python, method string) *workshop {
	c := newClub(t, python, "faults")
	c.write("shop/models.py", shoutingModels)
	c.write("tests/test_debug.py", debuggedTest)
	e := c.editor(lsptest.Options{Initialization: map[string]any{"startMethod": method}})
	return &workshop{c, e, c.path("tests/test_debug.py"), c.path("shop/models.py")}
}

// debug asks for a run of tests of the class under a debugger, and returns where it waits.
func (w *workshop) debug(id runner.RunID, how runner.Debug, tests ...string) wire.DebuggerReady {
	w.t.Helper()
	for i, test := range tests {
		tests[i] = "tests.test_debug.Debugged." + test
	}
	w.editor.Debug(wire.DebugParams{RunParams: wire.RunParams{RunID: id, Select: labels(tests...), TimeoutMs: 1}, Debug: how})
	ready := w.editor.WaitDebugger(id, 1)
	if ready.Host != "127.0.0.1" || ready.PID == 0 {
		w.t.Errorf("it waits at %+v", ready)
	}
	return ready
}

// line is that of a text in a file of the project, from 1.
func (w *workshop) line(file, text string) int {
	w.t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	before, _, found := strings.Cut(string(data), text)
	if !found {
		w.t.Fatalf("%s has no %q", file, text)
	}
	return strings.Count(before, "\n") + 1
}

func (w *workshop) ends(id runner.RunID, outcome runner.Outcome, want map[string]runner.State) lsptest.RunLog {
	w.t.Helper()
	r := w.editor.WaitRunFinished(id)
	if got := states(r); !maps.Equal(got, want) || r.Finished.Outcome != outcome {
		w.t.Errorf("%s: %s %v, want %v\n%+v", id, r.Finished.Outcome, got, want, r.Notices)
	}
	return r
}

// TestDebugger debugs tests in warm workers, with sys.settrace on Python 3.11 and sys.monitoring on
// 3.13.
func TestDebugger(t *testing.T) {
	all := debuggers(t)
	for _, d := range all {
		methods := []string{"fork"}
		if d == all[len(all)-1] {
			methods = append(methods, "spawn")
		}
		for _, method := range methods {
			t.Run("django"+d.version+"/"+method, func(t *testing.T) {
				w := newWorkshop(t, d.python, method)
				for _, one := range []struct {
					name string
					test func(*testing.T, *workshop)
				}{
					{"breakpoints", stopsAtBreakpoints},
					{"fresh", debugsWhatWasSaved},
					{"stop on failure", stopsOnFailure},
					{"disconnect", goesOnWithoutDebugger},
					{"cancel while stopped", cancelsWhileStopped},
					{"cancel while waiting", cancelsWhileWaiting},
					{"crash", goesOnAfterCrash},
				} {
					t.Run(one.name, func(t *testing.T) { one.test(t, w) })
				}
				w.noStrangers()
				w.noStrayClones()
			})
		}
	}
}

func stopsAtBreakpoints(t *testing.T, w *workshop) {
	inTest, inCode := w.line(w.tests, "self.assertEqual(self.item"), w.line(w.code, "return loud")
	d := attach(t, w.debug("points", runner.Debug{}, "test_1_shouts", "test_2_fails"), breakpoint{w.tests, inTest}, breakpoint{w.code, inCode})
	s := d.waitStop(1)
	if got, price := s.at(), s.value("price"); !strings.HasPrefix(got, "test_debug.py:") || !strings.HasSuffix(got, " test_1_shouts") || s.frames[0].Line != inTest || price != "2" {
		t.Errorf("stopped at %s with a price of %s", got, price)
	}
	s.goOn()
	s = d.waitStop(2)
	if loud := s.value("loud"); s.frames[0].Source.Path != w.code || s.frames[0].Line != inCode || loud != "'TEA'" {
		t.Errorf("stopped at %s with %s", s.at(), loud)
	}
	for _, frame := range s.frames {
		if strings.Contains(frame.Source.Path, "hotclub_worker") {
			t.Errorf("the stack shows our own %s", frame.Source.Path)
		}
	}
	s.goOn()
	w.ends("points", runner.Completed, map[string]runner.State{"test_1_shouts": runner.Passed, "test_2_fails": runner.Failed})
	d.waitEvent("terminated", 1)
}

// A test is debugged as it stands on the disk.
func debugsWhatWasSaved(t *testing.T, w *workshop) {
	w.write("shop/prices.py", "PRICE = 21\n")
	at := w.line(w.tests, "self.assertEqual(self.item")
	d := attach(t, w.debug("fresh", runner.Debug{}, "test_1_shouts"), breakpoint{w.tests, at})
	s := d.waitStop(1)
	if price := s.value("price"); price != "42" {
		t.Errorf("got a price of %s", price)
	}
	s.goOn()
	w.ends("fresh", runner.Completed, map[string]runner.State{"test_1_shouts": runner.Passed})
}

func stopsOnFailure(t *testing.T, w *workshop) {
	d := attach(t, w.debug("failure", runner.Debug{StopOnFailure: true}, "test_2_fails", "test_3_errors", "test_4_passes"))
	s := d.waitStop(1)
	if left, alive := s.value("left"), s.value("Item.objects.filter(name='tea').count()"); s.Reason != "exception" || s.frames[0].Source.Path != w.tests || left != "1" || alive != "1" {
		t.Errorf("stopped at %s (%s) with %s and %s", s.at(), s.Reason, left, alive)
	}
	s.goOn()
	s = d.waitStop(2)
	if name := s.value("self.name"); s.frames[0].Source.Path != w.code || s.frames[0].Name != "Item.shout" && s.frames[0].Name != "shout" || name != "None" {
		t.Errorf("stopped at %s with %s", s.at(), name)
	}
	s.goOn()
	w.ends("failure", runner.Completed, map[string]runner.State{
		"test_2_fails": runner.Failed, "test_3_errors": runner.Errored, "test_4_passes": runner.Passed,
	})
	d.waitEvent("terminated", 1)
}

// A debugger that leaves lets the run go on, also past breakpoints.
func goesOnWithoutDebugger(t *testing.T, w *workshop) {
	first, second := w.line(w.tests, "self.assertEqual(self.item"), w.line(w.tests, "self.assertEqual(left")
	d := attach(t, w.debug("leave", runner.Debug{StopOnFailure: true}, "test_1_shouts", "test_2_fails"), breakpoint{w.tests, first}, breakpoint{w.tests, second})
	d.waitStop(1)
	d.leave()
	w.ends("leave", runner.Completed, map[string]runner.State{"test_1_shouts": runner.Passed, "test_2_fails": runner.Failed})

	d = attach(t, w.debug("vanish", runner.Debug{}, "test_1_shouts", "test_2_fails"), breakpoint{w.tests, first}, breakpoint{w.tests, second})
	d.waitStop(1)
	d.conn.Close()
	w.ends("vanish", runner.Completed, map[string]runner.State{"test_1_shouts": runner.Passed, "test_2_fails": runner.Failed})
}

func cancelsWhileStopped(t *testing.T, w *workshop) {
	at := w.line(w.tests, "self.assertEqual(self.item")
	d := attach(t, w.debug("stopped", runner.Debug{}, "test_1_shouts", "test_4_passes"), breakpoint{w.tests, at})
	d.waitStop(1)
	call[any](t, w.editor, wire.MethodCancelRun, wire.CancelRunParams{RunID: "stopped"})
	w.ends("stopped", runner.CancelledRun, map[string]runner.State{"test_1_shouts": runner.Cancelled, "test_4_passes": runner.Cancelled})
	w.noStrangers()
}

func cancelsWhileWaiting(t *testing.T, w *workshop) {
	w.debug("waiting", runner.Debug{}, "test_1_shouts")
	call[any](t, w.editor, wire.MethodCancelRun, wire.CancelRunParams{RunID: "waiting"})
	w.ends("waiting", runner.CancelledRun, map[string]runner.State{"test_1_shouts": runner.Cancelled})
	w.noStrangers()
}

// What a worker that is killed has left runs on another one, which waits for nobody.
func goesOnAfterCrash(t *testing.T, w *workshop) {
	ready := w.debug("crash", runner.Debug{}, "test_1_shouts", "test_4_passes")
	d := attach(t, ready, breakpoint{w.tests, w.line(w.tests, "self.assertEqual(self.item")})
	d.waitStop(1)
	if err := syscall.Kill(ready.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r := w.ends("crash", runner.Completed, map[string]runner.State{"test_1_shouts": runner.Errored, "test_4_passes": runner.Passed})
	if len(r.Debugger) != 1 {
		t.Errorf("it waited %d times", len(r.Debugger))
	}
	if !slices.ContainsFunc(r.Notices, func(n wire.Notice) bool { return strings.Contains(n.Text, "without a debugger") }) {
		t.Errorf("nobody was told: %+v", r.Notices)
	}
}

// The end of the daemon is the end of the session, and the run is settled.
func TestDebuggerWithoutDaemon(t *testing.T) {
	w := newWorkshop(t, debuggers(t)[0].python, "fork")
	ready := w.debug("killed", runner.Debug{}, "test_1_shouts", "test_4_passes")
	d := attach(t, ready, breakpoint{w.tests, w.line(w.tests, "self.assertEqual(self.item")})
	d.waitStop(1)
	if err := syscall.Kill(daemonOf(w.editor), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	w.ends("killed", runner.ErrorRun, map[string]runner.State{"test_1_shouts": runner.Errored, "test_4_passes": runner.NotRun})
	w.noStrangers()
}

// Without debugpy the request says what to do, and a folder that holds it is one way out.
func TestDebuggerIsMissing(t *testing.T) {
	w := newWorkshop(t, steady(t).python, "fork")
	params := wire.DebugParams{RunParams: wire.RunParams{RunID: "missing", Select: labels("tests.test_debug.Debugged.test_1_shouts")}}
	m := w.editor.Call(wire.MethodDebug, params)
	if want := "debugpy is not installed in " + w.python + ": " + w.python + " -m pip install debugpy"; m.Code() != -32803 || !strings.HasPrefix(m.Error.Message, want) {
		t.Errorf("got %+v", m.Error)
	}
	for _, folder := range []string{"somewhere", t.TempDir()} {
		params.Debugpy = folder
		if m := w.editor.Call(wire.MethodDebug, params); m.Code() != -32803 || !strings.Contains(m.Error.Message, folder) {
			t.Errorf("%s: got %+v", folder, m.Error)
		}
	}
	at := slices.IndexFunc(debuggers(t), func(d django) bool { return d.version == steady(t).version })
	found, err := filepath.Glob(filepath.Join(filepath.Dir(debuggers(t)[at].python), "..", "lib", "python*", "site-packages", "debugpy"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%v %v", found, err)
	}
	folder := t.TempDir()
	if err := os.Symlink(found[0], filepath.Join(folder, "debugpy")); err != nil {
		t.Fatal(err)
	}
	d := attach(t, w.debug("brought", runner.Debug{Debugpy: folder}, "test_1_shouts"), breakpoint{w.code, w.line(w.code, "return loud")})
	s := d.waitStop(1)
	if loud := s.value("loud"); loud != "'TEA'" {
		t.Errorf("got %s", loud)
	}
	if path := s.value("__import__('sys').path"); strings.Contains(path, folder) {
		t.Errorf("tests find the folder in %s", path)
	}
	s.goOn()
	w.ends("brought", runner.Completed, map[string]runner.State{"test_1_shouts": runner.Passed})
}
