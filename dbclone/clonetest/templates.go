package clonetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
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
		"only a part of a file counts":    partsCount,
		"facts are inputs":                factsCount,
		"coarse ones are refined":         refined,
		"a build is rehearsed":            rehearsed,
		"older ones are extended":         extended,
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
			same(t, "schema", template.Schema().Key, wanted[i].Key)
			same(t, "contents", c.Read(t, template.Location()), wanted[i].Key)
		}
		same(t, "one template for one schema", got[0].Name(), got[2].Name())
	}
	same(t, "builds", c.builds, 1)
	got, err := c.Templates(t.Context(), append(wanted, c.schema("more", "k3")), func(ctx context.Context, places []dbclone.Place) (dbclone.Built, error) {
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

// Case 2: two processes, in several goroutines each, want the same.
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

// Case 3: a migration fails half-way, and the next try starts clean.
func failedBuild(t *testing.T, c *club) {
	broken := errors.New("migration 0007 failed")
	wanted := []dbclone.Schema{c.schema("default", "k1")}
	_, err := c.Templates(t.Context(), wanted, func(_ context.Context, places []dbclone.Place) (dbclone.Built, error) {
		c.Write(t, places[0].Path, "half")
		return dbclone.Built{}, broken
	})
	fails(t, err, broken)
	nothingOfTemplates(t, c)
	same(t, "contents", c.Read(t, c.template(wanted[0]).Location()), "k1")
}

func cancelledBuild(t *testing.T, c *club) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := c.Templates(ctx, []dbclone.Schema{c.schema("default", "k1")}, func(ctx context.Context, places []dbclone.Place) (dbclone.Built, error) {
		cancel()
		return c.building()(ctx, places)
	})
	fails(t, err, context.Canceled)
	nothingOfTemplates(t, c)
}

func panickingBuild(t *testing.T, c *club) {
	func() {
		defer func() { same(t, "panic", recover() != nil, true) }()
		_, _ = c.Templates(t.Context(), []dbclone.Schema{c.schema("default", "k1")}, func(_ context.Context, places []dbclone.Place) (dbclone.Built, error) {
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
		_, err := c.Templates(t.Context(), wanted, func(_ context.Context, places []dbclone.Place) (dbclone.Built, error) {
			c.Write(t, places[0].Path, "whole")
			second(places[1].Path)
			return dbclone.Built{}, nil
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

// Case 6: a file that a migration read has changed, and no migration.
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
		_, err := c.Templates(t.Context(), []dbclone.Schema{s}, func(ctx context.Context, places []dbclone.Place) (dbclone.Built, error) {
			ok(t, os.RemoveAll(file))
			write(t, file, "saved meanwhile")
			later(t, file)
			return c.building(file)(ctx, places)
		})
		ok(t, err)
	}
	same(t, "builds", c.builds, 2)
}
