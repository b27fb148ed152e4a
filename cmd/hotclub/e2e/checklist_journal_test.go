package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// wantJournal sees that a project has written down some lines, given by their beginnings, in
// this order; others may stand between them.
func wantJournal(t *testing.T, c *guest, beginnings ...string) {
	t.Helper()
	lines := c.journal()
	at := 0
	for _, beginning := range beginnings {
		i := slices.IndexFunc(lines[at:], func(line string) bool { return strings.HasPrefix(line, beginning) })
		if i < 0 {
			t.Fatalf("the journal lacks %q after line %d:\n%s", beginning, at, strings.Join(lines, "\n"))
		}
		at += i + 1
	}
}

// count is how many lines of the journal begin so.
func (g *guest) count(beginning string) int {
	g.t.Helper()
	n := 0
	for _, line := range g.journal() {
		if strings.HasPrefix(line, beginning) {
			n++
		}
	}
	return n
}

// addMigration gives the flow a second migration and a test that needs it.
func addMigration(t *testing.T, c *guest) {
	t.Helper()
	if err := os.CopyFS(c.root, os.DirFS("testdata/checklist/more")); err != nil {
		t.Fatal(err)
	}
}
