package dbclone_test

import (
	"slices"
	"testing"
	"time"
)

// TestSurplusGoes drops what could not even be dropped while a server was crowded as soon as it makes
// clones again.
func TestSurplusGoes(t *testing.T) {
	s := newShared()
	m := s.openOn(t, t.TempDir(), time.Now)
	defer end(t, m)
	template := s.ask(t, m)
	lease, err := m.Lease(t.Context(), template, "w1")
	if err != nil {
		t.Fatal(err)
	}
	m.Settle()
	s.crowd(true)
	for err == nil { // those that are there already can be had
		_, err = m.Lease(t.Context(), template, "w2")
	}
	m.Settle()
	listed := func() (names []string) {
		found, err := m.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, each := range found {
			names = append(names, each.Location)
		}
		slices.Sort(names)
		return names
	}
	if slices.Equal(listed(), s.names()) {
		t.Fatal("nothing is left over, so there is nothing to be seen")
	}
	s.crowd(false)
	if err := lease.Release(t.Context()); err != nil { // it is put in order
		t.Fatal(err)
	}
	m.Settle()
	if said, there := listed(), s.names(); !slices.Equal(said, there) {
		t.Errorf("listed are %q, and on the server %q", said, there)
	}
}
