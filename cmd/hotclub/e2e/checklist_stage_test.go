//go:build linux

package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// stage is one version of Django with one start method, and a server that plays there. The items
// of the checklist look at the same few runs of the projects in testdata/checklist, which are
// made once on each stage.
type stage struct {
	django
	method   string
	original *original
	club     *club

	// One item at a time plays on a stage.
	roots   map[string]string // copies of the projects that are shared
	stories map[string]story
	parts   map[string]any // other things made once
}

// stages prepares all of them; nothing is started before an item asks.
func stages(t *testing.T) []*stage {
	t.Helper()
	var all []*stage
	for _, d := range djangos(t) {
		o := &original{django: d, dir: t.TempDir()}
		for _, method := range methodsOn(t, d) {
			all = append(all, &stage{
				django: d, method: method, original: o, club: newClubAt(t, d.python, t.TempDir()),
				roots: make(map[string]string), stories: make(map[string]story), parts: make(map[string]any),
			})
		}
	}
	return all
}

func (s *stage) name() string { return "django" + s.version + "-" + s.method }

// tour returns what a run of the tour with some arguments tells; without any, of all of it, by
// two workers.
func (s *stage) tour(t *testing.T, args ...string) story {
	t.Helper()
	if len(args) == 0 {
		args = []string{"-n", "2"}
	}
	return s.told(t, "tour", nil, args...)
}

// told returns what a run of a shared project tells, with further variables in its environment.
// The same run is made only once; nobody may change its story.
func (s *stage) told(t *testing.T, project string, environment []string, args ...string) story {
	t.Helper()
	c := s.shared(t, project).with(environment...)
	key := strings.Join(slices.Concat([]string{project}, environment, args), "\x00")
	if known, ok := s.stories[key]; ok {
		return known
	}
	s.stories[key] = c.run(args...)
	return s.stories[key]
}

// shared is a project that all items play with.
func (s *stage) shared(t *testing.T, project string) *guest {
	t.Helper()
	if s.roots[project] == "" {
		s.roots[project] = filepath.Join(s.club.root, project)
		if err := os.CopyFS(s.roots[project], os.DirFS("testdata/checklist/"+project)); err != nil {
			t.Fatal(err)
		}
	}
	c := *s.club
	c.t, c.root = t, s.roots[project]
	return &guest{club: &c, method: s.method}
}

// once makes a part of the stage that several items look at.
func once[T any](s *stage, name string, makeIt func() T) T {
	known, ok := s.parts[name].(T)
	if !ok {
		known = makeIt()
		s.parts[name] = known
	}
	return known
}

// visit makes a project that only the test itself plays with, with a server of its own.
func (s *stage) visit(t *testing.T, project string) *guest {
	t.Helper()
	return &guest{club: newClub(t, s.python, "checklist/"+project), method: s.method}
}

// guest is a project whose runs begin by one start method.
type guest struct {
	*club
	method string
}

func (g *guest) run(args ...string) story {
	g.t.Helper()
	return g.club.run(append([]string{"--start-method", g.method}, args...)...)
}

// terminal calls the binary as a person would, without --json.
func (g *guest) terminal(args ...string) result {
	g.t.Helper()
	return g.hotclub(append([]string{"run", "--python", g.python, "--start-method", g.method}, args...)...)
}

// with has further variables in its environment, and the same server.
func (g *guest) with(environment ...string) *guest {
	c := *g.club
	c.env = append(slices.Clone(c.env), environment...)
	return &guest{club: &c, method: g.method}
}

// original is manage.py test itself, in one process, on a copy of the tour.
type original struct {
	django
	dir  string
	root string

	mu      sync.Mutex // both start methods look at it at the same time
	records map[string]reference
}

// ran returns what manage.py test with some arguments does.
func (o *original) ran(t *testing.T, args ...string) reference {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	key := strings.Join(args, "\x00")
	if known, ok := o.records[key]; ok {
		return known
	}
	if o.records == nil {
		o.records = make(map[string]reference)
	}
	o.records[key] = record(t, o.python, o.project(t), args)
	return o.records[key]
}

// loads returns which tests each list of arguments stands for, in the order of a serial run.
func (o *original) loads(t *testing.T, asked [][]string) [][]string {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	script, err := filepath.Abs("testdata/checklist/loaded.py")
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	var loaded [][]string
	if err := json.Unmarshal(o.python3(t, input, script), &loaded); err != nil {
		t.Fatal(err)
	}
	return loaded
}

// python3 runs a script in the tour and returns what it prints.
func (o *original) python3(t *testing.T, input []byte, args ...string) []byte {
	t.Helper()
	command := exec.CommandContext(t.Context(), o.python, args...)
	command.Dir = o.project(t)
	command.Env = append(os.Environ(), "DJANGO_SETTINGS_MODULE=tour.settings")
	command.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	stdout, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", command.Args, err, &stderr)
	}
	return stdout
}

// project is a copy of the tour that no hotclub sees.
func (o *original) project(t *testing.T) string {
	t.Helper()
	if o.root == "" {
		o.root = filepath.Join(o.dir, "project")
		if err := os.CopyFS(o.root, os.DirFS("testdata/checklist/tour")); err != nil {
			t.Fatal(err)
		}
	}
	return o.root
}
