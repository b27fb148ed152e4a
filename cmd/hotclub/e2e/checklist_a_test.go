//go:build linux

package e2e

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"hotclub/runner"
)

// Section A: the command and the selection of the runner.
var commandItems = []item{
	{"A01", selectedRunner},
	{"A02", optionsOfTheRunner},
	{"A03", passes("Item03")},
	{"A04", numberOfWorkers},
	{"A05", exitStatus},
	{"A06", systemChecks},
	{"A07", nobodyIsAsked},
	{"A08", passes("Item08")},
	{"A09", workingDirectory},
}

// other runs the tour with a runner that the settings do not name, and an option that only
// that one knows.
func other(t *testing.T, s *stage) story {
	t.Helper()
	return s.tour(
		t, "tour.tests.test_a_command", "tour.tests.test_f_results", "-k", "Item01", "-k", "Item02", "-k", "known_failure",
		"--testrunner", "tour.runner.OtherRunner", "--", "--forgive=known_failure", "--tour-mark", "by hand",
	)
}

func selectedRunner(t *testing.T, s *stage) {
	wantEqual(t, "set up by TourRunner\n", s.tour(t).only(t, "Item01").Output)
	wantEqual(t, "set up by OtherRunner\n", other(t, s).only(t, "Item01").Output)
}

func optionsOfTheRunner(t *testing.T, s *stage) {
	wantEqual(t, "marked unmarked\n", s.tour(t).only(t, "Item02").Output)
	wantEqual(t, "marked by hand\n", other(t, s).only(t, "Item02").Output)
	for _, unknown := range []string{"--no-such-option", "--forgive=known_failure"} {
		refused := s.tour(t, "-k", "Item02", "--", unknown)
		wantStatus(t, refused, 2)
		wantContains(t, "what is said of an unknown option", refused.stderr, "unrecognized arguments: "+unknown)
	}
	help := s.tour(t, "--", "--help")
	wantStatus(t, help, 2)
	wantContains(t, "the help", help.stderr, "--tour-mark TOUR_MARK")
	labels := s.tour(t, "--", "tour.tests.test_a_command")
	wantStatus(t, labels, 2)
	wantContains(t, "what is said of a label among the options", labels.stderr, "tour.tests.test_a_command")
}

// numberOfWorkers: Django's default is serial, Hotclub's is auto or what the project's
// configuration says; the words mean the same.
func numberOfWorkers(t *testing.T, s *stage) {
	c := s.shared(t, "flow")
	for _, each := range []struct {
		variable string
		args     []string
		want     int
	}{
		{"DJANGO_TEST_PROCESSES=3", nil, 1},
		{"DJANGO_TEST_PROCESSES=3", []string{"--parallel", "auto"}, 3},
		{"DJANGO_TEST_PROCESSES=3", []string{"--parallel=2"}, 2},
		{"DJANGO_TEST_PROCESSES=1", []string{"--parallel"}, 1},
	} {
		if got := c.with(each.variable).run(each.args...).started(t).Workers; got != each.want {
			t.Errorf("%s with %v: %d workers, want %d", each.variable, each.args, got, each.want)
		}
	}
	refused := c.terminal("--parallel=banana")
	if refused.status != 2 || !strings.Contains(refused.stderr, "banana") {
		t.Errorf("--parallel=banana: status %d\n%s", refused.status, refused.stderr)
	}
}

func exitStatus(t *testing.T, s *stage) {
	const label = "tour.tests.test_f_results.Item05.test_unexpected_success"
	unexpected := s.tour(t, label)
	wantEqual(t, runner.XPassed, unexpected.only(t, "Item05.test_unexpected_success").State)
	wantStatus(t, unexpected, 1)
	wantEqual(t, unexpected.status, s.original.ran(t, label).Exit)

	forgiven := other(t, s)
	wantEqual(t, runner.Failed, forgiven.only(t, "Item05.test_known_failure").State)
	wantStatus(t, forgiven, 0)
	if s.method == "fork" { // a cold run has no workers that could start in one way or another
		cold := s.tour(t, "--cold", "tour.tests.test_f_results.Item05.test_known_failure", "--testrunner", "tour.runner.OtherRunner", "--", "--forgive=known_failure")
		wantEqual(t, runner.Failed, cold.only(t, "Item05.test_known_failure").State)
		wantStatus(t, cold, 0)
	}
	wantStatus(t, s.tour(t, "tour.tests.test_a_command"), 0)
	wantStatus(t, s.tour(t), 1)
}

func systemChecks(t *testing.T, s *stage) {
	told := s.told(t, "flow", []string{"FLOW_BAD_CHECK=1"}, "flow.tests.Committing")
	wantStatus(t, told, 3)
	wantContains(t, "the error", told.stderr, "flow.E001")
	for label, state := range told.states() {
		if state != runner.NotRun {
			t.Errorf("%s is %s although the checks failed", label, state)
		}
	}
	wantJournal(t, s.shared(t, "flow").journal(), "setup_databases", "teardown_databases", "run_checks ['default']")
}

// nobodyIsAsked: what lies where a test database would be, an earlier --keepdb for example, is
// neither a question nor touched.
func nobodyIsAsked(t *testing.T, s *stage) {
	passes("Item07")(t, s)
	inhabited := s.inhabited(t)
	wantStatus(t, inhabited.story, 0)
	wantEqual(t, "not even a database", inhabited.left)
}

// workingDirectory: relative labels mean what they mean where they are typed.
func workingDirectory(t *testing.T, s *stage) {
	passes("Item09")(t, s)
	below := s.shared(t, "tour")
	below.root = filepath.Join(below.root, "tour", "tests")
	told := below.run("-k", "Item09", ".")
	wantEqual(t, runner.Passed, told.only(t, "test_working_directory").State)
}

// started returns the first line of a run in full.
func (s story) started(t *testing.T) started {
	t.Helper()
	for text := range strings.Lines(s.stdout) {
		var first started
		if err := json.Unmarshal([]byte(text), &first); err != nil {
			t.Fatal(err)
		}
		if first.Event == "runStarted" {
			return first
		}
	}
	t.Fatalf("the run has not started\n%s", s.stderr)
	return started{}
}
