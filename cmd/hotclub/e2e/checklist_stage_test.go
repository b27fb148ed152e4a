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

// stage is one version of Django with one start method. All items of the checklist look at
// the same few runs of the tour, testdata/checklist/tour, which are made once on each stage.
type stage struct {
	django
	method   string
	original *original

	mu      sync.Mutex
	club    *club // of the tour
	stories map[string]story
}

// stages prepares all of them; nothing is started before an item asks.
func stages(t *testing.T) []*stage {
	t.Helper()
	var all []*stage
	for _, d := range djangos(t) {
		o := &original{django: d, dir: t.TempDir()}
		for _, method := range []string{"fork", "spawn"} {
			all = append(all, &stage{
				django: d, method: method, original: o,
				club: newClub(t, d.python, "checklist/tour"), stories: make(map[string]story),
			})
		}
	}
	return all
}

func (s *stage) name() string { return "django" + s.version + "-" + s.method }

// tour returns what a run of the tour with some arguments tells. The same arguments give the
// same story; nobody may change it.
func (s *stage) tour(t *testing.T, args ...string) story {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	key := strings.Join(args, "\x00")
	if known, ok := s.stories[key]; ok {
		return known
	}
	told := s.at(t, s.club).run(append([]string{"--start-method", s.method}, args...)...)
	s.stories[key] = told
	return told
}

// at makes a club complain to the test that uses it.
func (s *stage) at(t *testing.T, c *club) *club {
	mine := *c
	mine.t = t
	return &mine
}

// visit makes a club of the test's own on a project of the checklist, and run it by the start
// method of the stage.
func (s *stage) visit(t *testing.T, project string, environment ...string) *guest {
	t.Helper()
	c := newClub(t, s.python, "checklist/"+project)
	c.env = append(c.env, environment...)
	return &guest{club: c, method: s.method}
}

// guest is a club whose runs begin by one start method.
type guest struct {
	*club
	method string
}

func (g *guest) run(args ...string) story {
	g.t.Helper()
	return g.club.run(append([]string{"--start-method", g.method}, args...)...)
}

// with has further variables in its environment, and the same daemon.
func (g *guest) with(environment ...string) *guest {
	c := *g.club
	c.env = append(slices.Clone(c.env), environment...)
	return &guest{club: &c, method: g.method}
}

// journal returns the lines that a project has written down, and the project's directory.
func (g *guest) journal() []string {
	g.t.Helper()
	return readLines(g.t, filepath.Join(g.root, "journal.txt"))
}

func readLines(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.FieldsFunc(string(data), func(r rune) bool { return r == '\n' })
}

// original is manage.py test itself, in one process, on a copy of the tour.
type original struct {
	django
	dir  string
	root string

	mu      sync.Mutex
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
