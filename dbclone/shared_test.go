package dbclone_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"hotclub/dbclone"
	"hotclub/dbclone/clonetest"
)

// shared is a database server that several processes use; visit is the connection of one of them.
type shared struct {
	mu        sync.Mutex
	databases map[string]*labelled
	alive     map[string]bool // owners
	made      int
	full      bool // there is no room for more clones
	crowded   bool // nor a connection to drop one
	resets    int
}

type labelled struct {
	text, clean string
	torn        bool
	mark        string // of a sealed one, and of what it was parked as a copy of
	label       dbclone.Label
}

type visit struct {
	*shared

	mu     sync.Mutex
	owner  string
	images map[string]string
}

var (
	_ dbclone.ServerEngine = (*visit)(nil)
	_ dbclone.Parker       = (*visit)(nil)
)

func newShared() *shared {
	return &shared{databases: make(map[string]*labelled), alive: make(map[string]bool)}
}

func (s *shared) visit() *visit { return &visit{shared: s, images: make(map[string]string)} }

func (*visit) Vendor() string { return "fake" }

func (*visit) Locate(at dbclone.Spot) string { return at.Name }

func (v *visit) Meet(_ context.Context, server dbclone.Server, owner dbclone.Owner) (dbclone.Met, error) {
	v.shared.mu.Lock()
	defer v.shared.mu.Unlock()
	v.owner = owner.ID
	v.alive[owner.ID] = true
	return dbclone.Met{ID: "me@" + server["host"], Traits: "fake 1"}, nil
}

func (v *visit) Leave() {
	v.shared.mu.Lock()
	defer v.shared.mu.Unlock()
	delete(v.alive, v.owner)
}

func (v *visit) Strays(context.Context, string) (list []dbclone.Stray, err error) {
	v.shared.mu.Lock()
	defer v.shared.mu.Unlock()
	for name, d := range v.databases {
		if d.label.Home != "" {
			list = append(list, dbclone.Stray{Name: name, Label: d.label, Live: v.alive[d.label.Owner]})
		}
	}
	return list, nil
}

func (v *visit) Touch(_ context.Context, at dbclone.Spot, label dbclone.Label) error {
	return v.with(at, func(d *labelled) error { d.label = label; return nil })
}

// with does something with a database that is there.
func (v *visit) with(at dbclone.Spot, do func(*labelled) error) error {
	v.shared.mu.Lock()
	defer v.shared.mu.Unlock()
	if at.Server == "" {
		return fmt.Errorf("%w: %s", dbclone.ErrUnmet, at.Name)
	}
	if d := v.databases[at.Name]; d != nil {
		return do(d)
	}
	return fmt.Errorf("fake: there is no %s", at.Name)
}

func (v *visit) Prepare(ctx context.Context, at dbclone.Spot) error { return v.Drop(ctx, at) }

func (v *visit) Seal(_ context.Context, at dbclone.Spot) (sealed dbclone.Sealed, err error) {
	v.shared.mu.Lock()
	defer v.shared.mu.Unlock()
	d := v.databases[at.Name]
	switch {
	case d == nil:
		return sealed, fmt.Errorf("%w: %s", dbclone.ErrNotBuilt, at.Name)
	case d.torn:
		return sealed, fmt.Errorf("fake: %s is not whole", at.Name)
	}
	v.made++
	d.mark, d.label = fmt.Sprint("oid ", v.made), at.Label
	return dbclone.Sealed{Size: int64(len(d.text)), Mark: d.mark}, nil
}

func (v *visit) Publish(_ context.Context, from, to dbclone.Spot) error {
	return v.with(from, func(d *labelled) error {
		if v.databases[to.Name] != nil || !allowedName.MatchString(to.Name) {
			return fmt.Errorf("fake: can't rename %s to %s", from.Name, to.Name)
		}
		d.label = to.Label
		v.databases[to.Name] = d
		delete(v.databases, from.Name)
		return nil
	})
}

func (v *visit) Check(_ context.Context, at dbclone.Spot, as dbclone.Sealed) error {
	v.shared.mu.Lock()
	defer v.shared.mu.Unlock()
	d := v.databases[at.Name]
	switch {
	case d == nil:
		return fmt.Errorf("%w: %s", dbclone.ErrTemplateGone, at.Name)
	case d.mark != as.Mark:
		return fmt.Errorf("fake: %s is another one", at.Name)
	}
	return nil
}

func (v *visit) Clone(ctx context.Context, template, clone dbclone.Spot) error {
	v.shared.mu.Lock()
	defer v.shared.mu.Unlock()
	t := v.databases[template.Name]
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case t == nil:
		return fmt.Errorf("%w: %s", dbclone.ErrTemplateGone, template.Name)
	case v.full:
		return fmt.Errorf("fake: no room for %s", clone.Name)
	case v.databases[clone.Name] != nil || !allowedName.MatchString(clone.Name):
		return fmt.Errorf("fake: can't create %s", clone.Name)
	}
	v.databases[clone.Name] = &labelled{text: t.text, clean: t.text, label: clone.Label}
	return nil
}

func (v *visit) Reset(ctx context.Context, template, clone dbclone.Spot) error {
	v.shared.mu.Lock()
	v.resets++
	v.shared.mu.Unlock()
	_, err := v.Restore(ctx, template, clone, dbclone.Pristine)
	return err
}

func (v *visit) Drop(_ context.Context, at dbclone.Spot) error {
	v.shared.mu.Lock()
	defer v.shared.mu.Unlock()
	switch {
	case at.Server == "":
		return fmt.Errorf("%w: %s", dbclone.ErrUnmet, at.Name)
	case v.crowded:
		return fmt.Errorf("fake: too many connections to drop %s", at.Name)
	}
	if d := v.databases[at.Name]; d != nil && d.label.Home != "" && d.label.Home != at.Label.Home {
		return fmt.Errorf("%w: %s", dbclone.ErrNotOurs, at.Name)
	}
	delete(v.databases, at.Name)
	return nil
}

func (v *visit) Dirty(_ context.Context, _, clone dbclone.Spot) (dirty bool, err error) {
	err = v.with(clone, func(d *labelled) error { dirty = d.text != d.clean; return nil })
	return dirty, err
}

func (v *visit) Accept(_ context.Context, _, clone dbclone.Spot) error {
	return v.with(clone, func(d *labelled) error { d.clean = d.text; return nil })
}

func (v *visit) Restore(_ context.Context, template, clone dbclone.Spot, image dbclone.Image) (restored dbclone.Restored, err error) {
	text, err := v.image(template, image)
	if err != nil {
		return restored, err
	}
	err = v.with(clone, func(d *labelled) error {
		restored.Clean = d.text == text
		d.text, d.clean = text, text
		return nil
	})
	return restored, err
}

func (v *visit) image(template dbclone.Spot, image dbclone.Image) (string, error) {
	if image == dbclone.Pristine {
		v.shared.mu.Lock()
		defer v.shared.mu.Unlock()
		if t := v.databases[template.Name]; t != nil {
			return t.text, nil
		}
		return "", fmt.Errorf("%w: %s", dbclone.ErrTemplateGone, template.Name)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	text, captured := v.images[template.Name+" "+string(image)]
	if !captured {
		return "", fmt.Errorf("%w: %s", dbclone.ErrNoImage, image)
	}
	return text, nil
}

func (v *visit) Capture(_ context.Context, template, clone dbclone.Spot, image dbclone.Image) error {
	return v.with(clone, func(d *labelled) error {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.images[template.Name+" "+string(image)] = d.text
		d.clean = d.text
		return nil
	})
}

func (v *visit) Park(ctx context.Context, template, clone dbclone.Spot) error {
	dirty, err := v.Dirty(ctx, template, clone)
	if err != nil || dirty {
		return fmt.Errorf("fake: %s is dirty: %t, %w", clone.Name, dirty, err)
	}
	return v.with(clone, func(d *labelled) error {
		t := v.databases[template.Name]
		if t == nil {
			return fmt.Errorf("%w: %s", dbclone.ErrTemplateGone, template.Name)
		}
		d.mark, d.label = t.mark, clone.Label
		return nil
	})
}

func (v *visit) Adopt(_ context.Context, template, clone dbclone.Spot) error {
	return v.with(clone, func(d *labelled) error {
		if d.label.Kind != dbclone.KindParked || d.mark != v.databases[template.Name].mark {
			return fmt.Errorf("fake: %s is no copy of %s", clone.Name, template.Name)
		}
		d.label, d.mark = clone.Label, ""
		return nil
	})
}

// crowd takes the room, or gives it back.
func (s *shared) crowd(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full, s.crowded = on, on
}

func (s *shared) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.databases))
}

func (s *shared) write(name, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.databases[name]; d != nil {
		d.text = text
		return
	}
	s.databases[name] = &labelled{text: text, clean: text}
}

func (s *shared) harness() clonetest.Harness {
	at := func(name string) *labelled {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.databases[name]
	}
	return clonetest.Harness{
		Engine: s.visit(),
		Write:  func(_ testing.TB, name, text string) { s.write(name, text) },
		Tear: func(_ testing.TB, name string) {
			s.write(name, "")
			at(name).torn = true
		},
		Read: func(t testing.TB, name string) string {
			t.Helper()
			d := at(name)
			if d == nil {
				t.Fatalf("fake: there is no %s", name)
				return ""
			}
			return d.text
		},
		Dirty:  func(_ testing.TB, name, text string) { s.write(name, text) },
		Exists: func(_ testing.TB, name string) bool { return at(name) != nil },
		Lose: func(_ testing.TB, name string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.databases, name)
		},
		Server: dbclone.Server{"host": "nowhere"},
		Names:  func(testing.TB) []string { return s.names() },
		Fresh:  func(testing.TB) dbclone.Engine { return s.visit() },
	}
}

func TestEngineWithSharedServer(t *testing.T) {
	s := newShared()
	clonetest.Run(t, s.harness())
	for _, name := range s.names() {
		if d := s.databases[name]; !slices.Contains([]dbclone.Kind{dbclone.KindTemplate, dbclone.KindParked}, d.label.Kind) {
			t.Errorf("%s was left on the server", name)
		}
	}
}

// openOn is a manager of another process on a state directory, which has met the server.
func (s *shared) openOn(t *testing.T, dir string, clock func() time.Time) *dbclone.Manager {
	t.Helper()
	m, err := dbclone.Open(t.Context(), dir, dbclone.NewOwner("test"), slog.New(slog.DiscardHandler), nil, s.visit())
	if err != nil {
		t.Fatal(err)
	}
	m.SetClock(clock)
	m.SetBetween(time.Millisecond)
	if _, err := m.Meet(t.Context(), "fake", dbclone.Server{"host": "nowhere"}); err != nil {
		t.Fatal(err)
	}
	return m
}

// ask asks for a template on the server.
func (s *shared) ask(t *testing.T, m *dbclone.Manager) *dbclone.Template {
	t.Helper()
	schema := schemaOf("k1")
	schema.Server = "me@nowhere"
	got, err := m.Templates(t.Context(), []dbclone.Schema{schema}, func(_ context.Context, places []dbclone.Place) (dbclone.Built, error) {
		s.write(places[0].Path, "k1")
		return dbclone.Built{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got[0]
}

func end(t *testing.T, m *dbclone.Manager) {
	t.Helper()
	if err := m.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// A template that its home uses stays, however long ago it was built, and also while no process of
// that home is alive; of one that nobody uses, the next home that comes makes an end.
func TestTemplateInUseOutlivesOtherHomes(t *testing.T) {
	on := func(day int) func() time.Time {
		return func() time.Time { return time.Now().AddDate(0, 0, day) }
	}
	for _, used := range []bool{true, false} {
		t.Run(fmt.Sprint("used ", used), func(t *testing.T) {
			s, home := newShared(), t.TempDir()
			first := s.openOn(t, home, on(0))
			template := s.ask(t, first).Location()
			end(t, first)
			if used {
				later := s.openOn(t, home, on(13))
				s.ask(t, later)
				end(t, later)
			}
			other := s.openOn(t, t.TempDir(), on(20))
			other.Settle()
			end(t, other)
			if there := slices.Contains(s.names(), template); there != used {
				t.Errorf("it is there: %t", there)
			}
		})
	}
}

// A clone that waits for a lease is nobody's in the list, whoever had it before.
func TestClonesGivenBackAreListedSo(t *testing.T) {
	s := newShared()
	m := s.openOn(t, t.TempDir(), time.Now)
	defer end(t, m)
	template := s.ask(t, m)
	workers := func() (list []string) {
		m.Settle()
		found, err := m.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if f.Kind == dbclone.KindClone && f.Worker != "" {
				list = append(list, f.Worker)
			}
		}
		return list
	}
	for _, worker := range []string{"w1", "w2"} { // w2 gets one that was there
		lease, err := m.Lease(t.Context(), template, worker)
		if err != nil {
			t.Fatal(err)
		}
		if has := workers(); !slices.Equal(has, []string{worker}) {
			t.Errorf("leased to %q, listed as %q", worker, has)
		}
		if err := lease.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		if has := workers(); len(has) > 0 {
			t.Errorf("given back, and listed as %q", has)
		}
	}
}
