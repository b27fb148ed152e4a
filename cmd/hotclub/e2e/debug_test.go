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

const debuggedTest = `import threading

from django.test import TestCase

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

    def test_5_has_a_thread(self):
        def work():
            worked.append(6 * 7)

        worked = []
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        self.assertEqual(worked, [42])

    def test_6_interrupts(self):
        raise KeyboardInterrupt

    def test_7_is_after_it(self):
        last = "yes"
        self.assertTrue(last)
`

// debuggers are the interpreters that have debugpy, oldest Django first.
func debuggers(t *testing.T) []django {
	t.Helper()
	return interpreters(t, "EDITOR_PYTHONS")
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
	runOf(e, "warm", labels("tests.test_debug.Debugged.test_4_passes"))
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

// debugging is something that happens while tests are debugged.
type debugging struct {
	name string
	test func(*testing.T, *workshop)
}

// TestDebugger debugs tests in warm workers, with sys.settrace on Python 3.11 and sys.monitoring on
// 3.13.
func TestDebugger(t *testing.T) {
	t.Parallel()
	everywhere := []debugging{
		{"breakpoints", stopsAtBreakpoints},
		{"stop on failure", stopsOnFailure},
		{"thread", stopsInThread},
		{"disconnect", goesOnWithoutDebugger},
		{"cancel while stopped", cancelsWhileStopped},
	}
	once := []debugging{
		{"fresh", debugsWhatWasSaved},
		{"cancel while waiting", cancelsWhileWaiting},
		{"crash", goesOnAfterCrash},
		{"terminate", goesOnAfterTermination},
		{"another worker", waitsInTheNextWorker},
		{"cold", debugsCold},
	}
	all := debuggers(t)
	oldest, newest := all[0], all[len(all)-1]
	for _, variant := range []struct {
		django
		method string
		what   []debugging
	}{
		{oldest, "fork", append(everywhere, once...)},
		{newest, "fork", everywhere},
		{newest, "spawn", everywhere},
	} {
		t.Run("django"+variant.version+"/"+variant.method, func(t *testing.T) {
			w := newWorkshop(t, variant.python, variant.method)
			for _, each := range variant.what {
				t.Run(each.name, func(t *testing.T) { each.test(t, w) })
			}
			w.noStrangers()
			w.noStrayClones()
		})
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
	d.finish()
	w.ends("points", runner.Completed, map[string]runner.State{"test_1_shouts": runner.Passed, "test_2_fails": runner.Failed})
}

// A test is debugged as it stands on the disk when it is asked for. Who saves meanwhile gets new workers
// for other runs, and keeps the one that is looked at.
func debugsWhatWasSaved(t *testing.T, w *workshop) {
	w.write("shop/prices.py", "PRICE = 21\n")
	at := w.line(w.tests, "self.assertEqual(self.item")
	d := attach(t, w.debug("fresh", runner.Debug{}, "test_1_shouts"), breakpoint{w.tests, at})
	s := d.waitStop(1)
	if price := s.value("price"); price != "42" {
		t.Errorf("got a price of %s", price)
	}
	w.write("shop/prices.py", "PRICE = 22\n")
	if r := runOf(w.editor, "beside", labels("tests.test_debug.Debugged.test_4_passes")); r.Finished.Outcome != runner.Completed {
		t.Errorf("the run beside it: %+v", r.Finished)
	}
	if price := s.value("price"); price != "42" {
		t.Errorf("got a price of %s", price)
	}
	s.goOn()
	d.finish()
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
	d.finish()
	w.ends("failure", runner.Completed, map[string]runner.State{
		"test_2_fails": runner.Failed, "test_3_errors": runner.Errored, "test_4_passes": runner.Passed,
	})
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

// So it is with one that the debugger has ended.
func goesOnAfterTermination(t *testing.T, w *workshop) {
	d := attach(t, w.debug("terminate", runner.Debug{}, "test_1_shouts", "test_4_passes"), breakpoint{w.tests, w.line(w.tests, "self.assertEqual(self.item")})
	d.waitStop(1)
	d.send("disconnect", map[string]any{"terminateDebuggee": true})
	w.ends("terminate", runner.Completed, map[string]runner.State{"test_1_shouts": runner.Errored, "test_4_passes": runner.Passed})
}

func stopsInThread(t *testing.T, w *workshop) {
	d := attach(t, w.debug("thread", runner.Debug{}, "test_5_has_a_thread"), breakpoint{w.tests, w.line(w.tests, "worked.append")})
	s := d.waitStop(1)
	if name := s.value("threading.current_thread() is threading.main_thread()"); s.frames[0].Source.Path != w.tests || name != "False" {
		t.Errorf("stopped at %s, in the main thread: %s", s.at(), name)
	}
	s.goOn()
	d.finish()
	w.ends("thread", runner.Completed, map[string]runner.State{"test_5_has_a_thread": runner.Passed})
}

// A worker that a test has used up is followed by another, which waits for the debugger as well.
func waitsInTheNextWorker(t *testing.T, w *workshop) {
	at := breakpoint{w.tests, w.line(w.tests, "self.assertTrue(last)")}
	attach(t, w.debug("next", runner.Debug{}, "test_6_interrupts", "test_7_is_after_it"), at).finish()
	d := attach(t, w.editor.WaitDebugger("next", 2), at)
	s := d.waitStop(1)
	if last := s.value("last"); last != "'yes'" {
		t.Errorf("stopped at %s with %s", s.at(), last)
	}
	s.goOn()
	d.finish()
	w.ends("next", runner.Completed, map[string]runner.State{"test_6_interrupts": runner.Errored, "test_7_is_after_it": runner.Passed})
}

// manage.py test as it is can be looked at, too.
func debugsCold(t *testing.T, w *workshop) {
	params := wire.DebugParams{RunParams: wire.RunParams{RunID: "cold", Select: labels("tests.test_debug.Debugged.test_1_shouts"), Cold: true}}
	w.editor.Debug(params)
	d := attach(t, w.editor.WaitDebugger("cold", 1), breakpoint{w.code, w.line(w.code, "return loud")})
	s := d.waitStop(1)
	if loud := s.value("loud"); loud != "'TEA'" {
		t.Errorf("stopped at %s with %s", s.at(), loud)
	}
	s.goOn()
	d.finish()
	w.ends("cold", runner.Completed, map[string]runner.State{"test_1_shouts": runner.Passed})
}

// The end of the daemon is the end of the session, and the run is settled.
func TestDebuggerWithoutDaemon(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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
	broken := t.TempDir()
	mustDo(t, os.Mkdir(filepath.Join(broken, "debugpy"), 0o755))
	mustDo(t, os.WriteFile(filepath.Join(broken, "debugpy", "__init__.py"), []byte("raise RuntimeError('not today')\n"), 0o644))
	params.Debugpy = broken
	w.editor.Debug(params)
	r := w.ends("missing", runner.ErrorRun, map[string]runner.State{"test_1_shouts": runner.NotRun})
	if !strings.Contains(r.Finished.Error, "the debugger could not be started: RuntimeError: not today") {
		t.Errorf("got %q", r.Finished.Error)
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
	d.finish()
	w.ends("brought", runner.Completed, map[string]runner.State{"test_1_shouts": runner.Passed})
}
