package dbclone_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"hotclub/dbclone"
)

// onlooker is a process of another home, before whose looks at the server something happens.
type onlooker struct {
	*visit
	before func()
}

func (o onlooker) Strays(ctx context.Context, server string) ([]dbclone.Stray, error) {
	o.before()
	return o.visit.Strays(ctx, server)
}

// Case 34: an owner whose connection was cut is alive without its lock for a while. What it has stays
// unless it seems dead in two looks.
func TestOwnerThatSeemsDead(t *testing.T) {
	for _, back := range []bool{true, false} {
		t.Run(fmt.Sprint("comes back ", back), func(t *testing.T) {
			s := newShared()
			owner := s.openOn(t, t.TempDir(), time.Now)
			defer end(t, owner)
			clone := s.lease(t, owner)
			looks := 0
			engine := onlooker{visit: s.visit(), before: func() {
				looks++
				s.mu.Lock()
				defer s.mu.Unlock()
				s.alive[owner.Owner().ID] = looks == 2 && back
			}}
			other, err := dbclone.Open(t.Context(), t.TempDir(), dbclone.NewOwner("other"), slog.New(slog.DiscardHandler), nil, engine)
			if err != nil {
				t.Fatal(err)
			}
			defer end(t, other)
			other.SetBetween(time.Millisecond)
			if _, err := other.Meet(t.Context(), "fake", dbclone.Server{"host": "nowhere"}); err != nil {
				t.Fatal(err)
			}
			other.Settle()
			if there := slices.Contains(s.names(), clone); there != back || looks != 2 {
				t.Errorf("after %d looks the clone is there: %t", looks, there)
			}
		})
	}
}
