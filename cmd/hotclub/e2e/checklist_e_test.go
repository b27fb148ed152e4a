//go:build linux

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hotclub/runner"
)

// Section E: what a worker is told, and what it runs.
var workerItems = []item{
	{"A44", workerBootstrap},
	{"A45", noAliasAtAll},
	{"A46", workerID},
	{"A47", hooksOfTheParallelSuite},
	{"A48", classesStayTogether},
	{"A49", notMoreWorkersThanClasses},
	{"A50", passes("Item50", "Item50A", "Item50B")},
	{"A51", failFast},
	{"A52", interruptHandler},
}

// workerBootstrap: process_setup only where Django would call it, in a process that was not
// forked, and before init_worker. That it comes after django.setup() differs: the environment
// is set up in advance, before a process knows its number.
func workerBootstrap(t *testing.T, s *stage) {
	passes("Item44")(t, s)
	s.told(t, "flow", nil)
	journal := s.shared(t, "flow").journal()
	if s.method == "spawn" {
		wantJournal(t, journal, "setup_test_environment", "process_setup here", "init_worker 1")
		return
	}
	wantJournal(t, journal, "setup_test_environment", "init_worker 1")
	// The process that makes a build once more to study it is not forked; see pool/study.go. With
	// Python 3.12 there is none.
	if got := count(journal, "process_setup"); got > 1 || got == 1 && s.django == newest(t) {
		t.Errorf("process_setup was called %d times", got)
	}
}

// noAliasAtAll: tests without a database neither wait for one nor are given its checks.
func noAliasAtAll(t *testing.T, s *stage) {
	passes("Item45")(t, s)
	wantEqual(t, nil, s.tour(t, "-k", "Item45").started(t).Databases)
	s.told(t, "flow", nil, "flow.tests.Plain")
	wantJournal(t, s.shared(t, "flow").journal(), "get_databases []", "run_checks []")
}

func workerID(t *testing.T, s *stage) {
	passes("Item46")(t, s)
	var number int
	output := s.tour(t).only(t, "Item46").Output
	if _, err := fmt.Sscanf(output, "worker %d", &number); err != nil || number < 1 {
		t.Errorf("in a worker %q, %v", output, err)
	}
}

func hooksOfTheParallelSuite(t *testing.T, s *stage) {
	place := "None"
	if s.method == "spawn" {
		place = "a place"
	}
	output := s.tour(t).only(t, "Item47").Output
	id := strings.TrimSpace(strings.TrimPrefix(s.tour(t, "-n", "1", "-k", "Item46", "-k", "Item47").only(t, "Item46").Output, "worker"))
	if id == "" {
		t.Error("no worker id")
	}
	if !strings.HasPrefix(output, "init_worker ") || strings.HasPrefix(output, "init_worker None") || !strings.HasSuffix(output, "process_setup "+place+"\n") {
		t.Errorf("hooks left %q", output)
	}

	replayed := s.told(t, "flow", nil, "--testrunner", "flow.runner.ReplayRunner")
	wantEqual(t, s.told(t, "flow", nil).states(), replayed.states())
	if s.version != "4.2" { // the hook came with 5.2
		wantJournal(t, s.shared(t, "flow").journal(), "handle_event startTest", "handle_event addSuccess")
	}
}

// classesStayTogether also holds where a worker runs several classes.
func classesStayTogether(t *testing.T, s *stage) {
	passes("Item48")(t, s)
	last := make(map[string]string) // worker: class
	var done []string
	for _, l := range s.tour(t).lines {
		if l.Event != "test" || l.Kind != runner.KindTest || l.Worker == "" {
			continue
		}
		class := l.Label[:strings.LastIndex(l.Label, ".")]
		if class == last[l.Worker] {
			continue
		}
		if slices.Contains(done, class) && !strings.Contains(class, "arithmetic") {
			t.Errorf("%s is torn apart at %s", class, l.Label)
		}
		last[l.Worker] = class
		done = append(done, class)
	}
}

func notMoreWorkersThanClasses(t *testing.T, s *stage) {
	wantEqual(t, 2, s.tour(t, "-n", "7", "tour.tests.test_c_loading.Item22", "tour.tests.test_c_loading.Item22Heir").started(t).Workers)
	wantEqual(t, 1, s.tour(t, "-n", "7", "tour.tests.test_c_loading.Item22").started(t).Workers)
}

// failFast: one worker stops exactly where a serial run stops.
func failFast(t *testing.T, s *stage) {
	const results = "tour.tests.test_f_results."
	for _, labels := range [][]string{
		{results + "Item53", results + "Item56"},
		{results + "Item53.test_subtests", results + "Item56"},
		{results + "Item05.test_unexpected_success", results + "Item56"},
		{"tour.tests.test_d_databases.Item33", results + "Item54SetUp", "tour.tests.test_g_isolation.Item66"},
	} {
		asked := append([]string{"--failfast"}, labels...)
		want := s.original.ran(t, asked...)
		told := s.tour(t, append([]string{"-n", "1"}, asked...)...)
		for label, got := range told.states() {
			there, ran := want.Tests[label]
			switch {
			case strings.HasSuffix(label, "Item54SetUp.test_a"):
				wantEqual(t, runner.Errored, got)
			case ran && got != there.State:
				t.Errorf("%s is %s, in Django %s", label, got, there.State)
			case !ran && got != runner.NotRun:
				t.Errorf("%s is %s, in Django it was not run", label, got)
			}
		}
		wantStatus(t, told, 1)
	}
}

// interruptHandler: the handler of the runner is there; what an interrupt of the command does
// is B17.
func interruptHandler(t *testing.T, s *stage) { passes("Item52")(t, s) }
