//go:build linux

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// covered is what was executed of a file; lines count from 1.
type covered struct {
	Executed, Missed []int
	Taken, NotTaken  [][2]int // branches; less than 1: out of the function
}

// reading has coverage say what its own run has executed.
const reading = `
import coverage, json, sys

data = coverage.Coverage(data_file=sys.argv[1])
data.load()
data.json_report(outfile=sys.argv[2])
with open(sys.argv[2]) as file:
    files = json.load(file)["files"]
for name in files:
    _, statements, _, missing, _ = data.analysis2(name)
    files[name] = {
        "Executed": sorted(set(statements) - set(missing)), "Missed": missing,
        "Taken": files[name]["executed_branches"], "NotTaken": files[name]["missing_branches"],
    }
print(json.dumps(files))
`

// serially is what coverage says of its own run of manage.py test.
func serially(t *testing.T, c *club, apps []string, options ...string) (files map[string]covered) {
	t.Helper()
	data, report := filepath.Join(t.TempDir(), "serial"), filepath.Join(t.TempDir(), "serial.json")
	python := func(args ...string) []byte {
		command := exec.Command(c.python, args...)
		command.Dir = c.root
		output, err := command.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
		return output
	}
	run := append([]string{"-m", "coverage", "run", "--data-file=" + data}, options...)
	python(slices.Concat(run, []string{"manage.py", "test", "--noinput"}, apps)...)
	if err := json.Unmarshal(python("-c", reading, data, report), &files); err != nil {
		t.Fatal(err)
	}
	for name, file := range files {
		files[name] = covered{file.Executed, file.Missed, waysOut(file.Taken), waysOut(file.NotTaken)}
	}
	return files
}

// waysOut makes one of all ways out of a function, and sorts.
func waysOut(branches [][2]int) [][2]int {
	for i := range branches {
		branches[i][1] = max(0, branches[i][1])
	}
	slices.SortFunc(branches, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	return branches
}

// measured runs tests on two workers and asks for all that was executed.
func measured(t *testing.T, c *club, e *lsptest.Editor, id runner.RunID, apps []string) map[string]covered {
	t.Helper()
	e.Run(wire.RunParams{RunID: id, Select: labels(apps...), Parallel: 2, Coverage: &runner.Measure{Branches: true}})
	if r := e.WaitRunFinished(id); r.Finished.Failed || r.Finished.Outcome != runner.Completed {
		t.Fatalf("%+v", r.Finished.RunFinished)
	}
	all := call[wire.CoverageAnswer](t, e, wire.MethodCoverage, wire.CoverageParams{RunID: id})
	files := make(map[string]covered)
	for _, file := range all.Files {
		one := call[wire.CoverageAnswer](t, e, wire.MethodCoverage, wire.CoverageParams{RunID: id, URI: file.URI})
		if len(one.Files) != 1 || one.Files[0].Detail == nil {
			t.Fatalf("%s: %+v", file.URI, one)
		}
		name, ok := strings.CutPrefix(file.URI, e.URI(c.root)+"/")
		if !ok {
			t.Errorf("%s is not of the project", file.URI)
		}
		detail := one.Files[0].Detail
		found := covered{Executed: each(detail.Executed), Missed: each(detail.Missed)}
		for _, b := range detail.Branches {
			to := &found.NotTaken
			if b.Taken {
				to = &found.Taken
			}
			*to = append(*to, [2]int{b.Line + 1, b.To + 1})
		}
		found.Taken, found.NotTaken = waysOut(found.Taken), waysOut(found.NotTaken)
		if file.Executed != len(found.Executed) || file.Total != len(found.Executed)+len(found.Missed) {
			t.Errorf("%s: %d of %d, and %+v", name, file.Executed, file.Total, found)
		}
		files[name] = found
	}
	return files
}

// each counts the lines of ranges from 1.
func each(ranges []wire.LineRange) (lines []int) {
	for _, r := range ranges {
		for line := r[0]; line <= r[1]; line++ {
			lines = append(lines, line+1)
		}
	}
	return lines
}

// Warm workers, two at a time, have executed what coverage says of one process that did it all: in
// the first run, which migrates, and in those that find all of it done. The older coverage is shown
// with fork, the newer with spawn, on three apps; HOTCLUB_EVERYTHING=1 goes through all.
func TestCoverage(t *testing.T) {
	everything := os.Getenv("HOTCLUB_EVERYTHING") != ""
	apps := []string{"analytics", "catalog", "shipping"} // two databases, live servers, commits, async
	if everything {
		apps = nil
	}
	for i, d := range interpreters(t, "EDITOR_PYTHONS") {
		t.Run("django"+d.version, func(t *testing.T) {
			t.Parallel()
			c := newClubAt(t, d.python, copyOf(t, "../../../examples/bookshop"))
			want := serially(t, c, apps, "--branch", "--source=.", "--omit=*/tests/*,*/tests.py,*/test_*.py")
			methods := []string{"fork", "spawn"}
			if !everything {
				methods = methods[i%2:][:1]
			}
			for _, method := range methods {
				t.Run(method, func(t *testing.T) { coveredAsSerially(t, c, method, apps, want) })
			}
		})
	}
}

func coveredAsSerially(t *testing.T, c *club, method string, apps []string, want map[string]covered) {
	e := c.editor(lsptest.Options{
		Initialization: map[string]any{"startMethod": method}, Patience: 5 * time.Minute,
	})
	for _, id := range []runner.RunID{"first", "second"} {
		if diff := cmp.Diff(want, measured(t, c, e, id, apps), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s run: %s", id, diff)
		}
	}
	first, second := e.WaitRunFinished("first"), e.WaitRunFinished("second")
	if first.Started.StartMethod != method || first.Started.Generation != second.Started.Generation {
		t.Errorf("%s, generations %s and %s", first.Started.StartMethod, first.Started.Generation, second.Started.Generation)
	}
}

const taxTest = `
from django.test import TestCase

from shop import tax
from shop.models import Item


class TaxTests(TestCase):
    def test_rate(self):
        self.assertEqual(tax.rate("books"), 7)

    def test_wrong(self):
        for kind in ("books", "tea"):
            with self.subTest(kind=kind):
                self.assertEqual(tax.rate(kind), 7)

    def test_dies(self):
        import os

        tax.rate(None)
        os._exit(1)
`

const taxSource = `"""Tax."""


def rate(kind):
    if kind is None:
        return 0
    if kind == "books":
        return 7
    return 19


def never():
    return None
`

// The command line shows what was executed and writes it down, whatever became of the tests. Python
// itself measures where there is no coverage.
func TestCoverageOnTheCommandLine(t *testing.T) {
	t.Parallel()
	c := newClub(t, newest(t).python, "faults")
	c.write("shop/tax.py", taxSource)
	c.write("tests/test_tax.py", taxTest)
	lcov := filepath.Join(t.TempDir(), "lcov.info")
	plain := c.run("tests.test_tax", "tests.test_plain")
	r := c.hotclub("run", "--python", c.python, "tests.test_tax.TaxTests.test_rate", "--coverage", "--coverage-lcov", lcov)
	if r.status != 0 || !tells(r.stdout, "sys.monitoring lines missed") || !tells(r.stdout, "shop/tax.py 8 3 62%") {
		t.Errorf("status %d\n%s\n%s", r.status, r.stdout, r.stderr)
	}
	text, err := os.ReadFile(lcov)
	if err != nil {
		t.Fatal(err)
	}
	want := "SF:shop/tax.py\nDA:6,0\nDA:9,0\nDA:13,0\nDA:4,1\nDA:5,1\nDA:7,1\nDA:8,1\nDA:12,1\nLF:8\nLH:5\nend_of_record\n"
	if !strings.Contains(string(text), want) {
		t.Errorf("got\n%s", text)
	}
	if strings.Contains(string(text), "test_tax") {
		t.Error("tests count")
	}

	if status := c.hotclub("status").stdout; !tells(status, "serves runs with coverage: lines") || strings.Count(status, c.root+"\n") != 2 {
		t.Errorf("the workers that measure are not told from the others:\n%s", status)
	}

	measured := c.run("tests.test_tax", "tests.test_plain", "--coverage")
	if diff := cmp.Diff(plain.states(), measured.states()); diff != "" || measured.status != 1 {
		t.Errorf("status %d, other verdicts with coverage: %s", measured.status, diff)
	}
	// What a worker had executed that died is lost, and nothing else.
	if !strings.Contains(measured.stderr, "\nall files ") {
		t.Errorf("got %s", measured.stderr)
	}

	// An edit starts them anew.
	c.write("shop/tax.py", strings.Replace(taxSource, "return 7", "return 6 + 1", 1)+"\n\nnever()\n")
	r = c.hotclub("run", "--python", c.python, "tests.test_tax.TaxTests.test_rate", "--coverage")
	if r.status != 0 || !tells(r.stdout, "shop/tax.py 9 2 77%") {
		t.Errorf("status %d\n%s\n%s", r.status, r.stdout, r.stderr)
	}

	// Settings that break leave two pools without workers; why stays told.
	c.replace("conf.py", "import os", "import os, gone_away")
	c.run("tests.test_plain")
	if all := c.status().Projects; !slices.ContainsFunc(all, func(p runner.ProjectStatus) bool { return p.State == runner.PoolBroken }) {
		t.Errorf("nothing says that the project is broken: %+v", all)
	}
}

// tells reports whether a text has a line, whose columns may be wider.
func tells(text, wanted string) bool {
	for line := range strings.Lines(text) {
		if strings.Join(strings.Fields(line), " ") == wanted {
			return true
		}
	}
	return false
}

// Where nothing can measure, a run that was asked to says what to install, and no other run is the
// worse for it.
func TestCoverageThatIsNotInstalled(t *testing.T) {
	t.Parallel()
	c := newClub(t, steady(t).python, "faults")
	e := c.editor(lsptest.Options{})
	e.Run(wire.RunParams{RunID: "measured", Select: labels("tests.test_plain"), Coverage: &runner.Measure{}})
	finished := e.WaitRunFinished("measured").Finished
	want := "coverage is not installed in " + c.python + ": pip install 'coverage>=7' there, or use Python 3.12 or newer, which can measure without it"
	if finished.Outcome != runner.ErrorRun || finished.Error != want {
		t.Errorf("got %+v", finished)
	}
	if m := e.Call(wire.MethodCoverage, wire.CoverageParams{RunID: "measured"}); m.Code() != -32803 {
		t.Errorf("got %+v", m)
	}
	if r := runOf(e, "plain", labels("tests.test_plain")); r.Finished.Outcome != runner.Completed {
		t.Errorf("got %+v", r.Finished)
	}
	if r := c.hotclub("run", "--python", c.python, "--coverage"); r.status != 3 || !strings.Contains(r.stdout+r.stderr, want) {
		t.Errorf("status %d\n%s\n%s", r.status, r.stdout, r.stderr)
	}
}
