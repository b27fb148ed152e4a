//go:build linux

package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Section D: databases, here those of SQLite.
var databaseItems = []item{
	{"A27", usedAliasesOnly},
	{"A28", likeDjango("Item28", "Item28Simple")},
	{"A29", passes("Item29")},
	{"A30", mirrorsAndDependencies},
	{"A31", passes("Item31")},
	{"A32", passes("Item32")},
	{"A33", passes("Item33")},
	{"A34", passes("Item34")},
	{"A35", keepdbMigrates},
	{"A36", passes("Item36")},
	{"A37", clonesOfTheirOwn},
	{"A40", memoryStaysInMemory},
	{"A42", backendOfTheProject},
	{"A43", debugSQL},
}

// usedAliasesOnly: the migrations of the alias "unused" raise, which nobody may notice.
func usedAliasesOnly(t *testing.T, s *stage) {
	passes("Item27")(t, s)
	wantEqual(t, []string{"default", "filed", "plain", "replica", "twin"}, s.tour(t).started(t).Databases)
	wantEqual(t, nil, s.tour(t, "-k", "Item22").started(t).Databases)
	wantEqual(t, []string{"default", "plain"}, s.tour(t, "-k", "Item27").started(t).Databases)
}

func mirrorsAndDependencies(t *testing.T, s *stage) {
	passes("Item30")(t, s)
	s.told(t, "flow", nil)
	wantJournal(t, s.shared(t, "flow").journal(), "setup_databases ['default', 'second']", "migrate second", "migrate default")

	circular := s.told(t, "flow", []string{"FLOW_CIRCULAR=1"}, "flow.tests.Both")
	wantStatus(t, circular, 3)
	wantContains(t, "the error", circular.stderr, "Circular dependency in TEST[DEPENDENCIES]")
}

// clonesOfTheirOwn: workers commit the same keys at the same time, each into its own clone.
func clonesOfTheirOwn(t *testing.T, s *stage) {
	c := s.shared(t, "beyond")
	c.meetingPlace("meeting")
	told := c.run("-n", "2", "--timeout", "30s", "beyond.test_rendezvous")
	wantStatus(t, told, 0)
	if len(told.workers("")) != 2 {
		t.Errorf("both classes ran on %v", told.workers(""))
	}
}

func memoryStaysInMemory(t *testing.T, s *stage) {
	s.tour(t)
	files, err := filepath.Glob(filepath.Join(s.shared(t, "tour").root, "*sqlite3*"))
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, nil, files)
}

// backendOfTheProject has its own way to clone, which nobody but its runner may choose to use.
func backendOfTheProject(t *testing.T, s *stage) {
	told := s.told(t, "flow", []string{"FLOW_ENGINE=flow.backend"})
	wantContains(t, "the notice", told.stderr, "flow.backend")
	journal := s.shared(t, "flow").journal()
	wantJournal(t, journal, "setup_databases", "backend creates default", "teardown_databases")
	wantEqual(t, 0, count(journal, "backend clones"))
	wantEqual(t, s.told(t, "flow", nil).states(), told.states())
}

func debugSQL(t *testing.T, s *stage) {
	told := s.tour(t, "-n", "2", "--debug-sql", "--tag", "sql", "tour.tests.test_d_databases")
	failing := told.only(t, "test_failing_after_a_query")
	wantContains(t, "the SQL of a failing test", failing.Messages[0].SQL, "marked for debug-sql")
	subtests := told.only(t, "test_subtests_failing")
	wantEqual(t, 2, len(subtests.Messages))
	wantContains(t, "the SQL of a subtest", subtests.Messages[1].SQL, "marked in subtest 1")
	for _, m := range s.tour(t).only(t, "test_failing_after_a_query").Messages {
		wantEqual(t, "", m.SQL)
	}
	quiet := told.only(t, "test_passing_after_a_query")
	wantEqual(t, "", quiet.Output)
	verbose := s.tour(t, "-v", "2", "--debug-sql", "--tag", "sql", "tour.tests.test_d_databases")
	wantContains(t, "what a passing test shows with -v 2", verbose.only(t, "test_passing_after_a_query").Output, "marked and passing")
}

// workers lists those that concluded tests whose label contains a text.
func (s story) workers(part string) []string {
	var names []string
	for label, l := range s.tests {
		if strings.Contains(label, part) && !slices.Contains(names, l.Worker) {
			names = append(names, l.Worker)
		}
	}
	return names
}
