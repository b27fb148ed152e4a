package clonetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"hotclub/dbclone"
)

// lineOf is the cut of the suite: a part is the line that begins with its name.
func lineOf(text []byte, part string) (digest string, ok bool) {
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte(part+" ")) {
			return string(bytes.TrimSpace(line)), true
		}
	}
	return "", false
}

// dependent is a template of a build with certain inputs.
func (c *club) dependent(s dbclone.Schema, inputs func() []dbclone.Input) string {
	c.t.Helper()
	templates, err := c.Templates(c.t.Context(), []dbclone.Schema{s}, func(ctx context.Context, places []dbclone.Place) (dbclone.Built, error) {
		if _, err := c.building()(ctx, places); err != nil {
			return dbclone.Built{}, err
		}
		return dbclone.Built{Inputs: inputs()}, nil
	})
	ok(c.t, err)
	return templates[0].Name()
}

func partsCount(t *testing.T, c *club) {
	file := filepath.Join(t.TempDir(), "models")
	s := c.schema("default", "k1")
	build := func(text string) string {
		write(t, file, text)
		return c.dependent(s, func() []dbclone.Input {
			input, err := dbclone.Cut(lineOf).InputOf(file, "save")
			ok(t, err)
			return []dbclone.Input{input}
		})
	}
	first := build("save one\nload one\n")
	same(t, "another part changed", build("load two\nsave one\n"), first)
	same(t, "the part changed", build("save two\nload two\n") == first, false)
	same(t, "changed back", build("save one\n"), first)
	same(t, "builds", c.builds, 2)
	whole := build("load three\n") // it has no such part: all of it counts
	same(t, "the part is gone", whole == first, false)
	same(t, "all of it counts", build("load four\n") == whole, false)
	same(t, "builds", c.builds, 4)

	got, err := c.Templates(t.Context(), []dbclone.Schema{s}, c.building())
	ok(t, err)
	same(t, "serves", c.Serves(t.Context(), got[0]), true)
	write(t, file, "load five\n")
	same(t, "serves after its input changed", c.Serves(t.Context(), got[0]), false)
}

func factsCount(t *testing.T, c *club) {
	build := func(facts map[string]string) string {
		s := c.schema("default", "k1")
		s.Facts = facts
		return c.dependent(s, func() []dbclone.Input {
			return []dbclone.Input{{Fact: "SEED", SHA256: facts["SEED"]}, {Fact: "GONE", SHA256: facts["GONE"]}}
		})
	}
	first := build(map[string]string{"SEED": "1", "OTHER": "1"})
	same(t, "another fact", build(map[string]string{"SEED": "1", "OTHER": "2"}), first)
	same(t, "the fact", build(map[string]string{"SEED": "2"}) == first, false)
	same(t, "it is gone", build(nil) == first, false)
	same(t, "another came", build(map[string]string{"SEED": "1", "GONE": "1"}) == first, false)
	same(t, "back", build(map[string]string{"SEED": "1"}), first)
	same(t, "builds", c.builds, 4)
}

// refined: a build in a hurry depended on two files, as far as it could tell; a close look shows
// that it was one. What changes meanwhile makes the look worthless.
func refined(t *testing.T, c *club) {
	needed, other := filepath.Join(t.TempDir(), "needed"), filepath.Join(t.TempDir(), "other")
	write(t, needed, "one")
	write(t, other, "one")
	s := c.schema("default", "k1")
	coarse := func() *dbclone.Template {
		templates, err := c.Templates(t.Context(), []dbclone.Schema{s}, func(ctx context.Context, places []dbclone.Place) (dbclone.Built, error) {
			built, err := c.building(needed, other)(ctx, places)
			built.Coarse = true
			return built, err
		})
		ok(t, err)
		return templates[0]
	}
	template := coarse()
	same(t, "coarse", template.Coarse(), true)
	err := c.Refine(t.Context(), []*dbclone.Template{template}, func(ctx context.Context, places []dbclone.Place) (dbclone.Built, error) {
		write(t, other, "two")
		return c.building(needed)(ctx, places)
	})
	fails(t, err, dbclone.ErrOutOfDate)
	write(t, other, "one")
	same(t, "found again", coarse().Name(), template.Name())
	ok(t, c.Refine(t.Context(), []*dbclone.Template{template}, c.building(needed)))
	write(t, other, "three")
	same(t, "still serves", coarse().Name(), template.Name())
	same(t, "coarse", coarse().Coarse(), false)
	same(t, "of another process", c.open().Serves(t.Context(), template), true)
	write(t, needed, "two")
	same(t, "serves", c.Serves(t.Context(), template), false)
	found, _ := c.own(c.Manager)
	same(t, "databases", len(found), 1) // those of the close look are gone
}

// rehearsed: a template is built once more, from the beginning and elsewhere, and nothing of that
// stays, whether it comes to its end or not.
func rehearsed(t *testing.T, c *club) {
	s := c.schema("default", "k1")
	template := c.template(s)
	ok(t, c.Rehearse(t.Context(), []*dbclone.Template{template}, c.building()))
	same(t, "builds", c.builds, 2)
	broken := errors.New("the migration is broken")
	err := c.Rehearse(t.Context(), []*dbclone.Template{template}, func(ctx context.Context, places []dbclone.Place) (dbclone.Built, error) {
		same(t, "steps of an older one", len(places[0].Missing), 0)
		built, err := c.building()(ctx, places)
		return built, errors.Join(err, broken)
	})
	fails(t, err, broken)
	same(t, "the template", c.template(s).Name(), template.Name())
	found, _ := c.own(c.Manager)
	same(t, "databases", len(found), 1)
}

// Case 7: a schema with more steps begins with a copy of the template that has most of them, and
// depends on what that depended on.
func extended(t *testing.T, c *club) {
	dir := t.TempDir()
	helper := filepath.Join(t.TempDir(), "helper")
	write(t, helper, "one")
	steps := make(map[string]string)
	next := func(step string) dbclone.Schema {
		write(t, filepath.Join(dir, step), step)
		steps[filepath.Join(dir, step)] = "digest of " + step
		s := c.schema("default", "key up to "+step)
		s.Base, s.Steps = "base", maps.Clone(steps)
		return s
	}
	var missing [][]string
	var began, notes []string
	build := func(ctx context.Context, places []dbclone.Place) (dbclone.Built, error) {
		place := places[0]
		missing, notes = append(missing, place.Missing), append(notes, place.Note)
		if place.Missing != nil {
			began = append(began, c.Read(t, place.Path))
			c.Lose(t, place.Path)
		}
		built, err := c.building(helper, dir)(ctx, places)
		built.Note = "of " + place.Schema.Key
		return built, err
	}
	migrated := func(s dbclone.Schema) *dbclone.Template {
		templates, err := c.Templates(t.Context(), []dbclone.Schema{s}, build)
		ok(t, err)
		same(t, "contents", c.Read(t, templates[0].Location()), s.Key)
		return templates[0]
	}
	migrated(next("0001"))
	migrated(next("0002"))
	next("0003")
	template := migrated(next("0004"))
	same(t, "missing", fmt.Sprint(missing), fmt.Sprint([][]string{nil, {filepath.Join(dir, "0002")}, {filepath.Join(dir, "0003"), filepath.Join(dir, "0004")}}))
	same(t, "began as", strings.Join(began, ", "), "key up to 0001, key up to 0002")
	same(t, "notes", strings.Join(notes, ", "), ", of key up to 0001, of key up to 0002")
	same(t, "serves", c.Serves(t.Context(), template), true)

	// Neither of another base, nor with a step that is another one, nor from what is out of date.
	other := next("0005")
	other.Base, other.Key = "another base", "k5"
	migrated(other)
	other.Base, other.Key = "base", "k6"
	for path := range other.Steps {
		other.Steps[path] += ", edited"
	}
	migrated(other)
	write(t, helper, "two")
	migrated(next("0006"))
	same(t, "missing", fmt.Sprint(missing[3:]), fmt.Sprint([][]string{nil, nil, nil}))
	same(t, "serves", c.Serves(t.Context(), template), false)
}
