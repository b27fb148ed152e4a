//go:build linux

package e2e

import (
	"fmt"
	"slices"
	"testing"
)

// item is one number of the checklist in the analysis of Django's test running, section (a),
// or one row of the table of its weaknesses, section (b).
type item struct {
	name string // "A01", "B13"
	test func(t *testing.T, s *stage)
}

// checklist is filled by the files of its sections.
var checklist = slices.Concat(
	commandItems, flowItems, loadingItems, databaseItems, workerItems, resultItems, isolationItems, weaknesses,
)

// notTested lists the numbers that have no test, and why.
var notTested = map[string]string{
	"A38": "PostgreSQL: clones of other databases than SQLite come with a later issue",
	"A39": "MySQL: clones of other databases than SQLite come with a later issue",
	"A41": "Oracle: clones of other databases than SQLite come with a later issue",
	"A69": "pytest is not offered yet",
	"A70": "pytest is not offered yet",

	"B08": "cloning of database servers comes with a later issue",
	"B09": "Oracle comes with a later issue",
	"B10": "MySQL comes with a later issue",
	"B12": "the order of units is tested in runner/schedule",
	"B18": "editors come with a later issue; that the project's runner is honoured is A01 to A05",
	"B19": "what a killed server leaves is swept: kill_daemon_test.go",
	"B22": "needs a database whose OPTIONS hold what can't be pickled: comes with the servers",
	"B24": "what a run costs is measured in bench; that nothing is booted twice is B02",
	"B25": "threads and connections that forbid a fork are tested in runner/pool; sockets come with the servers",
	"B27": "pytest is not offered yet",
	"B28": "pytest is not offered yet",
	"B29": "coverage comes with a later issue",
}

// TestChecklist goes through what a test runner for Django must honour, item by item, on each
// version of Django, with forked and with spawned workers.
func TestChecklist(t *testing.T) {
	all := stages(t)
	for _, each := range checklist {
		t.Run(each.name, func(t *testing.T) {
			for _, s := range all {
				t.Run(s.name(), func(t *testing.T) {
					t.Parallel()
					each.test(t, s)
				})
			}
		})
	}
}

// TestChecklistIsComplete sees that no number is forgotten.
func TestChecklistIsComplete(t *testing.T) {
	tested := make(map[string]bool)
	for _, each := range checklist {
		if tested[each.name] {
			t.Errorf("%s is there twice", each.name)
		}
		tested[each.name] = true
	}
	for section, last := range map[string]int{"A": 70, "B": 29} {
		for number := 1; number <= last; number++ {
			name := fmt.Sprintf("%s%02d", section, number)
			if _, excused := notTested[name]; excused == tested[name] {
				t.Errorf("%s must have either a test or a reason to have none", name)
			}
		}
	}
}
