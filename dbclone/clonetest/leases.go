package clonetest

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"hotclub/dbclone"
)

func runLeases(t *testing.T, h Harness) {
	for name, test := range map[string]func(*testing.T, *club){
		"each worker has its own":        eachItsOwn,
		"in memory there is no clone":    inMemory,
		"release is final":               releaseIsFinal,
		"a failed reset condemns":        failedReset,
		"close ends them all":            closeEndsAll,
		"close ends a build":             closeEndsBuild,
		"close waits no longer than ctx": closeGivesUp,
		"outlive a newer template":       outliveNewer,
		"many workers at once":           manyWorkers,
	} {
		t.Run(name, func(t *testing.T) { test(t, newClub(t, h)) })
	}
}

func eachItsOwn(t *testing.T, c *club) {
	template := c.template(c.schema("default", "k1"))
	one, two := c.lease(template, "w1"), c.lease(template, "w2")
	c.Dirty(t, one.Attachment().Clone, "changed")
	same(t, "other", c.Read(t, two.Attachment().Clone), "k1")
	attached := one.Attachment()
	ok(t, one.Reset(t.Context()))
	same(t, "reset", c.Read(t, one.Attachment().Clone), "k1")
	same(t, "attachment", one.Attachment(), attached)
	same(t, "state", one.State(), dbclone.Leased)
}

func inMemory(t *testing.T, c *club) {
	s := c.schema("default", "k1")
	s.Memory = true
	template := c.template(s)
	lease := c.lease(template, "w1")
	same(t, "clone", lease.Attachment().Clone, "")
	same(t, "template", lease.Attachment().Template, template.Location())
	same(t, "clones on disk", len(files(t, filepath.Join(c.dir, "clones"))), 0)
	ok(t, lease.Reset(t.Context()))
	ok(t, c.Forget(t.Context(), "p1"))
	same(t, "template exists", c.Exists(t, template.Location()), true)
	ok(t, lease.Release(t.Context()))
	fails(t, lease.Reset(t.Context()), dbclone.ErrStaleLease)
	same(t, "one template for both ways", c.template(c.schema("default", "k1")).Name(), template.Name())
}

// Case 25: given back twice, and used after that.
func releaseIsFinal(t *testing.T, c *club) {
	lease := c.lease(c.template(c.schema("default", "k1")), "w1")
	clone := lease.Attachment().Clone
	c.Dirty(t, clone, "changed")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2 {
		ok(t, lease.Release(ctx))
		same(t, "exists", c.Server == nil && c.Exists(t, clone), false) // on a server it waits for the next
		fails(t, lease.Reset(t.Context()), dbclone.ErrStaleLease)
		same(t, "state", lease.State(), dbclone.Gone)
	}
	ok(t, c.Close(t.Context()))
	same(t, "exists", c.parked() == 0 && c.Exists(t, clone), false) // else it may be the one that is parked
	same(t, "clones on disk", len(files(t, filepath.Join(c.dir, "clones"))), 0)
}

// Case 41: there is no quarantine that a time would end. What could not be put in order is used by nobody
// any more and dropped when it is given back; to look at a failure there is the debugger.
func failedReset(t *testing.T, c *club) {
	template := c.template(c.schema("default", "k1"))
	lease := c.lease(template, "w1")
	c.Lose(t, template.Location())
	fails(t, lease.Reset(t.Context()), dbclone.ErrTemplateGone)
	same(t, "state", lease.State(), dbclone.Condemned)
	fails(t, lease.Reset(t.Context()), dbclone.ErrCondemned)
	ok(t, lease.Release(t.Context()))
	same(t, "exists", c.Exists(t, lease.Attachment().Clone), false)
}

// Case 25: given back and used after the manager was closed.
func closeEndsAll(t *testing.T, c *club) {
	template := c.template(c.schema("default", "k1"))
	one, two := c.lease(template, "w1"), c.lease(template, "w2")
	ok(t, one.Release(t.Context()))
	ok(t, c.Close(t.Context()))
	ok(t, c.Close(t.Context()))
	left := 0
	for _, lease := range []*dbclone.Lease{one, two} {
		if c.Exists(t, lease.Attachment().Clone) {
			left++
		}
	}
	if left > c.parked() {
		t.Errorf("%d clones are left", left)
	}
	same(t, "template exists", c.Exists(t, template.Location()), true)
	ok(t, two.Release(t.Context()))
	fails(t, two.Reset(t.Context()), dbclone.ErrClosed)
	_, err := c.Lease(t.Context(), template, "w3")
	fails(t, err, dbclone.ErrClosed)
	_, err = c.Templates(t.Context(), nil, c.building())
	fails(t, err, dbclone.ErrClosed)
	for _, dir := range []string{"owners", "clones", "building"} {
		same(t, dir, len(files(t, filepath.Join(c.dir, dir))), 0)
	}
}

func closeEndsBuild(t *testing.T, c *club) {
	building := make(chan struct{})
	result := make(chan error)
	go func() {
		_, err := c.Templates(t.Context(), []dbclone.Schema{c.schema("default", "k1")}, func(ctx context.Context, _ []dbclone.Place) (dbclone.Built, error) {
			close(building)
			<-ctx.Done()
			return dbclone.Built{}, ctx.Err()
		})
		result <- err
	}()
	<-building
	closed := make(chan error)
	go func() { closed <- c.Close(t.Context()) }()
	fails(t, <-result, dbclone.ErrClosed)
	ok(t, <-closed)
	nothingOfTemplates(t, c)
}

func closeGivesUp(t *testing.T, c *club) {
	building, finish := make(chan struct{}), make(chan struct{})
	result := make(chan error)
	go func() {
		_, err := c.Templates(t.Context(), []dbclone.Schema{c.schema("default", "k1")}, func(context.Context, []dbclone.Place) (dbclone.Built, error) {
			close(building)
			<-finish
			return dbclone.Built{}, nil
		})
		result <- err
	}()
	<-building
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	fails(t, c.Close(ctx), context.DeadlineExceeded)
	close(finish)
	fails(t, <-result, dbclone.ErrClosed)
	ok(t, c.Close(t.Context()))
}

func outliveNewer(t *testing.T, c *club) {
	old := c.template(c.schema("default", "old"))
	lease := c.lease(old, "w1")
	for _, key := range []string{"1", "2", "3", "4"} {
		c.template(c.schema("default", key))
	}
	c.Dirty(t, lease.Attachment().Clone, "changed")
	ok(t, lease.Reset(t.Context()))
	same(t, "clone", c.Read(t, lease.Attachment().Clone), "old")
	same(t, "clone of the old one", c.Read(t, c.lease(old, "w2").Attachment().Clone), "old")
}

func manyWorkers(t *testing.T, c *club) {
	template := c.template(c.schema("default", "k1"))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 5 {
				lease, err := c.Lease(t.Context(), template, "w")
				if err == nil {
					err = lease.Reset(t.Context())
				}
				if err != nil {
					t.Error(err)
					return
				}
				if got := c.Read(t, lease.Attachment().Clone); got != "k1" {
					t.Errorf("clone: got %q", got)
				}
				if err := lease.Release(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	ok(t, c.Close(t.Context()))
	same(t, "clones on disk", len(files(t, filepath.Join(c.dir, "clones"))), 0)
}
