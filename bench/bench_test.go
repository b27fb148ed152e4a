package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotclub/runner"
)

func TestMedianAndP95(t *testing.T) {
	for _, each := range []struct {
		of          samples
		median, p95 float64
	}{
		{samples{7}, 7, 7},
		{samples{3, 1}, 2, 3},
		{samples{9, 1, 5}, 5, 9},
		{samples{20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 10.5, 19},
	} {
		if m, p := each.of.median(), each.of.p95(); m != each.median || p != each.p95 {
			t.Errorf("%v: median %v and p95 %v, want %v and %v", each.of, m, p, each.median, each.p95)
		}
	}
}

func TestRowsSayWhetherTheBarIsMet(t *testing.T) {
	f := findings{rows: []row{
		{"fast", "ms", samples{20}, samples{1000}, times(40, samples{20}, samples{1000})},
		{"informs", "MB", samples{0.5}, nil, bar{}},
	}}
	if f.missed() {
		t.Error("a bar that is met counts as missed")
	}
	f.rows = append(f.rows, row{"slow", "ms", samples{1200}, nil, atMost(10, "ms", samples{1200})})
	if !f.missed() {
		t.Error("a missed bar isn't noticed")
	}
	var b strings.Builder
	f.print(&b, "conditions")
	for _, want := range []string{
		"| fast | 20.0 ms | 20.0 ms | 1.00 s | 50.00 | ≥ 40× faster | ok |\n",
		"| informs | 0.500 MB | 0.500 MB |  |  |  |  |\n",
		"| slow | 1.20 s | 1.20 s |  |  | ≤ 10 ms | MISSED |\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, &b)
		}
	}
}

func TestTestsAreChosenByDuration(t *testing.T) {
	tests := []line{
		{Label: "skipped", State: runner.Skipped},
		{Label: "long", State: runner.Passed, DurationMs: 900},
		{Label: "short", State: runner.Passed, DurationMs: 1},
		{Label: "middle", State: runner.Passed, DurationMs: 5},
	}
	if got := lightest(tests); got != "short" {
		t.Errorf("the lightest is %s", got)
	}
	if got := typical(tests[1:]); got != "middle" {
		t.Errorf("the typical one is %s", got)
	}
}

func TestUnknownBenchmark(t *testing.T) {
	if _, err := choose([]string{"memory", "spede"}); err == nil || !strings.Contains(err.Error(), "one-test") {
		t.Errorf("choose: %v", err)
	}
}

func TestGeneratedProject(t *testing.T) {
	root := t.TempDir()
	if err := generate(root, 2); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "many", "tests", "test_001.py"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(text), "def test_"); got != classesInModule*testsInClass {
		t.Errorf("%d tests in a module", got)
	}
}

func TestOwnProcess(t *testing.T) {
	if _, err := os.Stat("/proc/self/smaps_rollup"); err != nil {
		t.Skip("only Linux tells")
	}
	if s, err := memoryOf(os.Getpid()); err != nil || s.proportional <= 0 || s.resident < s.proportional {
		t.Errorf("memory: %+v, %v", s, err)
	}
	if _, err := cpuOf(os.Getpid()); err != nil {
		t.Error(err)
	}
}
