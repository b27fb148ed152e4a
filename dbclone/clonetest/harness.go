package clonetest

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"hotclub/dbclone"
)

// Harness is one kind of database under test. Locations are those of [dbclone.Engine.Locate];
// its functions fail the test when something does not work.
type Harness struct {
	Engine dbclone.Engine

	// Write creates a database that holds a text, and closes it, as a build does.
	Write func(t testing.TB, location, text string)
	// Tear creates what a build leaves that was killed while it wrote.
	Tear func(t testing.TB, location string)
	// Read returns the text, as a worker that connects sees it.
	Read func(t testing.TB, location string) string
	// Dirty replaces the text as a test does that commits, and closes the connection without
	// care, so that whatever the database keeps beside its data stays.
	Dirty func(t testing.TB, location, text string)
	// Exists reports whether there is anything of a database.
	Exists func(t testing.TB, location string) bool
	// Lose removes a database behind the engine's back, as a user would.
	Lose func(t testing.TB, location string)

	// Of an engine with servers, nil for others:

	Server dbclone.Server // where the databases lie
	// Names lists all databases of the server, whosever they are.
	Names func(t testing.TB) []string
	// Fresh returns another engine for the same server, as another process has it.
	Fresh func(t testing.TB) dbclone.Engine
}

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	t.Run("engine", func(t *testing.T) { runEngine(t, h) })
	t.Run("templates", func(t *testing.T) { runTemplates(t, h) })
	t.Run("leases", func(t *testing.T) { runLeases(t, h) })
	if h.Server != nil {
		t.Run("server", func(t *testing.T) { runServer(t, h) })
	}
}

// club is a manager in a state directory of its own, and a count of the builds.
type club struct {
	Harness
	*dbclone.Manager
	t      testing.TB
	dir    string
	server string // its id
	builds int
}

func newClub(t testing.TB, h Harness) *club {
	c := &club{Harness: h, t: t, dir: t.TempDir()}
	c.Manager = c.open()
	return c
}

// parked is how many clones a manager leaves to the next when it is closed.
func (c *club) parked() int {
	if _, can := c.Engine.(dbclone.Parker); can {
		return 1
	}
	return 0
}

// open is another process as far as a manager can tell.
func (c *club) open() *dbclone.Manager {
	c.t.Helper()
	engine := c.Engine
	if c.Manager != nil && c.Fresh != nil {
		engine = c.Fresh(c.t)
	}
	m, err := dbclone.Open(c.t.Context(), c.dir, dbclone.NewOwner("clonetest"), slog.New(slog.DiscardHandler), lineOf, engine)
	ok(c.t, err)
	c.t.Cleanup(func() { ok(c.t, m.Close(context.Background())) })
	c.meet(m)
	return m
}

func (c *club) meet(m *dbclone.Manager) {
	c.t.Helper()
	if c.Server == nil {
		return
	}
	met, err := m.Meet(c.t.Context(), c.Engine.Vendor(), c.Server)
	ok(c.t, err)
	c.server = met.ID
}

func (c *club) schema(alias, key string) dbclone.Schema {
	return dbclone.Schema{Project: "p1", Alias: alias, Engine: c.Engine.Vendor(), Server: c.server, Key: key, Display: "shop/" + alias}
}

// building is a build that writes the key of each schema and reads some inputs.
func (c *club) building(inputs ...string) dbclone.Build {
	return func(_ context.Context, places []dbclone.Place) (dbclone.Built, error) {
		c.builds++
		for _, place := range places {
			c.Write(c.t, place.Path, place.Schema.Key)
		}
		var read []dbclone.Input
		for _, path := range inputs {
			input, err := dbclone.InputOf(path)
			ok(c.t, err)
			read = append(read, input)
		}
		return dbclone.Built{Inputs: read}, nil
	}
}

func (c *club) template(s dbclone.Schema, inputs ...string) *dbclone.Template {
	c.t.Helper()
	templates, err := c.Templates(c.t.Context(), []dbclone.Schema{s}, c.building(inputs...))
	ok(c.t, err)
	return templates[0]
}

func (c *club) lease(t *dbclone.Template, worker string) *dbclone.Lease {
	c.t.Helper()
	l, err := c.Lease(c.t.Context(), t, worker)
	ok(c.t, err)
	return l
}

// spots are places for an engine without a manager.
type spots struct {
	dir    string
	server string
	owner  string
	n      int
}

func (s *spots) next(t testing.TB) dbclone.Spot {
	s.n++
	name := "hct_" + strings.Repeat("x", s.n)
	dir := filepath.Join(s.dir, name)
	mkdir(t, dir)
	label := dbclone.Label{Format: 1, Home: "clonetest", Owner: "bench1", Project: "p1", Alias: "default", Kind: dbclone.KindClone}
	return dbclone.Spot{Dir: dir, Name: name, Server: s.server, Label: label}
}
