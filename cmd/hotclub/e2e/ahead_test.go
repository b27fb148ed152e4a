//go:build linux

package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// counted is a file of tests that tells each time that it is imported, and by which process.
const counted = `import os
from django.test import TestCase
from tests import helper

with open(os.environ["IMPORTS"], "a") as log:
    log.write(f"{os.getpid()}\n")


class Counted(TestCase):
    def test_one(self):
        print("helper", helper.VALUE, "text", 1, "pid", os.getpid())

    def test_two(self):
        pass


class More(TestCase):
    def test_three(self):
        pass
`

// TestModuleIsLoadedInAdvance opens a file of tests and clicks: the worker that runs a test, a class
// or the file has imported it before, unless what it imported is another text by now.
func TestModuleIsLoadedInAdvance(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) {
		c := newFaults(t)
		log := t.TempDir() + "/imports"
		c.env = append(c.env, "IMPORTS="+log)
		c.write("tests/helper.py", "VALUE = 1\n")
		c.write("tests/test_counted.py", counted)
		e := c.editor(lsptest.Options{Initialization: map[string]any{"startMethod": method}})
		items := collected(t, e, "tests.test_counted.Counted.test_one")
		id := func(label string) runner.TestID {
			t.Helper()
			at := slices.IndexFunc(items, func(item wire.TestItem) bool { return item.Label == label })
			if at < 0 {
				t.Fatalf("no item %s", label)
			}
			return items[at].ID
		}
		imports := func() []string {
			text, _ := os.ReadFile(log)
			return strings.Fields(string(text))
		}
		// loaded waits for a worker that has imported the file as it is now.
		loaded := func() (pid string) {
			t.Helper()
			eventually(t, "a worker has loaded the file", func() bool {
				for _, w := range c.status().workers() {
					if slices.Equal(w.Loaded, []string{"tests.test_counted"}) && w.State == "ready" {
						pid = fmt.Sprint(w.PID)
						return slices.Contains(imports(), pid)
					}
				}
				return false
			})
			return pid
		}
		path := c.open(e, "tests/test_counted.py")
		runs := 0
		run := func(what wire.Select, tests int) (output string) {
			t.Helper()
			runs++
			e.Run(wire.RunParams{RunID: runner.RunID(fmt.Sprint("run-", runs)), Select: what, Parallel: 1})
			r := e.WaitRunFinished(runner.RunID(fmt.Sprint("run-", runs)))
			if r.Finished.Counts[runner.Passed] != tests {
				t.Errorf("got %+v", r.Finished)
			}
			return byLabel(r)["tests.test_counted.Counted.test_one"].Output
		}
		// What the first run has imported is imported in advance from then on, and all workers that wait are
		// replaced, whenever that is done: one that has loaded the file may go just before it is to run it.
		replacements := 2
		for _, chosen := range []struct {
			what  wire.Select
			tests int
		}{
			{wire.Select{IDs: []runner.TestID{id("tests.test_counted.Counted.test_one")}}, 1},
			{wire.Select{IDs: []runner.TestID{id("tests.test_counted.Counted")}}, 2},
			{wire.Select{IDs: []runner.TestID{id("tests.test_counted")}}, 3},
			{wire.Select{URI: e.URI(path)}, 3},
		} {
			pid := loaded()
			output := run(chosen.what, chosen.tests)
			for !strings.Contains(output, "pid "+pid+"\n") && replacements > 0 {
				replacements--
				pid = loaded()
				output = run(chosen.what, chosen.tests)
			}
			if !strings.Contains(output, "pid "+pid+"\n") {
				t.Errorf("%+v: worker %s had loaded it, and %q", chosen.what, pid, output)
			}
			if n := times(imports(), pid); n != 1 {
				t.Errorf("%+v: it was imported %d times in one worker", chosen.what, n)
			}
		}
		one := wire.Select{IDs: []runner.TestID{id("tests.test_counted.Counted.test_one")}}
		old := loaded()
		c.replace("tests/helper.py", "1", "2") // no editor tells of it
		if output := run(one, 1); !strings.Contains(output, "helper 2 text 1") || strings.Contains(output, "pid "+old+"\n") {
			t.Errorf("after an edit of what it imports: %q", output)
		}
		old = loaded()
		e.Replace(path, `"text", 1`, `"text", 2`)
		e.Save(path)
		if output := run(one, 1); !strings.Contains(output, "helper 2 text 2") || strings.Contains(output, "pid "+old+"\n") {
			t.Errorf("after an edit of the file: %q", output)
		}
		c.replace("shop/prices.py", "1", "2") // read by nobody
		c.replace("shop/models.py", "max_length=80", "max_length=90")
		e.DiskChanged(2, c.path("shop/models.py"))
		eventually(t, "a worker of the new generation has loaded the file", func() bool {
			now := c.status()
			return slices.ContainsFunc(now.workers(), func(w runner.WorkerStatus) bool {
				return len(w.Loaded) == 1 && w.Generation == now.Projects[0].Generation && w.State == "ready" && w.Generation != ""
			})
		})
	})
}

// TestHalfWrittenFileKeepsItsTests has a worker load a file while an editor writes it: the save may bring
// the text that was there before, so that nothing seems to have changed.
func TestHalfWrittenFileKeepsItsTests(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	log := t.TempDir() + "/imports"
	c.env = append(c.env, "IMPORTS="+log)
	c.write("tests/helper.py", "VALUE = 1\n")
	c.write("tests/test_counted.py", counted)
	e := c.editor(lsptest.Options{})
	collected(t, e, "tests.test_counted.Counted.test_one")
	// loaded waits for a worker that has imported the file since it was imported so often.
	loaded := func(what string, before int) (imports int) {
		t.Helper()
		eventually(t, "a worker has loaded "+what, func() bool {
			text, _ := os.ReadFile(log)
			pids := strings.Fields(string(text))
			imports = len(pids)
			return slices.ContainsFunc(c.status().workers(), func(w runner.WorkerStatus) bool {
				return w.State == "ready" && slices.Equal(w.Loaded, []string{"tests.test_counted"}) && slices.Contains(pids[before:], fmt.Sprint(w.PID))
			})
		})
		return imports
	}
	half, _, _ := strings.Cut(counted, "class")
	text, _ := os.ReadFile(log)
	c.write("tests/test_counted.py", half)
	e.Open(c.path("tests/test_counted.py"), counted)
	imports := loaded("half of the file", len(strings.Fields(string(text))))
	c.write("tests/test_counted.py", counted)
	e.Save(c.path("tests/test_counted.py"))
	loaded("all of it", imports)
	found := make(map[string]bool)
	for _, item := range call[wire.Tests](t, e, wire.MethodDiscover, struct{}{}).Items {
		found[item.Label] = true
	}
	for _, label := range []string{"Counted.test_one", "Counted.test_two", "More.test_three"} {
		if !found["tests.test_counted."+label] {
			t.Errorf("%s is gone", label)
		}
	}
}

// TestModuleIsLoadedForTheNextRun runs a test from a shell, without an editor: the next run of its
// module finds it imported, after no edit, one of the file, and one that starts the project anew.
func TestModuleIsLoadedForTheNextRun(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.write("tests/helper.py", "VALUE = 1\n")
	c.write("tests/test_counted.py", counted)
	log := t.TempDir() + "/imports"
	c.env = append(c.env, "IMPORTS="+log)
	const one = "tests.test_counted.Counted.test_one"
	// loaded waits until a worker of the latest generation has it, as it is now.
	loaded := func(after string) (pid string) {
		t.Helper()
		eventually(t, "a worker has loaded the file after "+after, func() bool {
			now := c.status()
			for _, w := range now.workers() {
				if len(w.Loaded) == 1 && w.Loaded[0] == "tests.test_counted" && w.State == "ready" && w.Generation == now.Projects[0].Generation {
					pid = fmt.Sprint(w.PID)
					return true
				}
			}
			return false
		})
		return pid
	}
	run := func(what, says string, args ...string) {
		t.Helper()
		if output := c.run(args...).tests[one].Output; !strings.Contains(output, says) {
			t.Errorf("%s: %q is not in %q", what, says, output)
		}
	}
	run("cold", "text 1", one)
	last := loaded("a run")
	run("again", "text 1 pid "+last+"\n", "--last")
	last = loaded("a run of the same")
	c.replace("tests/test_counted.py", `"text", 1`, `"text", 2`)
	eventually(t, "the edit is noticed", func() bool { return loaded("an edit of it") != last })
	run("edited", "text 2 pid "+loaded("an edit of it")+"\n", "tests.test_counted.Counted")
	last = c.status().Projects[0].Generation
	c.replace("shop/models.py", "max_length=80", "max_length=90")
	eventually(t, "the project starts anew", func() bool {
		now := c.status().Projects[0].Generation
		return now != "" && now != last
	})
	run("started anew", "text 2 pid "+loaded("an edit of a model")+"\n", one)
}

func times(list []string, one string) (n int) {
	for _, each := range list {
		if each == one {
			n++
		}
	}
	return n
}
