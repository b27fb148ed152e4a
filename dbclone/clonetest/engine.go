package clonetest

import (
	"context"
	"sync"
	"testing"

	"hotclub/dbclone"
)

// bench is an engine with one sealed template that holds "migrated".
type bench struct {
	Harness
	*spots
	template dbclone.Spot
	sealed   dbclone.Sealed
}

func newBench(t *testing.T, h Harness) *bench {
	b := &bench{Harness: h, spots: &spots{dir: t.TempDir()}}
	if engine, shared := h.Engine.(dbclone.ServerEngine); shared {
		met, err := engine.Meet(t.Context(), h.Server, dbclone.NewOwner("clonetest"))
		ok(t, err)
		b.server = met.ID
	}
	b.template = b.next(t)
	ok(t, h.Engine.Prepare(t.Context(), b.template))
	h.Write(t, h.Engine.Locate(b.template), "migrated")
	var err error
	b.sealed, err = h.Engine.Seal(t.Context(), b.template)
	ok(t, err)
	t.Cleanup(func() { ok(t, h.Engine.Drop(context.Background(), b.template)) })
	return b
}

func (b *bench) clone(t *testing.T) dbclone.Spot {
	t.Helper()
	at := b.next(t)
	ok(t, b.Engine.Clone(t.Context(), b.template, at))
	t.Cleanup(func() { ok(t, b.Engine.Drop(context.Background(), at)) })
	return at
}

func (b *bench) read(t *testing.T, at dbclone.Spot) string {
	t.Helper()
	return b.Read(t, b.Engine.Locate(at))
}

func runEngine(t *testing.T, h Harness) {
	for name, test := range map[string]func(*testing.T, *bench){
		"prepare clears the spot":         prepareClears,
		"seal wants a database":           sealWantsADatabase,
		"seal refuses a torn one":         sealRefusesTorn,
		"check knows what was sealed":     checkKnows,
		"clones are alike and apart":      clonesAreApart,
		"many clones at once":             manyClones,
		"a lost template is said so":      lostTemplate,
		"reset brings back the template":  resetBringsBack,
		"reset does not grow":             resetDoesNotGrow,
		"a cancelled copy leaves nothing": cancelledCopy,
		"drop can be repeated":            dropRepeats,
	} {
		t.Run(name, func(t *testing.T) { test(t, newBench(t, h)) })
	}
}

func prepareClears(t *testing.T, b *bench) {
	at := b.next(t)
	b.Write(t, b.Engine.Locate(at), "left over")
	ok(t, b.Engine.Prepare(t.Context(), at))
	same(t, "exists", b.Exists(t, b.Engine.Locate(at)), false)
	ok(t, b.Engine.Drop(t.Context(), at)) // an engine may have made room there
}

func sealWantsADatabase(t *testing.T, b *bench) {
	at := b.next(t)
	ok(t, b.Engine.Prepare(t.Context(), at))
	_, err := b.Engine.Seal(t.Context(), at)
	fails(t, err, dbclone.ErrNotBuilt)
	ok(t, b.Engine.Drop(t.Context(), at))
}

func sealRefusesTorn(t *testing.T, b *bench) {
	at := b.next(t)
	ok(t, b.Engine.Prepare(t.Context(), at))
	b.Tear(t, b.Engine.Locate(at))
	if _, err := b.Engine.Seal(t.Context(), at); err == nil {
		t.Fatal("a torn database was sealed")
	}
	ok(t, b.Engine.Drop(t.Context(), at))
	same(t, "exists", b.Exists(t, b.Engine.Locate(at)), false)
}

func checkKnows(t *testing.T, b *bench) {
	ok(t, b.Engine.Check(t.Context(), b.template, b.sealed))
	other := b.sealed
	other.Mark += "'"
	if b.Engine.Check(t.Context(), b.template, other) == nil {
		t.Fatal("another database was taken for the sealed one")
	}
	fails(t, b.Engine.Check(t.Context(), b.next(t), b.sealed), dbclone.ErrTemplateGone)
}

func clonesAreApart(t *testing.T, b *bench) {
	one, two := b.clone(t), b.clone(t)
	same(t, "clone", b.read(t, one), "migrated")
	b.Dirty(t, b.Engine.Locate(one), "changed")
	same(t, "changed clone", b.read(t, one), "changed")
	same(t, "other clone", b.read(t, two), "migrated")
	same(t, "template", b.read(t, b.template), "migrated")
	ok(t, b.Engine.Check(t.Context(), b.template, b.sealed))
}

func manyClones(t *testing.T, b *bench) {
	var group sync.WaitGroup
	made := make([]dbclone.Spot, 8)
	for i := range made {
		made[i] = b.next(t)
		group.Go(func() {
			if err := b.Engine.Clone(t.Context(), b.template, made[i]); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, at := range made {
		same(t, "clone", b.read(t, at), "migrated")
		ok(t, b.Engine.Drop(t.Context(), at))
	}
}

// Case 9: somebody has dropped the template.
func lostTemplate(t *testing.T, b *bench) {
	clone := b.clone(t)
	b.Lose(t, b.Engine.Locate(b.template))
	fails(t, b.Engine.Check(t.Context(), b.template, b.sealed), dbclone.ErrTemplateGone)
	at := b.next(t)
	if b.Engine.Clone(t.Context(), b.template, at) == nil {
		t.Fatal("a clone was made of nothing")
	}
	same(t, "exists", b.Exists(t, b.Engine.Locate(at)), false)
	if b.Engine.Reset(t.Context(), b.template, clone) == nil {
		t.Fatal("a clone was reset to nothing")
	}
}

func resetBringsBack(t *testing.T, b *bench) {
	at := b.clone(t)
	for range 3 {
		b.Dirty(t, b.Engine.Locate(at), "changed")
		same(t, "dirty clone", b.read(t, at), "changed")
		b.Dirty(t, b.Engine.Locate(at), "changed again")
		ok(t, b.Engine.Reset(t.Context(), b.template, at))
		same(t, "reset clone", b.read(t, at), "migrated")
	}
	ok(t, b.Engine.Reset(t.Context(), b.template, at))
	same(t, "clone reset twice", b.read(t, at), "migrated")
}

// Case 23, as far as files go.
func resetDoesNotGrow(t *testing.T, b *bench) {
	at := b.clone(t)
	before := len(files(t, b.dir))
	for range 200 {
		ok(t, b.Engine.Reset(t.Context(), b.template, at))
	}
	same(t, "clone", b.read(t, at), "migrated")
	same(t, "number of files", len(files(t, b.dir)), before)
}

func cancelledCopy(t *testing.T, b *bench) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	at := b.next(t)
	fails(t, b.Engine.Clone(ctx, b.template, at), context.Canceled)
	same(t, "exists", b.Exists(t, b.Engine.Locate(at)), false)
}

func dropRepeats(t *testing.T, b *bench) {
	at := b.clone(t)
	b.Dirty(t, b.Engine.Locate(at), "changed")
	for range 2 {
		ok(t, b.Engine.Drop(t.Context(), at))
		same(t, "exists", b.Exists(t, b.Engine.Locate(at)), false)
	}
}
