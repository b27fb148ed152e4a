package postgres

import (
	"testing"
)

// TestGlance finds out when a look at all rows can be saved, and that nothing is missed where it can't.
func TestGlance(t *testing.T) {
	l := newLab(t, "owner", everything)
	p, other := l.clone(t), l.clone(t)
	p.cured(t) // the other was made after it
	enough := func(t *testing.T) bool {
		t.Helper()
		seen, err := glance(t.Context(), p.conn, p.holds, p.base, &l.repairs)
		if err != nil {
			t.Fatal(err)
		}
		return seen != nil
	}
	const insert = "INSERT INTO auth_user (username) VALUES ('new')"
	for _, each := range []struct {
		name       string
		statements func(t *testing.T)
		enough     bool
	}{
		{"nothing", func(*testing.T) {}, true},
		{"what is rolled back, but for a sequence", func(t *testing.T) { must(t, p.worker, "BEGIN", "SAVEPOINT s", insert, "RELEASE s", "ROLLBACK") }, true},
		{"a repair of another clone", func(t *testing.T) {
			must(t, other.worker, insert)
			p.cured(t)
			if why := other.repair(t, l.img); why != "" {
				t.Fatal(why)
			}
		}, true},
		{"a row", func(t *testing.T) { must(t, p.worker, insert) }, false},
		{"an update in place", func(t *testing.T) { must(t, p.worker, "UPDATE auth_user SET username = username") }, false},
		{"a table that comes and goes", func(t *testing.T) { must(t, p.worker, "CREATE TABLE made (id int)", "DROP TABLE made") }, false},
		{"a row of another database", func(t *testing.T) { must(t, other.worker, insert) }, false},
		{"thousands of transactions", func(t *testing.T) {
			p.Exec(t, "postgres", "DO 'BEGIN FOR i IN 1..10100 LOOP PERFORM txid_current(); ROLLBACK; END LOOP; END'")
		}, false},
		{"in the end nothing again", func(*testing.T) {}, true},
	} {
		t.Run(each.name, func(t *testing.T) {
			each.statements(t)
			if got := enough(t); got != each.enough {
				t.Errorf("a glance is enough: %t", got)
			}
			p.cured(t)
		})
	}
	t.Run("a transaction that outlives a clean look", func(t *testing.T) {
		must(t, p.worker, "BEGIN", "UPDATE auth_user SET username = username", "SAVEPOINT s")
		if !p.dirt(t).clean() {
			t.Error("seen before it was committed")
		}
		_ = p.repair(t, l.img) // finds nothing to do, or somebody in a transaction
		must(t, p.worker, "COMMIT")
		if enough(t) || p.dirt(t).clean() {
			t.Error("not seen")
		}
		p.cured(t)
	})
}
