package clonetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"hotclub/dbclone"
)

func runTemplates(t *testing.T, h Harness) {
	for name, test := range map[string]func(*testing.T, *club){
		"built once and in order":         builtOnce,
		"survive their builder":           surviveTheirBuilder,
		"callers at once build one":       callersAtOnce,
		"a failed build leaves nothing":   failedBuild,
		"a cancelled build leaves none":   cancelledBuild,
		"a panic leaves nothing":          panickingBuild,
		"half a build is no build":        halfABuild,
		"changed inputs build again":      changedInputs,
		"a moving input is not trusted":   movingInput,
		"aliases of all sorts":            oddAliases,
		"lost ones are built again":       lostAreRebuilt,
		"forgotten unless leased":         forgotten,
		"only the last ones are kept":     lastOnesKept,
		"the list tells what there is":    listTells,
		"scratch files of a build vanish": scratchVanishes,
	} {
		t.Run(name, func(t *testing.T) { test(t, newClub(t, h)) })
	}
}

func builtOnce(t *testing.T, c *club) {
	wanted := []dbclone.Schema{c.schema("default", "k1"), c.schema("logs", "k2"), c.schema("default", "k1")}
	for range 3 {
		got, err := c.Templates(t.Context(), wanted, c.building())
		ok(t, err)
		for i, template := range got {
			same(t, "schema", template.Schema(), wanted[i])
			same(t, "contents", c.Read(t, template.Location()), wanted[i].Key)
		}
		same(t, "one template for one schema", got[0].Name(), got[2].Name())
	}
	same(t, "builds", c.builds, 1)
	got, err := c.Templates(t.Context(), append(wanted, c.schema("more", "k3")), func(ctx context.Context, places []dbclone.Place) ([]dbclone.Input, error) {
		same(t, "places", len(places), 1)
		same(t, "place", places[0].Schema.Alias, "more")
		return c.building()(ctx, places)
	})
	ok(t, err)
	same(t, "templates", len(got), 4)
}

func surviveTheirBuilder(t *testing.T, c *club) {
	name := c.template(c.schema("default", "k1")).Name()
	ok(t, c.Close(t.Context()))
	c.Manager = c.open()
	same(t, "name", c.template(c.schema("default", "k1")).Name(), name)
	same(t, "builds", c.builds, 1)
}

func callersAtOnce(t *testing.T, c *club) {
	managers := []*dbclone.Manager{c.Manager, c.open()}
	var group sync.WaitGroup
	names := make([]string, 8)
	for i := range names {
		group.Go(func() {
			// In another order each: the locks must not depend on it.
			wanted := []dbclone.Schema{c.schema("a", "k"), c.schema("b", "k")}
			if i%2 == 1 {
				wanted[0], wanted[1] = wanted[1], wanted[0]
			}
			got, err := managers[i/2%2].Templates(t.Context(), wanted, c.building())
			if err != nil {
				t.Error(err)
				return
			}
			names[i] = got[i%2].Name()
		})
	}
	group.Wait()
	for _, name := range names {
		same(t, "name", name, names[0])
	}
	same(t, "builds", c.builds, 1) // the locks make this no race
}

func failedBuild(t *testing.T, c *club) {
	broken := errors.New("migration 0007 failed")
	wanted := []dbclone.Schema{c.schema("default", "k1")}
	_, err := c.Templates(t.Context(), wanted, func(_ context.Context, places []dbclone.Place) ([]dbclone.Input, error) {
		c.Write(t, places[0].Path, "half")
		return nil, broken
	})
	fails(t, err, broken)
	nothingOfTemplates(t, c)
	same(t, "contents", c.Read(t, c.template(wanted[0]).Location()), "k1")
}

func cancelledBuild(t *testing.T, c *club) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := c.Templates(ctx, []dbclone.Schema{c.schema("default", "k1")}, func(ctx context.Context, places []dbclone.Place) ([]dbclone.Input, error) {
		cancel()
		return c.building()(ctx, places)
	})
	fails(t, err, context.Canceled)
	nothingOfTemplates(t, c)
}

func panickingBuild(t *testing.T, c *club) {
	func() {
		defer func() { same(t, "panic", recover() != nil, true) }()
		_, _ = c.Templates(t.Context(), []dbclone.Schema{c.schema("default", "k1")}, func(_ context.Context, places []dbclone.Place) ([]dbclone.Input, error) {
			c.Tear(t, places[0].Path)
			panic("in a build")
		})
	}()
	nothingOfTemplates(t, c)
	c.template(c.schema("default", "k1"))
}

func halfABuild(t *testing.T, c *club) {
	wanted := []dbclone.Schema{c.schema("a", "k"), c.schema("b", "k")}
	for name, second := range map[string]func(path string){
		"absent": func(string) {},
		"torn":   func(path string) { c.Tear(t, path) },
	} {
		_, err := c.Templates(t.Context(), wanted, func(_ context.Context, places []dbclone.Place) ([]dbclone.Input, error) {
			c.Write(t, places[0].Path, "whole")
			second(places[1].Path)
			return nil, nil
		})
		if err == nil {
			t.Fatal("sealed although one database is", name)
		}
		nothingOfTemplates(t, c)
	}
}

func nothingOfTemplates(t *testing.T, c *club) {
	t.Helper()
	for _, dir := range []string{"building", "templates"} {
		for _, file := range files(t, filepath.Join(c.dir, dir)) {
			t.Fatalf("%s/%s was left", dir, file)
		}
	}
}

func changedInputs(t *testing.T, c *club) {
	dir := t.TempDir()
	file, absent := filepath.Join(dir, "helper.py"), filepath.Join(t.TempDir(), "absent.py")
	write(t, file, "one")
	s := c.schema("default", "k1")
	build := func() string { return c.template(s, file, absent, dir).Name() }
	first := build()
	same(t, "unchanged", build(), first)
	write(t, file, "two") // as long as before, and within a tick of the clock
	second := build()
	same(t, "built again for the file", second == first, false)
	write(t, file, "one")
	same(t, "changed back", build(), first)
	write(t, absent, "")
	same(t, "builds", c.builds, 2)
	build()
	same(t, "builds after the absent file came", c.builds, 3)
	write(t, filepath.Join(dir, "new.py"), "")
	build()
	same(t, "builds after the directory changed", c.builds, 4)
	mkdir(t, filepath.Join(dir, "__pycache__"))
	build()
	same(t, "builds after Python wrote its cache", c.builds, 4)
	ok(t, os.Remove(file))
	_, err := c.Templates(t.Context(), []dbclone.Schema{s}, c.building())
	ok(t, err)
	same(t, "builds after the file went", c.builds, 5)
}

func movingInput(t *testing.T, c *club) {
	file := filepath.Join(t.TempDir(), "helper.py")
	s := c.schema("default", "k1")
	for range 2 {
		_, err := c.Templates(t.Context(), []dbclone.Schema{s}, func(ctx context.Context, places []dbclone.Place) ([]dbclone.Input, error) {
			ok(t, os.RemoveAll(file))
			write(t, file, "saved meanwhile")
			later(t, file)
			return c.building(file)(ctx, places)
		})
		ok(t, err)
	}
	same(t, "builds", c.builds, 2)
}

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

func lostAreRebuilt(t *testing.T, c *club) {
	s := c.schema("default", "k1")
	template := c.template(s)
	c.Lose(t, template.Location())
	_, err := c.Lease(t.Context(), template, "w1")
	fails(t, err, dbclone.ErrTemplateGone)
	again := c.template(s)
	same(t, "builds", c.builds, 2)
	same(t, "clone", c.Read(t, c.lease(again, "w1").Attachment().Clone), "k1")
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
	for _, key := range []string{"k1", "k2", "k3", "k4", "k5"} {
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
	lease := c.lease(c.template(c.schema("default", "k1"), file), "w7")
	found, err := c.List(t.Context())
	ok(t, err)
	same(t, "found", len(found), 2)
	template, clone := found[0], found[1]
	same(t, "kind", template.Kind, dbclone.KindTemplate)
	same(t, "state", template.State, dbclone.Ready)
	same(t, "clones", template.Clones, 1)
	same(t, "schema", template.Schema.Display, "shop/default")
	same(t, "kind", clone.Kind, dbclone.KindClone)
	same(t, "worker", clone.Worker, "w7")
	same(t, "template", clone.Template, template.Template)
	same(t, "location", clone.Location, lease.Attachment().Clone)
	same(t, "live", clone.Live, true)
	write(t, file, "two")
	found, err = c.List(t.Context())
	ok(t, err)
	same(t, "state", found[0].State, dbclone.Stale)
}

func scratchVanishes(t *testing.T, c *club) {
	got, err := c.Templates(t.Context(), []dbclone.Schema{c.schema("default", "k1")}, func(ctx context.Context, places []dbclone.Place) ([]dbclone.Input, error) {
		dir := filepath.Dir(places[0].Serialized)
		write(t, filepath.Join(dir, "db.build"), "scratch")
		mkdir(t, filepath.Join(dir, "tmp", "deep"))
		write(t, places[0].Serialized, "[]")
		return c.building()(ctx, places)
	})
	ok(t, err)
	for _, file := range files(t, c.dir) {
		same(t, file+" is scratch", strings.Contains(file, "db.build") || strings.Contains(file, "tmp"), false)
	}
	data, err := os.ReadFile(c.lease(got[0], "w1").Attachment().Serialized)
	ok(t, err)
	same(t, "serialized", string(data), "[]")
	same(t, "serialized where there is none", c.lease(c.template(c.schema("plain", "k")), "w1").Attachment().Serialized, "")
}
