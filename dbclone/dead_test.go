package dbclone_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hotclub/dbclone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, dir string, s *server) *dbclone.Manager {
	t.Helper()
	m, err := dbclone.Open(t.Context(), dir, dbclone.NewOwner("test"), slog.New(slog.DiscardHandler), nil, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close(context.Background()) })
	return m
}

func schemaOf(key string) dbclone.Schema {
	return dbclone.Schema{Project: "p1", Alias: "default", Engine: "fake", Key: key}
}

// builds writes the key into each database.
func (s *server) builds(t testing.TB) dbclone.Build {
	return func(_ context.Context, places []dbclone.Place) (dbclone.Built, error) {
		for _, place := range places {
			s.write(t, place.Path, place.Schema.Key)
		}
		return dbclone.Built{}, nil
	}
}

// Owners die with clones, in the middle of a build, and between the two steps of publishing.
//
// Case 40: a process with the id that a dead owner had is there: this one.
func TestDeadOwnersLeaveNothing(t *testing.T) {
	dir, s := t.TempDir(), newServer()
	m := open(t, dir, s)
	templates, err := m.Templates(t.Context(), []dbclone.Schema{schemaOf("k1")}, s.builds(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Lease(t.Context(), templates[0], "w1"); err != nil {
		t.Fatal(err)
	}
	s.dyingPublish(t, dir, m)
	before := len(s.names())
	survivor := open(t, dir, s)
	if got := s.names(); len(got) != 1 || got[0] != templates[0].Location() {
		t.Errorf("of %d databases there are left: %q, want the template", before, got)
	}
	for _, part := range []string{"owners/*", "clones/*", "building/*"} {
		found, _ := filepath.Glob(filepath.Join(dir, part))
		for _, path := range found {
			if filepath.Base(path) != survivor.Owner().ID+".lock" && filepath.Base(path) != survivor.Owner().ID+".json" {
				t.Errorf("%s was left", path)
			}
		}
	}
}

// dyingPublish starts a build and lets its owner die when the server has renamed the database
// but the folder is still where it was.
func (s *server) dyingPublish(t *testing.T, dir string, m *dbclone.Manager) {
	t.Helper()
	dying := &dyingServer{server: s}
	d, err := dbclone.Open(t.Context(), dir, dbclone.NewOwner("dying"), slog.New(slog.DiscardHandler), nil, dying)
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = d.Templates(t.Context(), []dbclone.Schema{schemaOf("k2")}, s.builds(t))
	}()
	d.Die()
	m.Die()
}

// dyingServer does nothing any more once it has published.
type dyingServer struct {
	*server
	dead bool
}

func (d *dyingServer) Publish(ctx context.Context, from, to dbclone.Spot) error {
	if err := d.server.Publish(ctx, from, to); err != nil {
		return err
	}
	d.dead = true
	panic("killed")
}

func (d *dyingServer) Drop(ctx context.Context, at dbclone.Spot) error {
	if d.dead {
		return os.ErrProcessDone
	}
	return d.server.Drop(ctx, at)
}

// Case 40: the id of an owner comes again, while that one lives and after.
func TestOwnerIDIsTaken(t *testing.T) {
	dir, s := t.TempDir(), newServer()
	m := open(t, dir, s)
	_, err := dbclone.Open(t.Context(), dir, m.Owner(), slog.New(slog.DiscardHandler), nil, s)
	wantError(t, err, dbclone.ErrOwnerTaken)
	bad := m.Owner()
	bad.ID = "../escape"
	if _, err := dbclone.Open(t.Context(), dir, bad, slog.New(slog.DiscardHandler), nil, s); err == nil {
		t.Error("an owner id that is a path was taken")
	}
	m.Die()
	again, err := dbclone.Open(t.Context(), dir, m.Owner(), slog.New(slog.DiscardHandler), nil, s)
	if err != nil {
		t.Fatalf("the id of a dead owner: %v", err)
	}
	if err := again.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOldTemplatesAreDropped(t *testing.T) {
	dir, s := t.TempDir(), newServer()
	m := open(t, dir, s)
	templates, err := m.Templates(t.Context(), []dbclone.Schema{schemaOf("k1")}, s.builds(t))
	if err != nil {
		t.Fatal(err)
	}
	m.SetClock(func() time.Time { return time.Now().Add(15 * 24 * time.Hour) })
	if _, err := m.Sweep(t.Context()); err != nil || !s.exists(templates[0].Location()) {
		t.Fatalf("a template that is held was dropped: %v", err)
	}
	if err := m.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	m = open(t, dir, s)
	m.SetClock(func() time.Time { return time.Now().Add(15 * 24 * time.Hour) })
	report, err := m.Sweep(t.Context())
	if err != nil || report.Templates != 1 || s.exists(templates[0].Location()) {
		t.Errorf("swept %+v, %v", report, err)
	}
}

// A use is noted, at most once a minute, so that the age counts from it.
func TestUseIsNoted(t *testing.T) {
	dir, s := t.TempDir(), newServer()
	m := open(t, dir, s)
	start := time.Now()
	for _, test := range []struct{ at, want time.Duration }{
		{30 * time.Second, 0},
		{90 * time.Second, 90 * time.Second},
		{120 * time.Second, 90 * time.Second},
		{151 * time.Second, 151 * time.Second},
	} {
		if test.at == 30*time.Second {
			if _, err := m.Templates(t.Context(), []dbclone.Schema{schemaOf("k1")}, s.builds(t)); err != nil {
				t.Fatal(err)
			}
		}
		m.SetClock(func() time.Time { return start.Add(test.at) })
		if _, err := m.Templates(t.Context(), []dbclone.Schema{schemaOf("k1")}, s.builds(t)); err != nil {
			t.Fatal(err)
		}
		found, err := m.List(t.Context())
		if err != nil || len(found) != 1 {
			t.Fatalf("found %v, %v", found, err)
		}
		if got := found[0].LastUsed.Sub(start).Round(time.Second); got != test.want {
			t.Errorf("used after %v: noted %v, want %v", test.at, got, test.want)
		}
	}
}
