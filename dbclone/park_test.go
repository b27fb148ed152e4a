package dbclone_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hotclub/dbclone"
)

// clones are those on the server.
func (s *shared) clones() (list []string) {
	for _, name := range s.names() {
		if strings.HasPrefix(name, "hcc_") {
			list = append(list, name)
		}
	}
	return list
}

// lease takes a clone of the template, waits until the next one is there, and says its name.
func (s *shared) lease(t *testing.T, m *dbclone.Manager) string {
	t.Helper()
	lease, err := m.Lease(t.Context(), s.ask(t, m), "w1")
	if err != nil {
		t.Fatal(err)
	}
	m.Settle()
	return lease.Attachment().Clone
}

// Case 39: a process that ends leaves one clone of the current template for the next, which takes it
// over if it is what it was.
func TestParkedClones(t *testing.T) {
	tests := map[string]struct {
		between func(s *shared, parked string) // two processes
		adopted bool
	}{
		"nothing happens":         {func(*shared, string) {}, true},
		"it is gone":              {func(s *shared, parked string) { delete(s.databases, parked) }, false},
		"its label says clone":    {func(s *shared, parked string) { s.databases[parked].label.Kind = dbclone.KindClone }, false},
		"it is of another":        {func(s *shared, parked string) { s.databases[parked].mark = "oid 99" }, false},
		"nobody has asked for it": {nil, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, home := newShared(), t.TempDir()
			first := s.openOn(t, home, time.Now)
			if test.between == nil {
				s.ask(t, first)
				end(t, first)
				if left := s.clones(); len(left) > 0 {
					t.Errorf("left: %q", left)
				}
				return
			}
			s.lease(t, first)
			end(t, first)
			left := s.clones()
			if len(left) != 1 {
				t.Fatalf("left: %q", left)
			}
			test.between(s, left[0])
			next := s.openOn(t, home, time.Now)
			defer end(t, next)
			found, err := next.List(t.Context())
			if err != nil || len(found) != 2 || found[0].Kind != dbclone.KindTemplate || found[1].Kind != dbclone.KindParked || found[1].Location != left[0] {
				t.Errorf("listed: %v %+v", err, found)
			}
			if got := s.lease(t, next); (got == left[0]) != test.adopted {
				t.Errorf("leased %s, parked was %s", got, left[0])
			}
			if there := slices.Contains(s.clones(), left[0]); there != test.adopted {
				t.Errorf("on the server: %q", s.clones())
			}
		})
	}
}

// What waits for a lease is in order. What a worker had is put in order first, and kept only where
// nothing waits.
func TestWhichCloneIsParked(t *testing.T) {
	for _, waits := range []bool{true, false} {
		t.Run(fmt.Sprint("one waits ", waits), func(t *testing.T) {
			s := newShared()
			m := s.openOn(t, t.TempDir(), time.Now)
			template := s.ask(t, m)
			lease, err := m.Lease(t.Context(), template, "w1")
			if err != nil {
				t.Fatal(err)
			}
			m.Settle()
			if !waits {
				s.full = true
				if lease, err = m.Lease(t.Context(), template, "w2"); err != nil {
					t.Fatal(err)
				}
				m.Settle()
			}
			had := s.clones()
			for _, name := range had {
				if !waits || name == lease.Attachment().Clone {
					s.write(name, "of a test")
				}
			}
			end(t, m)
			left := s.clones()
			if len(left) != 1 {
				t.Fatalf("of %q are left: %q", had, left)
			}
			if parked := s.databases[left[0]]; parked.text != "k1" || parked.label.Kind != dbclone.KindParked {
				t.Errorf("parked: %+v", parked)
			}
			if used := left[0] == lease.Attachment().Clone; used && waits {
				t.Error("the one that waited was dropped")
			}
			if want := map[bool]int{true: 0, false: 1}[waits]; s.resets != want {
				t.Errorf("%d were put in order, want %d", s.resets, want)
			}
		})
	}
}

func TestOneProcessAdopts(t *testing.T) {
	s, home := newShared(), t.TempDir()
	first := s.openOn(t, home, time.Now)
	s.lease(t, first)
	end(t, first)
	one, two := s.openOn(t, home, time.Now), s.openOn(t, home, time.Now)
	if a, b := s.lease(t, one), s.lease(t, two); a == b {
		t.Errorf("both have %s", a)
	}
	end(t, one)
	end(t, two)
	if left := s.clones(); len(left) != 1 {
		t.Errorf("left: %q", left)
	}
	// The template takes it along.
	last := s.openOn(t, home, time.Now)
	defer end(t, last)
	if err := last.Forget(t.Context(), schemaOf("k1").Project); err != nil {
		t.Error(err)
	}
	if left := s.names(); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
