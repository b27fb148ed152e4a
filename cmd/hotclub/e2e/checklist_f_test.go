//go:build linux

package e2e

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"hotclub/runner"
)

// Section F: results.
var resultItems = []item{
	{"A53", outcomes},
	{"A54", fixtures},
	{"A55", buffered},
	{"A56", tracebacks},
	{"A57", durationsAndTimings},
	{"A58", resultClasses},
	{"A59", extraEvents},
}

func outcomes(t *testing.T, s *stage) {
	likeDjango("Item53", "Item05")(t, s)
	told := s.tour(t)
	subtests := told.only(t, "Item53.test_subtests")
	want := map[string]runner.Phase{"[number] (i=1)": runner.PhaseSubtest, "[number] (i=2)": runner.PhaseSubtest}
	got := make(map[string]runner.Phase)
	for _, m := range subtests.Messages {
		got[m.Subtest] = m.Phase
	}
	wantEqual(t, want, got)
	wantEqual(t, "no time", told.only(t, "Item53.test_skip").Reason)
	wantEqual(t, "never", told.only(t, "test_skip_by_decorator").Reason)
	wantEqual(t, 2, len(told.only(t, "test_failure_and_error_in_cleanup").Messages))
	counted := 0
	for _, n := range told.finished.Counts {
		counted += n
	}
	wantEqual(t, len(told.tests), counted)
}

// fixtures: where Django reports a pseudo-test, the tests or the class that it stands for have
// the verdict.
func fixtures(t *testing.T, s *stage) {
	told, want := s.tour(t), s.original.ran(t)
	for name, state := range want.Fixtures {
		phase, of, _ := strings.Cut(strings.TrimSuffix(name, ")"), " (")
		if strings.HasPrefix(phase, "tearDown") {
			i := slices.IndexFunc(told.classes, func(l line) bool { return l.Label == of })
			if i < 0 || told.classes[i].State != state {
				t.Errorf("%s: verdicts of classes are %+v", name, told.classes)
			}
			continue
		}
		under := 0
		for label, l := range told.tests {
			if !strings.HasPrefix(label, of+".") {
				continue
			}
			under++
			if l.State != state {
				t.Errorf("%s is %s in Django, %s is %s", name, state, label, l.State)
			}
			if state == runner.Errored && (len(l.Messages) == 0 || string(l.Messages[0].Phase) != phase) {
				t.Errorf("%s: %s says %+v", name, label, l.Messages)
			}
		}
		if under == 0 {
			t.Errorf("no test has the verdict of %s", name)
		}
	}
	for _, label := range []string{"Item54TearDown.test_a", "Item54TearDown.test_b"} {
		wantEqual(t, runner.Passed, told.only(t, label).State)
	}
	wantEqual(t, "the whole class", told.only(t, "Item54Skip.test_a").Reason)
	wantEqual(t, "the whole module", told.only(t, "Item54ModuleSkip").Reason)
	wantEqual(t, 1, len(told.classes))
}

func buffered(t *testing.T, s *stage) {
	plain := s.tour(t)
	wantEqual(t, "printed by passing\nwritten by passing\n", plain.only(t, "Item55.test_passing").Output)
	told := s.tour(t, "-n", "1", "--buffer", "-k", "Item55")
	wantEqual(t, "written by passing\n", told.only(t, "Item55.test_passing").Output) // past Python, as in Django
	failing := told.only(t, "Item55.test_failing").Messages[0].Text
	wantContains(t, "a failing test", failing, "Stdout:\nprinted by failing")
	wantContains(t, "a failing test", failing, "Stderr:\ncomplained by failing")
}

var framesOfUnittest = regexp.MustCompile(`File "[^"]*(unittest|hotclub_worker)[^"]*"`)

func tracebacks(t *testing.T, s *stage) {
	likeDjango("Item56")(t, s)
	told := s.tour(t)
	for _, test := range []string{"test_assertion_of_django", "test_assertion_of_unittest", "test_chained"} {
		shown := told.only(t, "Item56."+test).Messages[0].Text
		if frame := framesOfUnittest.FindString(shown); frame != "" {
			t.Errorf("%s shows %s\n%s", test, frame, shown)
		}
		if s.version != "4.2" && strings.Contains(shown, "django/test/testcases.py") {
			t.Errorf("%s shows a frame of Django's assertions\n%s", test, shown)
		}
	}
	chained := told.only(t, "Item56.test_chained").Messages[0].Text
	wantContains(t, "a chained traceback", chained, "LookupError: the cause")
	wantContains(t, "a chained traceback", chained, "ValueError: the effect")
}

// durationsAndTimings: Hotclub measures by itself, on every version.
func durationsAndTimings(t *testing.T, s *stage) {
	told := s.shared(t, "tour").terminal("--durations", "3", "--timing", "-k", "Item23", "tour.tests.test_c_loading")
	wantEqual(t, 0, told.status)
	slowest := regexp.MustCompile(`(?m)^.*\d+(\.\d+)? m?s.*test_[ab].*$|^.*test_[ab].*\d+(\.\d+)? m?s.*$`).FindAllString(told.stdout, -1)
	if len(slowest) != 3 {
		t.Errorf("%d of the slowest tests are listed\n%s", len(slowest), told.stdout)
	}
}

func resultClasses(t *testing.T, s *stage) {
	// descriptions is changed by get_test_runner_kwargs.
	wantEqual(t, "LoudResult heard of a success, descriptions=False\n", s.tour(t).only(t, "Item58").Output)
	own := s.told(t, "flow", nil, "--testrunner", "flow.runner.SuiteRunner")
	wantEqual(t, s.told(t, "flow", nil).states(), own.states())
	wantJournal(t, s.shared(t, "flow").journal(), "run_suite")
}

// extraEvents: also those that a project's own remote result invents reach its result class,
// and those that nobody knows are nobody's concern.
func extraEvents(t *testing.T, s *stage) {
	replayed := s.told(t, "flow", nil, "--testrunner", "flow.runner.ReplayRunner")
	for label := range replayed.tests {
		wantEqual(t, 1, count(s.shared(t, "flow").journal(), "addInfo info about "+label))
	}
}
