//go:build linux

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"hotclub/runner"
)

// Section B: the flow of run_tests.
var flowItems = []item{
	{"A10", orderOfTheFlow},
	{"A11", databasesOfTheSuite},
	{"A12", tearDownAlways},
	{"A13", environmentOnce},
	{"A14", importsReachNoData},
	{"A15", faulthandler},
	{"A16", pdb},
}

func orderOfTheFlow(t *testing.T, s *stage) {
	first := s.chronicle(t).afterStop
	// Workers set up their environment and build the suite in parallel with the database; these
	// are the orders within one process.
	wantJournal(t, first, "setup_test_environment", "build_suite", "get_databases [('default', True), ('second', False)]", "suite_result 6 tests, 6 run,")
	wantJournal(t, first, "setup_databases", "run_checks ['default', 'second']", "setUpModule", "tearDownModule", "suite_result")
	wantJournal(t, first, "suite_result 6 tests, 6 run, ['flow.tests.Both.test_subtests (i=1)', 'flow.tests.Committing.test_failing'] failed", "teardown_test_environment")
}

// databasesOfTheSuite: what build_suite found is there for setup_databases, and the aliases with
// a serialized_rollback are serialized, in the worker that needs it.
func databasesOfTheSuite(t *testing.T, s *stage) {
	told := s.told(t, "flow", nil)
	wantEqual(t, []string{"default", "second"}, told.started(t).Databases)
	wantJournal(t, s.shared(t, "flow").journal(), "setup_databases ['default', 'second'] True")
	wantEqual(t, runner.Passed, told.only(t, "Committing.test_rows").State)
}

// tearDownAlways: also though tests have failed.
func tearDownAlways(t *testing.T, s *stage) {
	c := s.chronicle(t)
	wantStatus(t, c.first, 1)
	wantJournal(t, c.afterStop, "setup_databases", "teardown_databases")
	set, torn := count(c.afterStop, "setup_test_environment"), count(c.afterStop, "teardown_test_environment")
	if torn == 0 || s.method == "fork" && torn != set { // a process that was just booting was killed
		t.Errorf("%d environments set up, %d torn down", set, torn)
	}
}

func environmentOnce(t *testing.T, s *stage) {
	passes("Item13")(t, s)
	debug := s.tour(t, "-k", "Item13.test_settings", "-k", "Item15", "--debug-mode", "--no-faulthandler")
	wantContains(t, "the test of DEBUG under --debug-mode", text(debug.only(t, "Item13")), "True is not False")
}

// importsReachNoData differs from Django, where importing such a module reads the developer's
// database, as the documentation warns.
func importsReachNoData(t *testing.T, s *stage) {
	inhabited := s.inhabited(t)
	if output := inhabited.story.only(t, "Item14").Output; !strings.HasPrefix(output, "seen at import") || strings.Contains(output, "developer") {
		t.Errorf("a test module was imported and %s", output)
	}
	if inhabited.before != inhabited.after {
		t.Error("the developer's database has changed")
	}
}

// inhabited is a run of the tour beside the data of a developer.
type inhabited struct {
	story         story
	before, after string // the developer's own database
	left          string // what was left where a test database would be
}

func (s *stage) inhabited(t *testing.T) inhabited {
	t.Helper()
	return once(s, "inhabited", func() inhabited {
		c := s.visit(t, "tour")
		own, left := filepath.Join(c.root, "dev.sqlite3"), filepath.Join(c.root, "test_filed.sqlite3")
		fill := exec.Command(s.python, "-c", `
import sqlite3
db = sqlite3.connect("dev.sqlite3")
db.execute("CREATE TABLE tour_book (id integer, title text, shelf_id integer)")
db.execute("INSERT INTO tour_book VALUES (1, 'of the developer', NULL)")
db.commit()`)
		fill.Dir = c.root
		if output, err := fill.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
		if err := os.WriteFile(left, []byte("not even a database"), 0o600); err != nil {
			t.Fatal(err)
		}
		i := inhabited{before: readFile(t, own)}
		i.story = c.run(
			"--noinput", "--keepdb", "tour.tests.test_b_flow", "tour.tests.test_d_databases.Item34",
			"tour.tests.test_g_isolation.Item62",
		)
		i.after, i.left = readFile(t, own), readFile(t, left)
		return i
	})
}

func faulthandler(t *testing.T, s *stage) {
	passes("Item15")(t, s)
	without := s.tour(t, "-k", "Item13.test_settings", "-k", "Item15", "--debug-mode", "--no-faulthandler")
	wantEqual(t, runner.Failed, without.only(t, "Item15").State)
}

// pdb needs a terminal that a worker has not got: it is refused before anything runs.
func pdb(t *testing.T, s *stage) {
	for _, args := range [][]string{{"--pdb"}, {"--", "--pdb"}} {
		refused := s.shared(t, "tour").terminal(args...)
		if refused.status != 2 || !strings.Contains(refused.stdout+refused.stderr, "manage.py test --pdb") {
			t.Errorf("%v: status %d\n%s%s", args, refused.status, refused.stdout, refused.stderr)
		}
	}
}
