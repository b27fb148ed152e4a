//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hotclub/runner"
)

// TestTwoDaemonsOnOneProject has two daemons run the same project for the first time at once:
// they share a state directory, as two builds of hotclub do.
func TestTwoDaemonsOnOneProject(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	other := newClubAt(t, c.python, c.root)
	other.state = c.state
	other.env = append(other.env, "XDG_STATE_HOME="+c.state)
	c.release()
	runs := []*ongoing{c.begin("tests"), other.begin("tests")}
	for _, o := range runs {
		s := o.story()
		s.complete(t)
		if s.status != 0 || s.finished.Counts[runner.Passed] != 14 {
			t.Errorf("status %d, %v\n%s", s.status, s.states(), s.stderr)
		}
	}
	built, err := os.ReadFile(filepath.Join(c.root, "signs", "migrated"))
	if err != nil || strings.Count(string(built), "\n") != 1 {
		t.Errorf("the template was not built once: %q, %v", built, err)
	}
	if a, b := c.status().Daemon.PID, other.status().Daemon.PID; a == b {
		t.Errorf("both are served by daemon %d", a)
	}
}

// TestTwoProjectsOnOneDaemon runs two projects that differ in their rows at once.
func TestTwoProjectsOnOneDaemon(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	other := *c
	other.root = filepath.Join(t.TempDir(), "other")
	if err := os.CopyFS(other.root, os.DirFS("testdata/faults")); err != nil {
		t.Fatal(err)
	}
	other.replace("shop/migrations/0001_initial.py", `name="string"`, `name="reed"`)
	other.prepareSigns()
	runs := []*ongoing{c.begin("tests.test_plain"), other.begin("tests.test_plain")}
	for i, passed := range []int{3, 2} {
		s := runs[i].story()
		s.complete(t)
		if s.finished.Counts[runner.Passed] != passed {
			t.Errorf("project %d: %v\n%s", i, s.states(), s.stderr)
		}
	}
	var roots []string
	for _, project := range c.status().Projects {
		roots = append(roots, project.Root)
	}
	if !slices.Contains(roots, c.root) || !slices.Contains(roots, other.root) {
		t.Errorf("the daemon has %v", roots)
	}
}

// TestEnvironments has clients whose environments differ share a pool where nobody reads the
// difference, and have pools of their own where the settings do.
func TestEnvironments(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) {
		c := newFaults(t)
		c.write("tests/test_flavour.py", `
from django.conf import settings
from django.test import SimpleTestCase

class Flavour(SimpleTestCase):
    def test_settings(self):
        print(settings.FLAVOUR)
`)
		seen := make(map[string]string) // generation by environment
		for _, step := range []struct{ env, flavour string }{
			{"", "plain"},
			{"FLAVOUR=sweet", "sweet"},
			{"UNREAD=1", "plain"},
			{"", "plain"},
			{"FLAVOUR=sour", "sour"},
			{"FLAVOUR=sweet", "sweet"},
		} {
			client := *c
			client.env = append(slices.Clone(c.env), step.env)
			s := client.run("--start-method", method, "-n", "1", "tests.test_flavour")
			if s.status != 0 {
				t.Fatalf("%s: status %d\n%s", step.env, s.status, s.stderr)
			}
			if got := strings.TrimSpace(s.tests["tests.test_flavour.Flavour.test_settings"].Output); got != step.flavour {
				t.Errorf("with %q the settings had %q", step.env, got)
			}
			if known := seen[step.env]; known != "" && known != s.generation(t) {
				t.Errorf("with %q the generation was %s and is %s", step.env, known, s.generation(t))
			}
			seen[step.env] = s.generation(t)
		}
		if seen[""] == seen["FLAVOUR=sweet"] || seen["FLAVOUR=sour"] == seen["FLAVOUR=sweet"] {
			t.Errorf("settings that differ share a generation: %v", seen)
		}
		if seen[""] != seen["UNREAD=1"] {
			t.Errorf("an environment that nobody reads has a generation of its own: %v", seen)
		}
	})
}

// TestCancelledRunLeavesOthersAlone cancels a run while another of the same pool waits for the
// same migration.
func TestCancelledRunLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.write("shop/migrations/0002_hold.py", `
import signs
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.RunPython(lambda apps, editor: signs.hold("held"))]
`)
	first := c.begin("tests.test_plain")
	c.awaitSign("held")
	second := c.begin("tests.test_plain")
	eventually(t, "two runs", func() bool { return len(c.status().Runs) == 2 })
	first.interrupt().complete(t)
	c.release()
	if s := second.story(); s.status != 0 || s.finished.Counts[runner.Passed] != 3 {
		t.Errorf("status %d, %v %s\n%s", s.status, s.states(), s.finished.Error, s.stderr)
	}
}

// TestEnvironmentOfTests has tests alone read a variable, when they are imported and when they
// run: clients share the pool, and each gets its own value.
func TestEnvironmentOfTests(t *testing.T) {
	t.Parallel()
	eachMethod(t, func(t *testing.T, method string) {
		c := newFaults(t)
		c.write("tests/test_read.py", `
import os
from django.test import SimpleTestCase

IMPORTED = os.environ.get("ONLY_TESTS_READ")

class Read(SimpleTestCase):
    def test_it(self):
        print(IMPORTED, os.environ.get("ONLY_TESTS_READ"))

if IMPORTED == "more":
    class More(SimpleTestCase):
        def test_it(self):
            pass
`)
		for _, value := range []string{"", "one", "more", ""} {
			client := *c
			want, tests := "None None", 1
			if value != "" {
				client.env = append(slices.Clone(c.env), "ONLY_TESTS_READ="+value)
				want = value + " " + value
			}
			if value == "more" {
				tests = 2
			}
			s := client.run("--start-method", method, "-n", "1", "tests.test_read")
			if got := strings.TrimSpace(s.tests["tests.test_read.Read.test_it"].Output); got != want || len(s.tests) != tests {
				t.Errorf("with %q it printed %q in a run of %d tests", value, got, len(s.tests))
			}
		}
	})
}

// TestStartMethods asks one daemon for one method and then for the other.
func TestStartMethods(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	for _, method := range []string{"fork", "spawn", "fork", "auto"} {
		s := c.plain("--start-method", method)
		want := strings.ReplaceAll(method, "auto", "fork")
		for _, l := range s.lines {
			if l.Event == "runStarted" && l.Start != want {
				t.Errorf("asked for %s, it was %s", method, l.Start)
			}
		}
	}
}
