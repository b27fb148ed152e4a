package oracle

import (
	"fmt"
	"strings"
	"testing"

	"hotclub/dbclone"
)

// stage is a fake with an engine that has made a template and a clone of it.
type stage struct {
	*fake
	*Engine
	template, clone dbclone.Spot
}

func newStage(t testing.TB, set ...func(*fake)) *stage {
	t.Helper()
	f := newFake()
	for _, each := range set {
		each(f)
	}
	s := &stage{fake: f, Engine: met(t, f, "owner1"), template: spot("hct_abc_1"), clone: spot("hcc_owner1_2")}
	draft := spot("hcb_owner1_1")
	ok(t, s.Prepare(t.Context(), draft))
	f.migrate(t, "HCB_OWNER1_1", "migrated")
	_, err := s.Seal(t.Context(), draft)
	ok(t, err)
	ok(t, s.Publish(t.Context(), draft, s.template))
	ok(t, s.Clone(t.Context(), s.template, s.clone))
	return s
}

// commits plays a test that changes the clone, a second later.
func (s *stage) commits(t testing.TB, do func(u *fakeUser)) {
	t.Helper()
	s.fake.work(t, s.Locate(s.clone), func(u *fakeUser) {
		s.second++
		do(u)
	})
}

func (s *stage) set(u *fakeUser, table string, rows ...[]string) {
	u.tables[table].rows = rows
	s.fake.changed(u.tables[table])
}

func (s *stage) isDirty(t testing.TB, want bool) {
	t.Helper()
	got, err := s.Engine.Dirty(t.Context(), s.template, s.clone)
	ok(t, err)
	if got != want {
		t.Fatalf("dirty: got %v, want %v", got, want)
	}
}

func (s *stage) restored(t testing.TB, image dbclone.Image) dbclone.Restored {
	t.Helper()
	restored, err := s.Engine.Restore(t.Context(), s.template, s.clone, image)
	ok(t, err)
	return restored
}

// dump is everything that a user of the fake holds, whatever it is called.
func (f *fake) dump(t testing.TB, location string) string {
	t.Helper()
	var b strings.Builder
	f.work(t, location, func(u *fakeUser) {
		for _, name := range sortedKeys(u.tables) {
			table := u.tables[name]
			fmt.Fprintln(&b, name, table.columns, table.key, table.rows, table.next)
		}
		for _, name := range sortedKeys(u.keys) {
			fmt.Fprintln(&b, name, *u.keys[name])
		}
		for _, name := range sortedKeys(u.triggers) {
			fmt.Fprintln(&b, name, u.triggers[name].table, u.triggers[name].enabled)
		}
		fmt.Fprintln(&b, u.sequences, renamer(u.name, "CLONE")(fmt.Sprint(u.views)))
	})
	return b.String()
}

// isPristine fails unless the clone holds what the template holds.
func (s *stage) isPristine(t testing.TB) {
	t.Helper()
	if got, want := s.dump(t, s.Locate(s.clone)), s.dump(t, s.Locate(s.template)); got != want {
		t.Fatalf("the clone differs from its template:\n%s\nwant\n%s", got, want)
	}
}
