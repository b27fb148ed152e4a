package clonetest

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"hotclub/dbclone"
)

func runServer(t *testing.T, h Harness) {
	for name, test := range map[string]func(*testing.T, *club){
		"each database bears its label":  labelled,
		"given back it is leased again":  leasedAgain,
		"given back it is out of reach":  outOfReach,
		"restore while a worker has it":  restoredInUse,
		"accepted contents are clean":    accepted,
		"images are for all clones":      images,
		"close leaves templates only":    closeLeavesTemplates,
		"what the dead left is swept":    deadAreSwept,
		"foreign databases are not ours": foreignStay,
	} {
		t.Run(name, func(t *testing.T) { test(t, newClub(t, h)) })
	}
}

func (c *club) engine() dbclone.ServerEngine { return c.Engine.(dbclone.ServerEngine) }

// strays are the labelled databases of the server by name.
func (c *club) strays() map[string]dbclone.Stray {
	c.t.Helper()
	list, err := c.engine().Strays(c.t.Context(), c.server)
	ok(c.t, err)
	found := make(map[string]dbclone.Stray)
	for _, each := range list {
		found[each.Name] = each
	}
	return found
}

func labelled(t *testing.T, c *club) {
	template := c.template(c.schema("default", "k1"))
	lease := c.lease(template, "w1")
	strays := c.strays()
	for location, kind := range map[string]dbclone.Kind{
		template.Location(): dbclone.KindTemplate, lease.Attachment().Clone: dbclone.KindClone,
	} {
		stray := strays[location]
		same(t, "kind", stray.Label.Kind, kind)
		same(t, "alias", stray.Label.Alias, "default")
		same(t, "project", stray.Label.Project, "p1")
		same(t, "owner", stray.Label.Owner, c.Owner().ID)
		same(t, "live", stray.Live, true)
	}
}

func leasedAgain(t *testing.T, c *club) {
	template := c.template(c.schema("default", "k1"))
	seen := make(map[string]bool)
	for range 20 {
		lease := c.lease(template, "w1")
		clone := lease.Attachment().Clone
		same(t, "clone", c.Read(t, clone), "k1")
		c.Dirty(t, clone, "changed")
		seen[clone] = true
		ok(t, lease.Release(t.Context()))
	}
	if len(seen) > 4 {
		t.Errorf("20 leases, one after the other, took %d databases", len(seen))
	}
}

// Case 25: who has given a clone back does nothing to it any more, as somebody else may have it.
func outOfReach(t *testing.T, c *club) {
	template := c.template(c.schema("default", "k1"))
	old := c.lease(template, "w1")
	ok(t, old.Release(t.Context()))
	next := c.lease(template, "w2")
	c.Dirty(t, next.Attachment().Clone, "of the next")
	for what, try := range map[string]func() error{
		"dirty":   func() error { _, err := old.Dirty(t.Context()); return err },
		"accept":  func() error { return old.Accept(t.Context()) },
		"capture": func() error { return old.Capture(t.Context(), "flushed") },
		"restore": func() error { _, err := old.Restore(t.Context(), dbclone.Pristine); return err },
		"reset":   func() error { return old.Reset(t.Context()) },
	} {
		if err := try(); !errors.Is(err, dbclone.ErrStaleLease) {
			t.Errorf("%s: got error %v", what, err)
		}
	}
	ok(t, old.Release(t.Context()))
	same(t, "clone of the next", c.Read(t, next.Attachment().Clone), "of the next")
	same(t, "state", next.State(), dbclone.Leased)
}

func restoredInUse(t *testing.T, c *club) {
	lease := c.lease(c.template(c.schema("default", "k1")), "w1")
	clone := lease.Attachment().Clone
	for range 3 {
		c.Dirty(t, clone, "changed")
		same(t, "dirty", is(t, lease.Dirty), true)
		restored, err := lease.Restore(t.Context(), dbclone.Pristine)
		ok(t, err)
		same(t, "clean", restored.Clean, false)
		same(t, "restored", c.Read(t, clone), "k1")
		same(t, "dirty", is(t, lease.Dirty), false)
	}
	restored, err := lease.Restore(t.Context(), dbclone.Pristine)
	ok(t, err)
	same(t, "clean", restored.Clean, true)
}

func is(t *testing.T, ask func(context.Context) (bool, error)) bool {
	t.Helper()
	answer, err := ask(t.Context())
	ok(t, err)
	return answer
}

func accepted(t *testing.T, c *club) {
	lease := c.lease(c.template(c.schema("default", "k1")), "w1")
	clone := lease.Attachment().Clone
	c.Dirty(t, clone, "of a module")
	ok(t, lease.Accept(t.Context()))
	same(t, "dirty", is(t, lease.Dirty), false)
	same(t, "accepted", c.Read(t, clone), "of a module")
	c.Dirty(t, clone, "of a class")
	same(t, "dirty", is(t, lease.Dirty), true)
	_, err := lease.Restore(t.Context(), dbclone.Pristine)
	ok(t, err)
	same(t, "restored", c.Read(t, clone), "k1")
	// What was accepted and not touched since is no part of the template either.
	c.Dirty(t, clone, "of a module")
	ok(t, lease.Accept(t.Context()))
	_, err = lease.Restore(t.Context(), dbclone.Pristine)
	ok(t, err)
	same(t, "restored", c.Read(t, clone), "k1")
}

func images(t *testing.T, c *club) {
	template := c.template(c.schema("default", "k1"))
	one, two := c.lease(template, "w1"), c.lease(template, "w2")
	_, err := one.Restore(t.Context(), "flushed")
	fails(t, err, dbclone.ErrNoImage)
	same(t, "state", one.State(), dbclone.Leased)
	c.Dirty(t, one.Attachment().Clone, "flushed")
	ok(t, one.Capture(t.Context(), "flushed"))
	for _, lease := range []*dbclone.Lease{one, two} {
		clone := lease.Attachment().Clone
		c.Dirty(t, clone, "changed")
		_, err = lease.Restore(t.Context(), "flushed")
		ok(t, err)
		same(t, "image", c.Read(t, clone), "flushed")
		_, err = lease.Restore(t.Context(), dbclone.Pristine)
		ok(t, err)
		same(t, "pristine", c.Read(t, clone), "k1")
	}
	ok(t, one.Release(t.Context()))
	same(t, "leased again", c.Read(t, c.lease(template, "w3").Attachment().Clone), "k1")
}

func closeLeavesTemplates(t *testing.T, c *club) {
	before := c.Names(t)
	template := c.template(c.schema("default", "k1"))
	one, two := c.lease(template, "w1"), c.lease(template, "w2")
	ok(t, one.Release(t.Context()))
	ok(t, c.Close(t.Context()))
	ok(t, two.Release(t.Context()))
	same(t, "databases", len(c.Names(t)), len(before)+1+c.parked())
	same(t, "template exists", c.Exists(t, template.Location()), true)
	again := c.open()
	ok(t, again.Forget(t.Context(), "p1"))
	same(t, "databases", len(c.Names(t)), len(before))
}

// visitor makes databases as a daemon of another state directory does, which then dies.
type visitor struct {
	engine dbclone.ServerEngine
	bench  *bench
}

// Cases 37 and 38: what dead owners left is swept by whoever comes next, but no template that was used not
// long ago; what the living have, what a newer Hotclub has labelled and what bears no label stays.
func deadAreSwept(t *testing.T, c *club) {
	template := c.template(c.schema("default", "k1"))
	now := time.Now().UTC()
	dead, alive := c.visitor("dead01"), c.visitor("alive1")
	left := dead.make(t, "hcc_left", dbclone.Label{Kind: dbclone.KindClone, Created: now, Used: now})
	dead.make(t, "hct_recent", dbclone.Label{Kind: dbclone.KindTemplate, Created: now, Used: now})
	old := dead.make(t, "hct_old", dbclone.Label{Kind: dbclone.KindTemplate, Created: now, Used: now.Add(-15 * 24 * time.Hour)})
	dead.make(t, "hcc_future", dbclone.Label{Format: 99, Kind: dbclone.KindClone, Created: now, Used: now})
	alive.make(t, "hcc_busy", dbclone.Label{Kind: dbclone.KindClone, Created: now, Used: now})
	c.Write(t, "hcc_p1_somebody_1", "a developer's own")
	dead.engine.Leave()

	other := c.elsewhere()
	EventuallyIn(t, time.Minute, "what the dead have left is swept", func() bool { return !c.Exists(t, left) && !c.Exists(t, old) })
	for _, name := range []string{template.Location(), "hct_recent", "hcc_future", "hcc_busy", "hcc_p1_somebody_1"} {
		same(t, name+" exists", c.Exists(t, name), true)
	}
	same(t, "a developer's own", c.Read(t, "hcc_p1_somebody_1"), "a developer's own")
	ok(t, other.Close(t.Context()))
	alive.engine.Leave()
	for _, name := range []string{"hct_recent", "hcc_future", "hcc_busy", "hcc_p1_somebody_1"} {
		c.Lose(t, name)
	}
}

// elsewhere is a manager of another state directory, with connections of its own.
func (c *club) elsewhere() *dbclone.Manager {
	other := &club{Harness: c.Harness, t: c.t, dir: filepath.Join(c.t.TempDir(), "elsewhere")}
	other.Engine = c.Fresh(c.t)
	return other.open()
}

func (c *club) visitor(owner string) *visitor {
	c.t.Helper()
	engine := c.Fresh(c.t).(dbclone.ServerEngine)
	_, err := engine.Meet(c.t.Context(), c.Server, dbclone.Owner{ID: owner})
	ok(c.t, err)
	h := c.Harness
	h.Engine = engine
	b := &bench{Harness: h, spots: &spots{dir: c.t.TempDir(), server: c.server}}
	b.owner = owner
	return &visitor{engine: engine, bench: b}
}

// make makes a sealed database under a name.
func (v *visitor) make(t *testing.T, name string, label dbclone.Label) string {
	t.Helper()
	at := v.bench.next(t)
	at.Name, at.Label = name, label
	if label.Format == 0 {
		at.Label.Format = 1
	}
	at.Label.Home, at.Label.Owner, at.Label.Project = "home of "+v.bench.owner, v.bench.owner, "p1"
	ok(t, v.engine.Prepare(t.Context(), at))
	v.bench.Write(t, v.engine.Locate(at), name)
	_, err := v.engine.Seal(t.Context(), at)
	ok(t, err)
	return v.engine.Locate(at)
}

// Case 38: nobody drops what another home has.
func foreignStay(t *testing.T, c *club) {
	visitor := c.visitor("other1")
	theirs := visitor.make(t, "hcc_theirs", dbclone.Label{Kind: dbclone.KindClone})
	ours := dbclone.Spot{Dir: t.TempDir(), Name: "hcc_theirs", Server: c.server, Label: dbclone.Label{Format: 1, Home: "ours", Owner: c.Owner().ID}}
	fails(t, c.Engine.Drop(t.Context(), ours), dbclone.ErrNotOurs)
	fails(t, c.Engine.Prepare(t.Context(), ours), dbclone.ErrNotOurs)
	same(t, "exists", c.Exists(t, theirs), true)
	c.Lose(t, theirs)
	visitor.engine.Leave()
}
