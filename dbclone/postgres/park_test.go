package postgres_test

import (
	"context"
	"testing"

	"hotclub/dbclone"
)

func TestParking(t *testing.T) {
	newBench(t).run(t, map[string]func(*testing.T, *bench){
		"another process takes it over": takenOver,
		"not one that was changed":      parkedDirty,
		"not one that was opened":       parkedAndOpened,
		"not one of an older template":  parkedOfAnother,
		"somebody's session is ended":   parkedOccupied,
		"it is listed as what it is":    parkedListed,
	})
}

// parked is a clone that was parked, and another process.
func parked(t *testing.T, b *bench, name string) (at dbclone.Spot, other *bench) {
	t.Helper()
	at = b.clone(name)
	at.Label.Kind = dbclone.KindParked
	b.ok(b.Park(t.Context(), b.template, at))
	return b.spot(name, dbclone.KindClone), setUpOther(t, b)
}

// Case 39: after an end in good order.
func takenOver(t *testing.T, b *bench) {
	at, other := parked(t, b, "hcc_parked")
	if conn, err := b.dial(t, at.Name); err == nil {
		_ = conn.Close(context.Background())
		t.Error("one can connect to a parked clone")
	}
	other.ok(other.Adopt(t.Context(), b.template, at))
	other.pristine(at)
	other.in(t, at.Name, "DELETE FROM other")
	restored, err := other.Restore(t.Context(), b.template, at, dbclone.Pristine)
	other.ok(err)
	if restored.Clean || restored.Replaced {
		t.Errorf("it can't be repaired: %+v", restored)
	}
	other.pristine(at)
}

func parkedDirty(t *testing.T, b *bench) {
	at := b.clone("hcc_parked")
	b.in(t, at.Name, "DELETE FROM other")
	if err := b.Park(t.Context(), b.template, at); err == nil {
		t.Error("a dirty clone was parked")
	}
}

func parkedAndOpened(t *testing.T, b *bench) {
	at, other := parked(t, b, "hcc_parked")
	b.in(t, "postgres", "ALTER DATABASE hcc_parked WITH ALLOW_CONNECTIONS true")
	if err := other.Adopt(t.Context(), b.template, at); err == nil {
		t.Error("a clone was taken over that anybody may have changed")
	}
	other.ok(other.Drop(t.Context(), at))
}

func parkedOfAnother(t *testing.T, b *bench) {
	at, other := parked(t, b, "hcc_parked")
	building := b.spot("hcb_newer", dbclone.KindUnfinished)
	b.write(t, building.Name, "newer")
	_, err := b.Seal(t.Context(), building)
	b.ok(err)
	defer func() { b.ok(b.Drop(t.Context(), building)) }()
	if err := other.Adopt(t.Context(), building, at); err == nil {
		t.Error("a clone of an older template was taken over")
	}
}

func parkedOccupied(t *testing.T, b *bench) {
	at := b.clone("hcc_parked")
	left := b.connect(t, at.Name)
	defer left.Close(context.Background())
	at.Label.Kind = dbclone.KindParked
	b.ok(b.Park(t.Context(), b.template, at))
	if err := left.Ping(t.Context()); err == nil {
		t.Error("a session survived in a parked clone")
	}
}

func parkedListed(t *testing.T, b *bench) {
	at, other := parked(t, b, "hcc_parked")
	list, err := other.Strays(t.Context(), b.server)
	b.ok(err)
	for _, stray := range list {
		if stray.Name == at.Name && stray.Label.Kind == dbclone.KindParked {
			return
		}
	}
	t.Errorf("a parked clone is not listed as one: %+v", list)
}
