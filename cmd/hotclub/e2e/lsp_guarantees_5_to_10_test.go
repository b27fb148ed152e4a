//go:build linux

package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/uri"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

func freshness(t *testing.T) {
	c := newFaults(t)
	const text = `
import unittest

from shop import prices


class Fresh(unittest.TestCase):
    def test_it(self):
        print("test", 1, "price", prices.PRICE)
`
	c.write("tests/test_fresh.py", text)
	e := c.editor(lsptest.Options{})
	printed := func(id string) (string, string) {
		t.Helper()
		it := byLabel(runOf(e, id, labels("tests.test_fresh")))["tests.test_fresh.Fresh.test_it"]
		if it.Verdict.Generation == "" {
			t.Errorf("%s: a verdict of no generation", id)
		}
		return strings.TrimSpace(it.Output), it.Verdict.Generation
	}
	c.write("shop/prices.py", "PRICE = 1\n")
	c.write("shop/__init__.py", "import shop.prices\n") // so that a booted worker has read it
	output, generation := printed("first")
	if output != "test 1 price 1" {
		t.Errorf("first: %q", output)
	}
	if _, again := printed("again"); again != generation {
		t.Errorf("nothing changed, and generation %s is %s", generation, again)
	}
	// Nobody is told of these.
	for i := range 3 {
		c.write("tests/test_fresh.py", strings.Replace(text, `"test", 1`, fmt.Sprintf(`"test", %d`, i+2), 1))
		if output, _ := printed(fmt.Sprint("test ", i)); output != fmt.Sprintf("test %d price 1", i+2) {
			t.Errorf("after edit %d of the test: %q", i, output)
		}
	}
	c.write("shop/prices.py", "PRICE = 2\n")
	output, next := printed("price")
	if output != "test 4 price 2" || next == generation {
		t.Errorf("after an edit of the project: %q of generation %s, before %s", output, next, generation)
	}

	saved, err := os.ReadFile(c.path("shop/prices.py"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(saved)
	fresh := wire.Fresh{URI: e.URI(c.path("shop/prices.py")), SHA256: hex.EncodeToString(sum[:])}
	params := wire.RunParams{RunID: "held to it", Select: labels("tests.test_fresh"), Fresh: []wire.Fresh{fresh}}
	e.Run(params)
	if r := e.WaitRunFinished("held to it"); r.Finished.Counts[runner.Passed] != 1 {
		t.Errorf("the right sum: %v", states(r))
	}
	c.write("shop/prices.py", "PRICE = 3\n")
	params.RunID = "too late"
	if m := e.Call(wire.MethodRun, params); m.Code() != -32801 || !strings.Contains(m.Error.Message, "save it") {
		t.Errorf("the wrong sum: %+v", m.Error)
	}
}

func secondRun(t *testing.T) {
	c := newFaults(t)
	e := c.editor(lsptest.Options{})
	runOf(e, "warm", labels("tests.test_plain"))
	e.Run(wire.RunParams{RunID: "long", Select: labels("tests.test_hold"), Parallel: 2})
	c.awaitSign("one")
	c.awaitSign("two")
	for i := range 3 { // a single test while every worker of the long run is at work
		begun := time.Now()
		r := runOf(e, fmt.Sprint("single ", i), labels("tests.test_plain.Plain.test_first"))
		if r.Finished.Counts[runner.Passed] != 1 {
			t.Errorf("the single test: %v", states(r))
		}
		t.Logf("a single test beside a long run took %v", time.Since(begun).Round(time.Millisecond))
	}
	e.Run(wire.RunParams{RunID: "as long", Select: labels("tests.test_hold", "tests.test_plain"), Parallel: 2})
	if long := e.WaitRunStarted("long"); long.Finished != nil {
		t.Error("the long run has ended")
	}
	c.release()
	for id, tests := range map[runner.RunID]int{"long": 8, "as long": 11} {
		if r := e.WaitRunFinished(id); r.Finished.Counts[runner.Passed] != tests {
			t.Errorf("%s: %v", id, r.Finished.Counts)
		}
	}
}

const stubbornTest = `
import os
import signal
import subprocess
import time

import signs
from django.test import TestCase

from shop.models import Item


class Stubborn(TestCase):
    def test_it(self):
        Item.objects.create(name="left by the cancelled")
        subprocess.Popen(["sleep", "1000"])
        subprocess.Popen(["sleep", "1001"], env={})
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signs.give("stubborn")
        while True:
            try:
                time.sleep(1000)
            except BaseException:
                pass
`

func cancelLeavesNothing(t *testing.T) {
	eachMethod(t, func(t *testing.T, method string) {
		c := newFaults(t)
		c.write("tests/test_stubborn.py", stubbornTest)
		e := c.editor(lsptest.Options{Initialization: map[string]any{"startMethod": method}})
		runOf(e, "warm", labels("tests.test_plain"))
		e.Run(wire.RunParams{RunID: "stubborn", Select: labels("tests.test_stubborn"), Parallel: 1})
		c.awaitSign("stubborn")
		worker := c.runningWorker().PID
		begun := time.Now()
		call[any](t, e, wire.MethodCancelRun, wire.CancelRunParams{RunID: "stubborn"})
		r := e.WaitRunFinished("stubborn")
		took := time.Since(begun)
		t.Logf("cancelled after %v", took.Round(time.Millisecond))
		if took > 2*c.promptly() || r.Finished.Counts[runner.Cancelled] != 1 {
			t.Errorf("it took %v to cancel: %v", took, states(r))
		}
		eventually(t, "the end of the worker", func() bool { return !alive(worker) })
		c.noStrangers()
		if r := runOf(e, "after", labels("tests.test_plain")); r.Finished.Counts[runner.Passed] != 3 {
			t.Errorf("after the cancel: %v", states(r))
		}
		c.noStrayClones()
	})
}

func cancelInAFlood(t *testing.T) {
	c := newFaults(t)
	c.write("tests/test_many.py", `
import time
import unittest

import signs


def test(self):
    print("x" * 200)
    time.sleep(0.001)


class Many(unittest.TestCase):
    def test_9999(self):
        signs.hold("the last")

    def test_0000(self):
        signs.give("many")


for number in range(1, 5000):
    setattr(Many, f"test_{number:04}", test)
del test
`)
	e := c.editor(lsptest.Options{Hotclub: map[string]any{"maxEventBatchMs": 50}})
	file := c.open(e, "tests/test_many.py")
	e.Run(wire.RunParams{RunID: "many", Select: labels("tests.test_many"), Parallel: 1})
	c.awaitSign("many")
	var asked []int
	pace := time.NewTicker(time.Millisecond)
	defer pace.Stop()
	begun := time.Now()
	const edits = 1500
	for i := range edits {
		<-pace.C
		e.Change(file, lsptest.Edit{Text: fmt.Sprintf("# %d\n", i)})
		if i%20 == 0 {
			asked = append(asked, e.Request("textDocument/codeLens", map[string]any{"textDocument": map[string]any{"uri": e.URI(file)}}))
		}
	}
	took := time.Since(begun) // a busy machine takes longer, and what is sent last waits for what is sent before
	begun = time.Now()
	call[any](t, e, wire.MethodCancelRun, wire.CancelRunParams{RunID: "many"})
	answered := time.Since(begun)
	r := e.WaitRunFinished("many")
	t.Logf("%d edits in %v; the cancel was answered after %v; the run had %v", edits, took, answered, r.Finished.Counts)
	if answered > took || r.Finished.Counts[runner.Cancelled] == 0 {
		t.Errorf("it took %v to answer a cancel; %v", answered, r.Finished.Counts)
	}
	for _, id := range asked {
		if m := e.Answer(id); m.Error != nil {
			t.Fatalf("lenses: %+v", m.Error)
		}
	}
	lenses := e.Lenses(file)
	last := lenses[len(lenses)-1]
	if at := e.Find(file, "    def test_0000").Start.Line; last.Range.Start.Line != at {
		t.Errorf("after all edits the lens is at line %d, the test at %d", last.Range.Start.Line, at)
	}
}

func outputIsOnesOwn(t *testing.T) {
	c := newFaults(t)
	c.write("tests/test_prints.py", `
import logging
import os
import subprocess
import sys
import unittest


def speak(self):
    name = f"<{self.id()}>"
    print(name, "printed")
    print(name, "to standard error", file=sys.stderr)
    os.write(1, f"{name} written\n".encode())
    os.write(2, f"{name} written to 2\n".encode())
    logging.getLogger(__name__).warning("%s logged", name)
    subprocess.run(["echo", name, "by a child"])
    print(name, "without a line's end", end="")


for word in "ABCDEF":
    globals()[word] = type(word, (unittest.TestCase,), {f"test_{n}": speak for n in range(20)})
del speak
`)
	e := c.editor(lsptest.Options{})
	for _, parallel := range []wire.Parallel{1, 2} {
		id := runner.RunID(fmt.Sprint("prints ", parallel))
		e.Run(wire.RunParams{RunID: id, Select: labels("tests.test_prints"), Parallel: parallel})
		verdicts := byLabel(e.WaitRunFinished(id))
		if len(verdicts) != 120 {
			t.Errorf("%d verdicts", len(verdicts))
		}
		for label, finished := range verdicts {
			own := "<" + label + ">"
			if n := strings.Count(finished.Output, own); n != 7 || strings.Count(finished.Output, "<tests.") != n {
				t.Errorf("%s printed %q", label, finished.Output)
			}
		}
		for label, finished := range verdicts {
			if answer := call[wire.OutputAnswer](t, e, wire.MethodOutput, wire.OutputParams{RunID: id, ID: finished.Test.ID}); answer.Text != finished.Output {
				t.Errorf("%s: hotclub/output has %q, the event had %q", label, answer.Text, finished.Output)
			}
		}
	}
}

func plainClient(t *testing.T) {
	c := newClub(t, steady(t).python, "small")
	e := c.editor(lsptest.Options{Plain: true})
	file := c.open(e, "app/tests.py")
	click := func(test string) {
		t.Helper()
		at := e.Find(file, "def "+test).Start.Line
		lenses := e.WaitLenses(file, func(lenses []lsptest.Lens) bool {
			return slices.ContainsFunc(lenses, func(l lsptest.Lens) bool { return l.Range.Start.Line == at })
		})
		lens := lenses[slices.IndexFunc(lenses, func(l lsptest.Lens) bool { return l.Range.Start.Line == at })]
		if m := e.Click(lens.Command); m.Error != nil {
			t.Fatalf("%s: %+v", lens.Title(), m.Error)
		}
	}
	title := func(test, wanted string) {
		t.Helper()
		at := e.Find(file, "def "+test).Start.Line
		e.WaitLenses(file, func(lenses []lsptest.Lens) bool {
			return slices.ContainsFunc(lenses, func(l lsptest.Lens) bool {
				return l.Range.Start.Line == at && strings.HasPrefix(l.Title(), "▶ Run · "+wanted)
			})
		})
	}
	click("test_right")
	title("test_right", "✔ ")
	click("test_wrong")
	title("test_wrong", "✘ 2 != 3")
	found := e.WaitDiagnostics(file, func(d []lsptest.Diagnostic) bool { return len(d) > 0 })
	if at := e.Find(file, "self.assertEqual(1 + 1, 3)"); len(found) != 1 || found[0].Range != at || !strings.Contains(found[0].Message, "2 != 3") {
		t.Errorf("diagnostics: %+v", found)
	}
	// Not later: whether they are told once more for the edited text is a matter of time.
	goldenTalk(t, e, "10-plain-diagnostics.txt", "textDocument/publishDiagnostics")

	at := e.Find(file, "def test_wrong")
	var output *lsptest.Command
	for _, action := range e.CodeActions(file, at) {
		if command := action.ClickOf(); command != nil && command.Command == "hotclub.showOutput" {
			output = command
		}
	}
	if m := e.Click(output); m.Error != nil {
		t.Fatalf("%+v", m.Error)
	}
	log, err := os.ReadFile(uri.URI(e.WaitShown(1)).FsPath())
	if err != nil || !strings.Contains(string(log), "AssertionError: 2 != 3") || !strings.Contains(string(log), "about to fail") {
		t.Errorf("the log: %v\n%s", err, log)
	}

	e.Replace(file, "1 + 1, 3", "1 + 1, 2")
	e.Save(file)
	click("test_wrong")
	e.WaitDiagnostics(file, func(d []lsptest.Diagnostic) bool { return len(d) == 0 })
	title("test_wrong", "✔ ")
	goldenTalk(t, e, "10-plain-commands.txt", "workspace/executeCommand", "window/showDocument")
	if left := glob(t, c.root, "*"); slices.ContainsFunc(left, func(p string) bool { return filepath.Base(p) == "db.sqlite3" }) {
		t.Error("the developer's database was made")
	}
}

// plainClientWithoutADaemon has the daemon die while it shows a failure and carries a command out.
func plainClientWithoutADaemon(t *testing.T) {
	c := newFaults(t)
	c.write("tests/test_mixed.py", mixedTest)
	e := c.editor(lsptest.Options{Plain: true})
	file := c.open(e, "tests/test_mixed.py")
	if m := e.Execute("hotclub.runFile", map[string]any{"uri": e.URI(file)}); m.Error != nil {
		t.Fatalf("%+v", m.Error)
	}
	e.WaitDiagnostics(file, func(d []lsptest.Diagnostic) bool { return len(d) == 1 })
	running := e.StartCommand("hotclub.run", map[string]any{"labels": []string{"tests.test_hold.Holds"}})
	c.awaitSign("one")
	kill(t, daemonOf(e))
	if m := e.Answer(running); m.Error == nil || !strings.Contains(m.Error.Message, "daemon") {
		t.Errorf("the command of the dead daemon: %s %+v", m.Result, m.Error)
	}
	c.release()
	e.Replace(file, "1 + 1, 3", "1 + 1, 2")
	e.Save(file)
	if m := e.Execute("hotclub.runFile", map[string]any{"uri": e.URI(file)}); m.Error != nil {
		t.Fatalf("%+v", m.Error)
	}
	e.WaitDiagnostics(file, func(d []lsptest.Diagnostic) bool { return len(d) == 0 })
	c.noStrangers()
}

// TestRunsAreShared has two editors and a shell look at one project: each sees the others' runs.
func TestRunsAreShared(t *testing.T) {
	t.Parallel()
	c := newClub(t, steady(t).python, "small")
	all := c.editor(lsptest.Options{Name: "all", Hotclub: map[string]any{"runEvents": "all"}})
	plain := c.editor(lsptest.Options{Name: "plain", Plain: true})
	if daemonOf(all) != daemonOf(plain) && daemonOf(plain) != 0 {
		t.Errorf("daemons %d and %d", daemonOf(all), daemonOf(plain))
	}
	file := c.open(plain, "app/tests.py")
	collected(t, all, "app.tests.Shelf.test_starts_full")
	shell := c.run("app")
	seen := all.WaitNextRun(1)
	if len(shell.tests) != 3 || len(seen.Verdicts) != 3 || seen.Started.Origin != "hotclub run" {
		t.Errorf("the shell's run of %d tests, seen with %d from %q", len(shell.tests), len(seen.Verdicts), seen.Started.Origin)
	}
	for label, finished := range byLabel(seen) {
		if shell.tests[label].ID != finished.Test.ID || shell.tests[label].State != finished.Verdict.State {
			t.Errorf("the shell has %+v, the editor %+v", shell.tests[label], finished)
		}
	}
	plain.WaitDiagnostics(file, func(d []lsptest.Diagnostic) bool { return len(d) == 1 })
	if m := plain.Execute("hotclub.runFile", map[string]any{"uri": plain.URI(file)}); m.Error != nil {
		t.Fatalf("%+v", m.Error)
	}
	if seen := all.WaitNextRun(2); len(seen.Verdicts) != 3 || seen.Started.Origin != "plain" {
		t.Errorf("the other editor's run: %d verdicts from %q", len(seen.Verdicts), seen.Started.Origin)
	}
}
