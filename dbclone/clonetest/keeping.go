package clonetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hotclub/dbclone"
)

// Case 11: aliases that are long, of any characters, and as good as each other for some systems.
func oddAliases(t *testing.T, c *club) {
	aliases := []string{
		"default", "Default", "my replica", "a/b", `a\b`, "..", ".", "con", "ünï", "🎸🎻", "-", "a:b*?",
		strings.Repeat("x", 200), strings.Repeat("x", 199) + "y", "a\x00b", "'; DROP TABLE", "test_default",
	}
	var wanted []dbclone.Schema
	for i, alias := range aliases {
		wanted = append(wanted, c.schema(alias, fmt.Sprintf("contents %d", i)))
	}
	got, err := c.Templates(t.Context(), wanted, c.building())
	ok(t, err)
	seen := make(map[string]bool)
	for i, template := range got {
		same(t, "contents", c.Read(t, template.Location()), wanted[i].Key)
		lease := c.lease(template, "worker 1/🎷")
		a := lease.Attachment()
		same(t, "alias", a.Alias, aliases[i])
		same(t, "clone", c.Read(t, a.Clone), wanted[i].Key)
		for _, location := range []string{template.Location(), a.Clone} {
			same(t, "location taken", seen[location], false)
			seen[location] = true
		}
		ok(t, lease.Release(t.Context()))
	}
}

// Case 9: somebody has dropped the template, and it is asked for again.
func lostAreRebuilt(t *testing.T, c *club) {
	s := c.schema("default", "k1")
	template := c.template(s)
	c.Lose(t, template.Location())
	_, err := c.Lease(t.Context(), template, "w1")
	fails(t, err, dbclone.ErrTemplateGone)
	again := c.template(s)
	same(t, "builds", c.builds, 2)
	same(t, "clone", c.Read(t, c.lease(again, "w1").Attachment().Clone), "k1")
	found, _ := c.own(c.Manager)
	for _, f := range found { // what was left of the lost one went with it
		same(t, "template", f.Template, again.Name())
	}
}

func forgotten(t *testing.T, c *club) {
	free, used := c.template(c.schema("free", "k")), c.template(c.schema("used", "k"))
	lease := c.lease(used, "w1")
	ok(t, c.Forget(t.Context(), "p1"))
	same(t, "free exists", c.Exists(t, free.Location()), false)
	same(t, "used exists", c.Exists(t, used.Location()), true)
	ok(t, lease.Reset(t.Context()))
	_, err := c.Lease(t.Context(), free, "w2")
	fails(t, err, dbclone.ErrTemplateGone)
	ok(t, lease.Release(t.Context()))
	ok(t, c.Forget(t.Context(), "p1"))
	same(t, "used exists", c.Exists(t, used.Location()), false)
	ok(t, c.Forget(t.Context(), "never seen"))
}

func lastOnesKept(t *testing.T, c *club) {
	first := c.template(c.schema("default", "k0"))
	lease := c.lease(first, "w1")
	other := c.template(c.schema("other", "k0"))
	var made []*dbclone.Template
	for _, key := range []string{"k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8"} {
		made = append(made, c.template(c.schema("default", key)))
	}
	for i, template := range made {
		same(t, template.Schema().Key+" exists", c.Exists(t, template.Location()), i >= 2)
	}
	same(t, "leased exists", c.Exists(t, first.Location()), true)
	same(t, "other alias exists", c.Exists(t, other.Location()), true)
	ok(t, lease.Release(t.Context()))
	report, err := c.Sweep(t.Context())
	ok(t, err)
	same(t, "swept", report.Templates, 1)
	same(t, "released exists", c.Exists(t, first.Location()), false)
}

func listTells(t *testing.T, c *club) {
	file := filepath.Join(t.TempDir(), "helper.py")
	write(t, file, "one")
	c.listWhileBuilding()
	lease := c.lease(c.template(c.schema("default", "k1"), file), "w7")
	found, spare := c.own(c.Manager)
	same(t, "found", len(found), 2)
	template, clone := found[0], found[1]
	same(t, "kind", template.Kind, dbclone.KindTemplate)
	same(t, "state", template.State, dbclone.Ready)
	same(t, "current", template.Current, true)
	same(t, "clones", template.Clones >= 1 && template.Clones <= 1+spare, true)
	same(t, "schema", template.Schema.Display, "shop/default")
	same(t, "kind", clone.Kind, dbclone.KindClone)
	same(t, "worker", clone.Worker, "w7")
	same(t, "template", clone.Template, template.Template)
	same(t, "location", clone.Location, lease.Attachment().Clone)
	same(t, "live", clone.Live, true)
	write(t, file, "two")
	found, _ = c.own(c.Manager)
	same(t, "state", found[0].State, dbclone.Stale)
}

// own lists what is there, but for what other homes have on the server and for clones that wait for
// a lease, which it counts.
func (c *club) own(m *dbclone.Manager) (found []dbclone.Found, waiting int) {
	c.t.Helper()
	all, err := m.List(c.t.Context())
	ok(c.t, err)
	for _, f := range all {
		switch {
		case f.Foreign:
		case f.Kind == dbclone.KindClone && f.Worker == "":
			waiting++
		default:
			found = append(found, f)
		}
	}
	return found, waiting
}

// listWhileBuilding looks from another process at a build that is on.
func (c *club) listWhileBuilding() {
	c.t.Helper()
	other := c.open()
	_, err := c.Templates(c.t.Context(), []dbclone.Schema{c.schema("default", "k1")}, func(ctx context.Context, places []dbclone.Place) (dbclone.Built, error) {
		found, _ := c.own(other)
		same(c.t, "found", len(found), 1)
		same(c.t, "kind", found[0].Kind, dbclone.KindUnfinished)
		same(c.t, "state", found[0].State, dbclone.Building)
		same(c.t, "location", found[0].Location, places[0].Path)
		same(c.t, "owner", found[0].Owner.ID, c.Owner().ID)
		same(c.t, "live", found[0].Live, true)
		return dbclone.Built{}, context.Canceled
	})
	fails(c.t, err, context.Canceled)
}

func scratchVanishes(t *testing.T, c *club) {
	got, err := c.Templates(t.Context(), []dbclone.Schema{c.schema("default", "k1")}, func(ctx context.Context, places []dbclone.Place) (dbclone.Built, error) {
		dirs, err := filepath.Glob(filepath.Join(c.dir, "building", "*", "*"))
		ok(t, err)
		same(t, "unfinished", len(dirs), 1)
		write(t, filepath.Join(dirs[0], "db.build"), "scratch")
		mkdir(t, filepath.Join(dirs[0], "tmp", "deep"))
		return c.building()(ctx, places)
	})
	ok(t, err)
	for _, file := range files(t, c.dir) {
		parts := strings.Split(filepath.ToSlash(file), "/")
		same(t, file+" is scratch", slices.Contains(parts, "db.build") || slices.Contains(parts, "tmp"), false)
	}
	// What a worker writes there serves the next, and goes with the template.
	first := c.lease(got[0], "w1")
	write(t, first.Attachment().Serialized, "[]")
	second := c.lease(got[0], "w2")
	data, err := os.ReadFile(second.Attachment().Serialized)
	ok(t, err)
	same(t, "serialized", string(data), "[]")
	ok(t, first.Release(t.Context()))
	ok(t, second.Release(t.Context()))
	ok(t, c.Forget(t.Context(), "p1"))
	_, err = os.Stat(second.Attachment().Serialized)
	fails(t, err, os.ErrNotExist)
}
