package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotclub/runner"
)

func finished(outcome runner.Outcome, counts map[runner.State]int) runner.RunFinished {
	return runner.RunFinished{Outcome: outcome, Counts: counts, DurationMs: 800}
}

func TestGoldenEndings(t *testing.T) {
	counts := func(passed, failed, cancelled, notRun int) map[runner.State]int {
		return map[runner.State]int{
			runner.Passed: passed, runner.Failed: failed, runner.Cancelled: cancelled, runner.NotRun: notRun,
		}
	}
	failed := finished(runner.Completed, counts(8, 2, 0, 0))
	failed.Failed = true
	stopped := finished(runner.Completed, counts(3, 1, 0, 6))
	stopped.Failed = true
	strict := finished(runner.Completed, counts(10, 0, 0, 0))
	strict.Failed = true
	project := finished(runner.ErrorRun, nil)
	project.ProjectError = true
	project.Error = "settings do not import:\n\n  ModuleNotFoundError: No module named 'shop.setings'\n\nCheck DJANGO_SETTINGS_MODULE.\x1b[2J\n"
	broken := finished(runner.ErrorRun, counts(4, 0, 0, 6))
	broken.Error = "the database refused every connection"

	var b bytes.Buffer
	for _, ending := range []struct {
		name  string
		begun bool
		end   runner.Event
	}{
		{"all passed", true, finished(runner.Completed, counts(10, 0, 0, 0))},
		{"failed", true, failed},
		{"stopped by failfast", true, stopped},
		{"the project's runner is strict", true, strict},
		{"the project's runner is lenient", true, finished(runner.Completed, counts(8, 2, 0, 0))},
		{"tests without a verdict", true, finished(runner.Completed, counts(8, 0, 0, 2))},
		{"cancelled", true, finished(runner.CancelledRun, counts(4, 1, 2, 3))},
		{"cancelled before it began", false, finished(runner.CancelledRun, nil)},
		{"project error", false, project},
		{"error half way", true, broken},
		{"nothing selected", false, finished(runner.NothingSelected, nil)},
		{"broken off", true, nil},
		{"never begun", false, nil},
	} {
		s := newStory(t)
		fmt.Fprintf(&b, "== %s\n", ending.name)
		terminal := NewTerminal(&b, s.settings(0))
		if ending.begun {
			begin := s.begin()
			begin.ShuffleSeed = nil
			terminal.Handle(begin)
		}
		if ending.end != nil {
			terminal.Handle(ending.end)
		}
		if err := terminal.Close(); err != nil {
			t.Error(err)
		}
	}
	golden(t, "endings", "no root", b.String())
}

func TestOnlyACompleteSuccessIsOK(t *testing.T) {
	for _, outcome := range []runner.Outcome{runner.CancelledRun, runner.ErrorRun, runner.NothingSelected, runner.Completed} {
		for state := range statusWords {
			s := newStory(t)
			var b bytes.Buffer
			play(t, NewTerminal(&b, s.settings(1)), s.begin(), finished(outcome, map[runner.State]int{state: 10}))
			want := outcome == runner.Completed && (state == runner.Passed || state == runner.Skipped || state == runner.XFailed)
			if got := strings.Contains(b.String(), "OK"); got != want {
				t.Errorf("%s with all tests %s prints:\n%s", outcome, state, b.String())
			}
		}
	}
}

func TestPlainReportShowsThatItIsAlive(t *testing.T) {
	s := newStory(t)
	var b bytes.Buffer
	terminal := NewTerminal(&b, s.settings(1))
	begin := s.begin()
	begin.ShuffleSeed = nil
	terminal.Handle(begin)
	for i, test := range s.tests()[:8] {
		s.clock = s.clock.Add(3 * time.Second)
		state := runner.Passed
		if i == 4 {
			state = runner.Failed
		}
		terminal.Handle(runner.TestFinished{Test: test, Verdict: runner.Verdict{State: state}})
	}
	want := "Running 10 tests on 2 workers (fork)\n" +
		"… 4 of 10 done, about 18 s left\n" +
		"\nFAIL shop.tests.test_cart.StockTests.test_low\n  no message came with this verdict\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestDurationWords(t *testing.T) {
	for ms, want := range map[float64]string{
		0: "<1 ms", 0.4: "<1 ms", 1: "1 ms", 38.4: "38 ms", 999.4: "999 ms", 999.6: "1.00 s", 1240: "1.24 s",
		59_990: "59.99 s", 59_999: "1 min 00 s", 123_000: "2 min 03 s", 3_900_000: "1 h 05 min",
	} {
		if got := duration(ms); got != want {
			t.Errorf("duration(%v) = %q, want %q", ms, got, want)
		}
	}
}

func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{
		"shop.tests.Größe": "shop.tests.Größe", "shop/t.py:12": "shop/t.py:12", "t[a b]": "'t[a b]'", "it's": `'it'\''s'`, "": "",
	} {
		if got := shellWord(word); got != want {
			t.Errorf("shellWord(%q) = %s, want %s", word, got, want)
		}
	}
}

func TestAddressable(t *testing.T) {
	if got := addressable("unittest.loader._FailedTest.shop.tests.test_x"); got != "shop.tests.test_x" {
		t.Errorf("got %q", got)
	}
}
