//go:build linux

package e2e

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/runner"
)

// Section C: labels, discovery, filtering, order. Which tests Django itself would run, and in
// which order, tells loaded.py; a run with one worker keeps that order.
var loadingItems = []item{
	{"A17", loadsLikeDjango(
		[]string{"tour.tests.test_c_loading"},
		[]string{"tour.tests.test_c_loading.Item22"},
		[]string{"tour.tests.test_c_loading.Item22.test_by_class"},
		[]string{"tour.tests", "-k", "Item2"},
		[]string{"tour/tests", "-k", "Item2"},
		[]string{"-k", "Item2"},
	).and(fileLabels)},
	{"A18", loadsLikeDjango(
		[]string{"-p", "check*.py"},
		[]string{"--pattern=check*.py", "tour"},
		[]string{"-t", ".", "-p", "check*.py", "tour/tests"},
		[]string{"first", "second"},
	).and(nil)},
	{"A19", likeDjango("Item19", "Item19Made7", "arithmetic")},
	{"A20", loadsLikeDjango(
		[]string{"-k", "Item22"},
		[]string{"-k", "*Heir*by_*"},
		[]string{"-k", "by_class", "-k", "test_own", "tour.tests.test_c_loading"},
	).and(nil)},
	{"A21", loadsLikeDjango(
		[]string{"--tag", "core", "tour"},
		[]string{"--exclude-tag", "core", "tour.tests.test_c_broken", "tour.tests.test_c_loading"},
	).and(brokenModule)},
	{"A22", loadsLikeDjango(
		[]string{"--tag", "fine", "tour.tests.test_c_loading"},
		[]string{"--tag", "fine", "--tag", "own", "tour.tests.test_c_loading"},
		[]string{"--tag", "core", "--exclude-tag", "fine", "tour.tests.test_c_loading"},
		[]string{"--tag", "slow", "tour.tests.test_c_loading.Item22Heir"},
	).and(nil)},
	{"A23", loadsLikeDjango(
		[]string{"tour.tests.test_c_loading"},
		[]string{
			"tour.tests.test_c_loading.Item23Plain.test_b", "tour.tests.test_c_loading.Item23Simple.test_b",
			"tour.tests.test_c_loading.Item23Plain.test_a", "tour.tests.test_c_loading",
		},
	).and(nothingTwice)},
	{"A24", loadsLikeDjango(
		[]string{"--shuffle=17", "tour.tests.test_c_loading"},
		[]string{"--shuffle", "17", "tour.tests.test_c_loading.Item23Case", "tour.tests.test_c_loading.Item22Heir"},
	).and(shuffleSeed)},
	{"A25", loadsLikeDjango(
		[]string{"--reverse", "tour.tests.test_c_loading"},
		[]string{"-r", "--shuffle=3", "tour.tests.test_c_loading"},
	).and(nil)},
	{"A26", logOfTheRunner},
}

// loading are lists of arguments with which the tests must be those of Django in its order.
type loading [][]string

func loadsLikeDjango(asked ...[]string) loading { return asked }

// and makes an item of it, with more to look at where more is not nil.
func (l loading) and(more func(t *testing.T, s *stage)) func(t *testing.T, s *stage) {
	return func(t *testing.T, s *stage) {
		t.Helper()
		want := s.original.loads(t, l)
		for i, args := range l {
			told := s.tour(t, append([]string{"-n", "1"}, args...)...)
			if diff := cmp.Diff(want[i], told.order()); diff != "" {
				t.Errorf("%v (-Django +hotclub)\n%s%s", args, diff, told.stderr)
			}
			if len(want[i]) == 0 {
				t.Errorf("%v: Django loads nothing", args)
			}
		}
		if more != nil {
			more(t, s)
		}
	}
}

func logOfTheRunner(t *testing.T, s *stage) {
	s.told(t, "flow", nil)
	wantJournal(t, s.shared(t, "flow").journal(), "build_suite", "log Found 6 test(s).")
}

// fileLabels are where Hotclub takes more: Django refuses a path to a file and says what to
// write instead.
func fileLabels(t *testing.T, s *stage) {
	want := s.tour(t, "-n", "1", "tour.tests.test_c_loading.Item22")
	for _, label := range []string{"tour/tests/test_c_loading.py::Item22", "tour/tests/test_c_loading.py:41"} {
		wantEqual(t, want.states(), s.tour(t, label).states())
	}
	for _, label := range []string{"tour.tests.no_such_module", "tour.tests.test_c_loading.NoSuchClass", "no/such/path.py"} {
		told := s.shared(t, "tour").terminal(label)
		if told.status != 2 {
			t.Errorf("%s: status %d\n%s", label, told.status, told.stderr)
		}
	}
}

func brokenModule(t *testing.T, s *stage) {
	told := s.tour(t, "-n", "1", "--tag", "core", "tour")
	broken := told.lines[slices.IndexFunc(told.lines, func(l line) bool { return l.Event == "test" })]
	wantEqual(t, runner.Errored, broken.State)
	wantContains(t, "the error of the module", text(broken), "no_such_module")
	wantStatus(t, told, 1)
	wantEqual(t, runner.Passed, s.tour(t).only(t, "Item21Database").State)
}

func nothingTwice(t *testing.T, s *stage) {
	told := s.tour(t, "tour.tests.test_c_loading", "tour.tests.test_c_loading.Item22", "tour/tests", "-k", "Item22")
	if got := len(told.order()); got != len(told.tests) {
		t.Errorf("%d verdicts for %d tests", got, len(told.tests))
	}
}

func shuffleSeed(t *testing.T, s *stage) {
	told := s.tour(t, "-n", "1", "--shuffle", "tour.tests.test_c_loading")
	seed := told.started(t).ShuffleSeed
	if seed == nil {
		t.Fatal("the run does not tell its seed")
	}
	again := s.tour(t, "-n", "1", "--shuffle="+seedText(*seed), "tour.tests.test_c_loading")
	wantEqual(t, told.order(), again.order())
	plain := s.shared(t, "tour").terminal("--shuffle="+seedText(*seed), "-k", "Item22")
	wantContains(t, "what a terminal shows", plain.stdout+plain.stderr, seedText(*seed))
}
