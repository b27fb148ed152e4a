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
	c := s.visit(t, "flow")
	wantStatus(t, c.run(), 1)
	c.hotclub("stop", "--all")
	// Workers set up their environment and build the suite in parallel with the database; these
	// are the orders within one process.
	wantJournal(t, c, "setup_test_environment", "build_suite", "get_databases [('default', True), ('second', False)]", "suite_result 6 tests, 6 run,")
	wantJournal(t, c, "setup_databases", "run_checks ['default', 'second']", "setUpModule", "tearDownModule", "suite_result")
	wantJournal(t, c, "suite_result 6 tests, 6 run, ['flow.tests.Both.test_subtests (i=1)', 'flow.tests.Committing.test_failing'] failed", "teardown_test_environment")
}

// databasesOfTheSuite: what build_suite found is there for setup_databases, and the aliases with
// a serialized_rollback are serialized, in the worker that needs it.
func databasesOfTheSuite(t *testing.T, s *stage) {
	c := s.visit(t, "flow")
	told := c.run()
	wantEqual(t, []string{"default", "second"}, told.started(t).Databases)
	wantJournal(t, c, "setup_databases ['default', 'second'] True")
	wantEqual(t, runner.Passed, told.only(t, "Committing.test_rows").State)
}

func tearDownAlways(t *testing.T, s *stage) {
	c := s.visit(t, "flow")
	wantStatus(t, c.run("flow.tests.Committing.test_failing"), 1)
	wantJournal(t, c, "setup_databases", "teardown_databases")
	c.hotclub("stop", "--all")
	if set, torn := c.count("setup_test_environment"), c.count("teardown_test_environment"); set != torn {
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
	c := s.visit(t, "tour")
	script := `
import sqlite3
db = sqlite3.connect("dev.sqlite3")
db.execute("CREATE TABLE tour_book (id integer, title text, shelf_id integer)")
db.execute("INSERT INTO tour_book VALUES (1, 'of the developer', NULL)")
db.commit()`
	command := exec.Command(s.python, "-c", script)
	command.Dir = c.root
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	path := filepath.Join(c.root, "dev.sqlite3")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	told := c.run("tour.tests.test_b_flow", "tour.tests.test_g_isolation.Item62")
	if output := told.only(t, "Item14").Output; !strings.HasPrefix(output, "seen at import") || strings.Contains(output, "developer") {
		t.Errorf("a test module was imported and %s", output)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("the developer's database has changed")
	}
}

func faulthandler(t *testing.T, s *stage) {
	passes("Item15")(t, s)
	without := s.tour(t, "-k", "Item13.test_settings", "-k", "Item15", "--debug-mode", "--no-faulthandler")
	wantEqual(t, runner.Failed, without.only(t, "Item15").State)
}

// pdb needs a terminal that a worker has not got: it is refused before anything runs.
func pdb(t *testing.T, s *stage) {
	for _, args := range [][]string{{"run", "--pdb"}, {"run", "--python", s.python, "--", "--pdb"}} {
		refused := s.at(t, s.club).hotclub(args...)
		if refused.status != 2 || !strings.Contains(refused.stdout+refused.stderr, "manage.py test --pdb") {
			t.Errorf("%v: status %d\n%s%s", args, refused.status, refused.stdout, refused.stderr)
		}
	}
}
