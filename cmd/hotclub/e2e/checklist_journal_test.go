//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hotclub/runner"
)

// journal returns the lines that a project has written down so far.
func (g *guest) journal() []string {
	g.t.Helper()
	return strings.Split(readFile(g.t, filepath.Join(g.root, "journal.txt")), "\n")
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// wantJournal sees that some lines, given by their beginnings, stand in a journal in this order;
// others may stand between them.
func wantJournal(t *testing.T, journal []string, beginnings ...string) {
	t.Helper()
	at := 0
	for _, beginning := range beginnings {
		i := slices.IndexFunc(journal[at:], func(line string) bool { return strings.HasPrefix(line, beginning) })
		if i < 0 {
			t.Fatalf("the journal lacks %q after line %d:\n%s", beginning, at, strings.Join(journal, "\n"))
		}
		at += i + 1
	}
}

// count is how many lines of a journal begin so.
func count(journal []string, beginning string) int {
	n := 0
	for _, line := range journal {
		if strings.HasPrefix(line, beginning) {
			n++
		}
	}
	return n
}

// chronicle is the life of a project: run, stopped, run again, migrated, run again.
type chronicle struct {
	first, migrated        story
	afterStop, afterSecond []string
}

func (s *stage) chronicle(t *testing.T) chronicle {
	t.Helper()
	return once(s, "chronicle", func() chronicle {
		g := s.visit(t, "flow")
		c := chronicle{first: g.run("--keepdb")}
		g.hotclub("stop", "--all")
		c.afterStop = g.journal()
		g.run("--keepdb")
		c.afterSecond = g.journal()
		if err := os.CopyFS(g.root, os.DirFS("testdata/checklist/more")); err != nil {
			t.Fatal(err)
		}
		c.migrated = g.run("--keepdb", "flow.more_tests")
		return c
	})
}

// keepdbMigrates: whether asked to or not, a database is kept while it is right, and no longer.
func keepdbMigrates(t *testing.T, s *stage) {
	c := s.chronicle(t)
	wantEqual(t, 1, count(c.afterSecond, "migrate default"))
	wantEqual(t, runner.Passed, c.migrated.only(t, "More.test_row_of_the_new_migration").State)
}

// nothingMigratedTwice: also not by the server that comes after one that was stopped.
func nothingMigratedTwice(t *testing.T, s *stage) {
	journal := s.chronicle(t).afterSecond
	wantEqual(t, []int{1, 1}, []int{count(journal, "migrate default"), count(journal, "migrate second")})
}
