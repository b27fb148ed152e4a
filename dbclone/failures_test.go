package dbclone_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// failures are what can go wrong with templates and clones, by the numbers that tests of this repository
// bear in their names ("TestCase12…") or in comments beside them ("Case 12: …").
var failures = [...]string{
	// Templates.
	1: "kill -9 while building", 2: "two daemons build one", 3: "a migration fails half-way, and the next try",
	4: "a connection is left on it", 5: "a superuser connects to a sealed one",
	6: "a helper of a migration has changed", 7: "migrations are edited, removed, squashed, added",
	8: "the server or a collation has another version", 9: "dropped by hand", 10: "the disk is full",
	11: "names that are long, of many bytes, with quotes and capitals",
	// Clones.
	12: "a worker is killed in a transaction", 13: "idle in a transaction when given back", 14: "connections that threads left",
	15: "prepared transactions", 16: "LISTEN, advisory locks, temporary tables, SET ROLE",
	17: "DDL, extensions, TRUNCATE, settings of the database, GRANT", 18: "large objects",
	19: "tables, keys, triggers and views of all sorts", 20: "changes of the template's rows, their order, sequences",
	21: "nothing in the end", 22: "COPY FREEZE, wraparound, autovacuum meanwhile", 23: "200 repairs", 24: "counters that can't be trusted",
	25: "given back twice, late, after the end", 26: "random work, repaired, dumps like a fresh clone", 27: "flushed as Django does",
	// Servers.
	28: "restart: idle, leased, in CREATE, in DROP", 29: "killed in CREATE", 30: "half dropped", 31: "max_connections",
	32: "rights that are missing", 33: "a pooler in between", 34: "the network is cut", 35: "a slow drop", 36: "versions of PostgreSQL",
	// Owners.
	37: "databases that only look like ours", 38: "other homes on one server", 39: "the next process takes over",
	40: "ids come again", 41: "quarantine", 42: "Ctrl-C twice",
	// SQLite, MySQL, Oracle.
	43: "a connection that stays open while the clone is put back", 44: "WAL and SHM are left", 45: "shared memory and a live server",
	46: "read-only folders, no reflinks", 47: "all that a MySQL database can have", 48: "no mysqldump", 49: "a crash between DDLs",
	50: "Oracle: leftovers, two aliases with one NAME, long names, main and test user",
}

var (
	inComments = regexp.MustCompile(`(?m)(?://|#|""").*\bCases? (\d+(?:(?:, and |, | and | to )\d+)*)`)
	inNames    = regexp.MustCompile(`(?m)^func TestCase(\d+(?:And\d+)*)`)
	inLists    = regexp.MustCompile(`(to )?(\d+)`)
)

// TestEachFailureHasATest sees that no number is forgotten.
func TestEachFailureHasATest(t *testing.T) {
	var shown [len(failures)]bool
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !ofTests(filepath.ToSlash(path)) {
			return err
		}
		text, err := os.ReadFile(path)
		for _, pattern := range []*regexp.Regexp{inComments, inNames} {
			for _, found := range pattern.FindAllSubmatch(text, -1) {
				mark(shown[:], string(found[1]))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for number, what := range failures {
		if number > 0 && !shown[number] {
			t.Errorf("no test bears the number %d (%s)", number, what)
		}
	}
}

func ofTests(path string) bool {
	if strings.HasSuffix(path, "dbclone/failures_test.go") {
		return false
	}
	return strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/clonetest/") || strings.Contains(path, "/python/tests/test_")
}

// mark marks the numbers of a list such as "12 to 14 and 16".
func mark(shown []bool, list string) {
	first := 0
	for _, found := range inLists.FindAllStringSubmatch(list, -1) {
		last, _ := strconv.Atoi(found[2])
		if found[1] == "" {
			first = last
		}
		for number := first; number <= last && number < len(shown); number++ {
			shown[number] = true
		}
	}
}
