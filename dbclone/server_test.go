package dbclone_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"testing"

	"hotclub/dbclone"
	"hotclub/dbclone/clonetest"
)

// server is an engine as those with a database server will be: databases have names instead of
// files, publishing renames, and nothing vanishes because a folder does.
type server struct {
	mu        sync.Mutex
	databases map[string]*content
	sealed    int
}

type content struct {
	text string
	torn bool
	mark string // of a sealed one; nobody writes to it
}

func newServer() *server { return &server{databases: make(map[string]*content)} }

var allowedName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,29}$`)

func (*server) Vendor() string { return "fake" }

func (*server) Locate(at dbclone.Spot) string { return at.Name }

func (s *server) Prepare(ctx context.Context, at dbclone.Spot) error { return s.Drop(ctx, at) }

func (s *server) Seal(_ context.Context, at dbclone.Spot) (dbclone.Sealed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.databases[at.Name]
	if c == nil {
		return dbclone.Sealed{}, fmt.Errorf("%w: %s", dbclone.ErrNotBuilt, at.Name)
	}
	if c.torn {
		return dbclone.Sealed{}, fmt.Errorf("fake: %s is not whole", at.Name)
	}
	s.sealed++
	c.mark = fmt.Sprint("oid ", s.sealed)
	return dbclone.Sealed{Size: int64(len(c.text)), Mark: c.mark}, nil
}

func (s *server) Publish(_ context.Context, from, to dbclone.Spot) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.databases[from.Name]
	if c == nil || s.databases[to.Name] != nil || !allowedName.MatchString(to.Name) {
		return fmt.Errorf("fake: can't rename %s to %s", from.Name, to.Name)
	}
	s.databases[to.Name] = c
	delete(s.databases, from.Name)
	return nil
}

func (s *server) Check(_ context.Context, at dbclone.Spot, as dbclone.Sealed) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.databases[at.Name]
	if c == nil {
		return fmt.Errorf("%w: %s", dbclone.ErrTemplateGone, at.Name)
	}
	if c.mark != as.Mark {
		return fmt.Errorf("fake: %s is another one", at.Name)
	}
	return nil
}

func (s *server) Clone(ctx context.Context, template, clone dbclone.Spot) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.databases[clone.Name] != nil || !allowedName.MatchString(clone.Name) {
		return fmt.Errorf("fake: can't create %s", clone.Name)
	}
	return s.copy(ctx, template, clone)
}

func (s *server) Reset(ctx context.Context, template, clone dbclone.Spot) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.databases[clone.Name] == nil {
		return fmt.Errorf("fake: there is no %s", clone.Name)
	}
	return s.copy(ctx, template, clone)
}

func (s *server) copy(ctx context.Context, template, clone dbclone.Spot) error {
	c := s.databases[template.Name]
	if c == nil {
		return fmt.Errorf("%w: %s", dbclone.ErrTemplateGone, template.Name)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.databases[clone.Name] = &content{text: c.text}
	return nil
}

func (s *server) Drop(_ context.Context, at dbclone.Spot) error {
	s.lose(at.Name)
	return nil
}

// failer is what a test and a property have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

func (s *server) write(t failer, name, text string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !allowedName.MatchString(name) {
		t.Fatalf("fake: %q is no name for a database", name)
	}
	if c := s.databases[name]; c != nil && c.mark != "" {
		t.Fatalf("fake: the template %s was written to", name)
	}
	s.databases[name] = &content{text: text}
}

func (s *server) tear(_ testing.TB, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.databases[name] = &content{torn: true}
}

func (s *server) read(t testing.TB, name string) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.databases[name]; c != nil {
		return c.text
	}
	t.Fatalf("fake: there is no %s", name)
	return ""
}

func (s *server) exists(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.databases[name] != nil
}

func (s *server) lose(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.databases, name)
}

func (s *server) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.databases))
}

func (s *server) harness() clonetest.Harness {
	return clonetest.Harness{
		Engine: s,
		Write:  func(t testing.TB, name, text string) { s.write(t, name, text) },
		Tear:   s.tear,
		Read:   s.read,
		Dirty:  func(t testing.TB, name, text string) { s.write(t, name, text) },
		Exists: func(_ testing.TB, name string) bool { return s.exists(name) },
		Lose:   func(_ testing.TB, name string) { s.lose(name) },
	}
}

func TestEngineWithServer(t *testing.T) {
	s := newServer()
	clonetest.Run(t, s.harness())
	for _, name := range s.names() {
		if name[:4] != "hct_" {
			t.Errorf("%s was left on the server", name)
		}
	}
}
