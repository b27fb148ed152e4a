package dbclone

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var (
	safeFolder = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]{0,63}$`)
	safeName   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,29}$`)
)

// Case 11: whatever an alias is called, folders and names on servers stay within every system's limits
// and inside their directory.
func TestNamesAreSafe(t *testing.T) {
	l := layout{dir: "/state"}
	rapid.Check(t, func(t *rapid.T) {
		s := Schema{Project: "p1", Engine: "sqlite", Alias: rapid.StringN(1, -1, -1).Draw(t, "alias"), Key: rapid.String().Draw(t, "key")}
		n := rapid.IntRange(1, 1_000_000_000).Draw(t, "n")
		id := NewOwner("").ID
		name := newTemplate(s)
		for _, spot := range []Spot{l.template(s.Project, name), l.unfinished(id, n, s, name), l.clone(id, n, s)} {
			if !safeName.MatchString(spot.Name) {
				t.Errorf("name %q", spot.Name)
			}
			if folder := filepath.Base(spot.Dir); !safeFolder.MatchString(folder) {
				t.Errorf("folder %q", folder)
			}
			if !strings.HasPrefix(filepath.ToSlash(spot.Dir), "/state/") {
				t.Errorf("dir %q", spot.Dir)
			}
		}
	})
}

func TestSchemasHaveTheirOwnDigest(t *testing.T) {
	schemas := rapid.Custom(func(t *rapid.T) Schema {
		part := rapid.SampledFrom([]string{"", "a", "b", "ab", "a\x00b", "sqlite"})
		return Schema{Project: "p", Alias: part.Draw(t, "alias"), Engine: part.Draw(t, "engine"), Key: part.Draw(t, "key")}
	})
	rapid.Check(t, func(t *rapid.T) {
		one, two := schemas.Draw(t, "one"), schemas.Draw(t, "two")
		if (one.digest() == two.digest()) != one.same(two) {
			t.Errorf("%+v and %+v", one, two)
		}
	})
}

// Every state but gone leads somewhere, and everything ends in gone.
func TestLeaseStates(t *testing.T) {
	reached := map[LeaseState]bool{Creating: true}
	for range leaseMoves {
		for from, moves := range leaseMoves {
			for _, to := range moves {
				reached[to] = reached[to] || reached[from]
			}
			if (len(moves) == 0) != (from == Gone) {
				t.Errorf("%s leads to %v", from, moves)
			}
		}
	}
	if len(reached) != len(leaseMoves) {
		t.Errorf("reached %v", reached)
	}
}
