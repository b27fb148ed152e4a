package oracle

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hotclub/dbclone"
)

func TestDirty(t *testing.T) {
	for name, test := range map[string]struct {
		work func(s *stage, u *fakeUser)
		want bool
	}{
		"nothing":     {func(*stage, *fakeUser) {}, false},
		"an insert":   {func(s *stage, u *fakeUser) { s.set(u, "LINES", []string{"1", "1"}, []string{"2", "1"}) }, true},
		"an update":   {func(s *stage, u *fakeUser) { s.set(u, "NOTES", []string{"1", "changed"}) }, true},
		"a deletion":  {func(s *stage, u *fakeUser) { s.set(u, "LINES") }, true},
		"an exchange": {func(s *stage, u *fakeUser) { s.set(u, "LINES", []string{"2", "1"}) }, true},
		"nothing in the end": {func(s *stage, u *fakeUser) {
			s.set(u, "LINES")
			s.set(u, "LINES", []string{"1", "1"})
		}, false},
		"what was rolled back":      {func(s *stage, u *fakeUser) { s.rolledBack(u, "NOTES") }, false},
		"a number of a sequence":    {func(_ *stage, u *fakeUser) { u.sequences["TICKETS"] += 20 }, true},
		"a number of an identity":   {func(_ *stage, u *fakeUser) { u.tables["NOTES"].next += 20 }, true},
		"a column":                  {func(s *stage, u *fakeUser) { u.addColumn(s.fake, "LINES") }, true},
		"DDL that comes to nothing": {func(s *stage, u *fakeUser) { u.tables["LINES"].made = s.second }, false},
		"a disabled trigger": {func(s *stage, u *fakeUser) {
			u.triggers["STAMP"].enabled, u.triggers["STAMP"].made = false, s.second
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.isDirty(t, false)
			s.commits(t, func(u *fakeUser) { test.work(s, u) })
			for range 2 { // a look changes nothing
				s.isDirty(t, test.want)
			}
			if restored := s.restored(t, dbclone.Pristine); restored.Clean == test.want {
				t.Errorf("restored: %+v", restored)
			}
			s.isDirty(t, false)
			s.isPristine(t)
		})
	}
}

// rolledBack is work in a table of which nothing stayed but the mark on its blocks.
func (s *stage) rolledBack(u *fakeUser, table string) {
	s.scn += 7
	u.tables[table].scn = s.scn
}

// addColumn is DDL of a test.
func (u *fakeUser) addColumn(f *fake, table string) {
	t := u.tables[table]
	t.columns = append(t.columns, fakeColumn{name: "EXTRA", kind: "NUMBER"})
	for i := range t.rows {
		t.rows[i] = append(t.rows[i], "")
	}
	t.made = f.second
}

// LAST_DDL_TIME counts seconds: what happens in the second of the look must not be missed.
func TestSchemaChangeInTheSameSecond(t *testing.T) {
	s := newStage(t)
	s.isDirty(t, false)
	s.fake.work(t, s.Locate(s.clone), func(u *fakeUser) { u.addColumn(s.fake, "LINES") })
	s.isDirty(t, true)
}

func TestAccept(t *testing.T) {
	s := newStage(t)
	s.commits(t, func(u *fakeUser) { s.set(u, "NOTES", []string{"1", "of the module"}) })
	s.isDirty(t, true)
	ok(t, s.Accept(t.Context(), s.template, s.clone))
	s.isDirty(t, false)
	s.commits(t, func(u *fakeUser) { s.rolledBack(u, "NOTES") }) // rolled back
	s.isDirty(t, false)
	s.commits(t, func(u *fakeUser) { s.set(u, "NOTES", []string{"1", "of a class"}) })
	s.isDirty(t, true)
	if restored := s.restored(t, dbclone.Pristine); restored.Clean || restored.Tables == 0 {
		t.Errorf("restored: %+v", restored)
	}
	s.isPristine(t)
}

// Where the past is gone, what moved counts as changed.
func TestAcceptWithoutUndo(t *testing.T) {
	s := newStage(t)
	s.commits(t, func(u *fakeUser) { s.set(u, "NOTES", []string{"1", "of the module"}) })
	ok(t, s.Accept(t.Context(), s.template, s.clone))
	s.fault = func(_, statement string) error {
		if strings.Contains(statement, "AS OF SCN") {
			return said("ORA-01555", "snapshot too old")
		}
		return nil
	}
	s.isDirty(t, false)
	s.commits(t, func(u *fakeUser) { s.rolledBack(u, "NOTES") })
	s.isDirty(t, true)
}

func TestImages(t *testing.T) {
	s := newStage(t)
	flushed := dbclone.Image("flushed")
	_, err := s.Engine.Restore(t.Context(), s.template, s.clone, flushed)
	if !errors.Is(err, dbclone.ErrNoImage) {
		t.Fatal(err)
	}
	s.commits(t, func(u *fakeUser) {
		for name := range u.tables {
			s.set(u, name)
		}
		s.set(u, "NOTES", []string{"7", "of post_migrate"})
	})
	ok(t, s.Capture(t.Context(), s.template, s.clone, flushed))
	empty := s.dump(t, s.Locate(s.clone))
	for range 2 {
		s.restored(t, dbclone.Pristine)
		s.isPristine(t)
		s.commits(t, func(u *fakeUser) { s.set(u, "NOTES", []string{"1", "changed"}) })
		s.restored(t, flushed)
		if got := s.dump(t, s.Locate(s.clone)); got != empty {
			t.Fatalf("flushed:\n%s\nwant\n%s", got, empty)
		}
		s.isDirty(t, false)
		s.commits(t, func(u *fakeUser) { s.set(u, "NOTES", []string{"1", "changed"}) })
		s.isDirty(t, true)
	}
	strays, err := s.Strays(t.Context(), shopID)
	ok(t, err)
	if len(strays) != 2 {
		t.Errorf("strays: %+v, want the template and the clone", strays)
	}
	s.Leave()
	if names := s.names(t); len(names) != 3 {
		t.Errorf("users after the engine left: %v", names)
	}
}

// An image is not worth a new clone, which would hold the template's contents: whoever asked for it
// is told that there is none.
func TestImagesOfAnotherSchema(t *testing.T) {
	s := newStage(t)
	flushed := dbclone.Image("flushed")
	ok(t, s.Capture(t.Context(), s.template, s.clone, flushed))
	users := len(s.names(t))
	ok(t, s.Capture(t.Context(), s.template, s.clone, flushed))
	if got := len(s.names(t)); got != users {
		t.Errorf("capturing again made %d users", got-users)
	}
	s.commits(t, func(u *fakeUser) { u.addColumn(s.fake, "LINES") })
	before := s.dump(t, s.Locate(s.clone))
	_, err := s.Engine.Restore(t.Context(), s.template, s.clone, flushed)
	if !errors.Is(err, dbclone.ErrNoImage) {
		t.Fatal(err)
	}
	if s.dump(t, s.Locate(s.clone)) != before {
		t.Error("the clone was changed")
	}
	if err := s.Capture(t.Context(), s.template, s.clone, "another"); err == nil {
		t.Error("contents of another schema were captured")
	}
	if got := len(s.names(t)); got != users {
		t.Errorf("%d users were left", got-users)
	}
	s.restored(t, dbclone.Pristine)
	s.isPristine(t)
}

// A test that changed the schema costs a new one, in which the user's sessions can go on.
func TestSchemaIsMadeAnew(t *testing.T) {
	s := newStage(t)
	s.commits(t, func(u *fakeUser) {
		u.addColumn(s.fake, "LINES")
		u.views["MORE"] = "SELECT 1"
		s.conns[&fakeConn{fake: s.fake, user: u}] = true // a worker that stays connected
	})
	restored := s.restored(t, dbclone.Pristine)
	if !restored.Replaced || restored.Why == "" {
		t.Errorf("restored: %+v", restored)
	}
	s.isPristine(t)
	s.isDirty(t, false)
}

// dropOrphans makes of random rows what the keys of a server would let stand.
func (s *stage) dropOrphans(u *fakeUser) {
	for _, key := range u.keys {
		child, orphans := u.tables[key.table], u.orphans(key)
		if len(orphans) > 0 {
			kept := slices.DeleteFunc(child.rows, func(row []string) bool {
				return slices.ContainsFunc(orphans, func(o []string) bool { return slices.Equal(o, row) })
			})
			s.set(u, key.table, kept...)
		}
	}
}

// Random work, restored, leaves what a fresh clone holds; while it is there it is dirty, unless it
// came to nothing.
func TestRestoreProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newStage(t)
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) []string {
			return []string{rapid.StringMatching(`[1-5]`).Draw(t, "id"), rapid.StringMatching(`[1-3]?`).Draw(t, "value")}
		}), 0, 4)
		for range rapid.IntRange(1, 4).Draw(rt, "rounds") {
			pristine := s.dump(t, s.Locate(s.clone))
			s.commits(t, func(u *fakeUser) {
				for range rapid.IntRange(0, 5).Draw(rt, "steps") {
					table := rapid.SampledFrom(sortedKeys(u.tables)).Draw(rt, "table")
					switch rapid.IntRange(0, 5).Draw(rt, "what") {
					case 0:
						u.sequences["TICKETS"] += 20
					case 1:
						s.rolledBack(u, table)
					case 2:
						u.tables["NOTES"].next += 20
					case 3:
						u.addColumn(s.fake, table)
					default:
						s.set(u, table, rows.Draw(rt, "rows")...)
					}
				}
				s.dropOrphans(u)
			})
			s.isDirty(t, s.dump(t, s.Locate(s.clone)) != pristine)
			s.restored(t, dbclone.Pristine)
			s.isPristine(t)
			s.isDirty(t, false)
		}
	})
}
