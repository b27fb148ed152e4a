package discover

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hotclub/runner"
)

// What the texts tell is what Django's own DiscoverRunner.build_suite collects, for the example
// and all suites alike. The example is compared on the interpreter DJANGO_PYTHON; HOTCLUB_PARITY names third-party suites of
// .ci/suites/suites.json, with commas between them, or "all".
func TestParity(t *testing.T) {
	python := os.Getenv("DJANGO_PYTHON")
	if python == "" {
		t.Skip("DJANGO_PYTHON names no interpreter with Django; see cmd/hotclub/e2e/doc.go")
	}
	example, err := filepath.Abs("../../examples/bookshop")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("bookshop", func(t *testing.T) { parity(t, python, example, nil) })
	for _, s := range thirdParty(t) {
		t.Run(s.Name+"-"+s.Version+"/django"+s.Django, func(t *testing.T) {
			venv := script(t, "venv", append([]string{s.Python, s.Django}, s.Pip...)...)
			parity(t, strings.TrimSpace(string(venv)), s.Directory, s.Labels)
		})
	}
}

type suite struct {
	Name, Version, Django, Python, Directory string
	Labels, Pip                              []string
}

func thirdParty(t *testing.T) (suites []suite) {
	asked := os.Getenv("HOTCLUB_PARITY")
	if asked == "" {
		return nil
	}
	for i, name := range strings.Split(asked, ",") {
		arguments := []string{"--json", name}
		if asked == "all" {
			arguments = arguments[:1]
		}
		var all []suite
		if err := json.Unmarshal(script(t, "fetch", arguments...), &all); err != nil {
			t.Fatal(err)
		}
		if os.Getenv("HOTCLUB_EVERYTHING") == "" && asked != "all" {
			at := i % len(all) // the versions of Django take turns
			all = all[at : at+1]
		}
		suites = append(suites, all...)
	}
	return suites
}

func script(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	command := exec.Command(filepath.Join("../../.ci/suites", name), args...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

// collected is a line of testdata/collect.py.
type collected struct {
	Path, File, Unit, Class, Name, Label, Module, Error string
	Line                                                int
	Tags                                                []string
	Defined                                             bool // by a def of its name
}

// collect returns what was collected, and the tests that no def of their name tells of.
func collect(t *testing.T, python, dir string, labels []string) (c Collection, generated map[runner.TestID]bool) {
	t.Helper()
	program, err := filepath.Abs("testdata/collect.py")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(python, append([]string{program, dir}, labels...)...)
	command.Dir = dir
	var noise bytes.Buffer
	command.Stderr = &noise
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, noise.Bytes())
	}
	var list []collected
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatalf("%v\n%s", err, noise.Bytes())
	}
	c.Labels, generated = labels, make(map[runner.TestID]bool)
	c.Errors = make(map[string]runner.Message)
	for _, each := range list {
		id := "k//" + each.Path
		if each.Class != "" {
			id += "::" + each.Class + "::" + each.Name
		}
		if !each.Defined {
			generated[runner.TestID(id)] = true
		}
		if each.Unit == "_FailedTest" && each.File != "" {
			c.Errors[each.File] = runner.Message{Text: each.Error}
		}
		c.Units = append(c.Units, runner.Unit{Class: each.Unit, Module: each.Module, Tests: []runner.Test{{
			ID: runner.TestID(id), Label: each.Label, Name: each.Name, File: each.File, Line: each.Line,
			Module: each.Module, Class: each.Class, Tags: each.Tags,
		}}})
	}
	return c, generated
}

func parity(t *testing.T, python, dir string, labels []string) {
	c := Open(Place{Key: "k", Root: dir})
	if err := c.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	truth, generated := collect(t, python, dir, labels)
	m := merging{Catalog: c, scope: newScope(c.site, labels), files: make(map[string]*gathered)}
	m.gather(truth)
	static := make(map[runner.TestID]runner.Item)
	for path, e := range c.entries {
		for _, n := range e.items {
			if m.inScope(e, &n) && !m.hasFailed(path) {
				static[n.ID] = n
			}
		}
	}
	want := make(map[runner.TestID]runner.Test)
	for _, unit := range truth.Units {
		if test := unit.Tests[0]; test.Class != "" {
			want[test.ID] = test
		}
	}
	report(t, want, static, generated)
	merged(t, c, truth, want)
}

func report(t *testing.T, want map[runner.TestID]runner.Test, static map[runner.TestID]runner.Item, made map[runner.TestID]bool) {
	var missed, generated, invented, dynamic, tags []runner.TestID
	for id, test := range want {
		if item, ok := static[id]; !ok && made[id] {
			generated = append(generated, id)
		} else if !ok {
			missed = append(missed, id)
		} else if !slices.Equal(item.Tags, test.Tags) {
			tags = append(tags, id)
		}
	}
	for id, item := range static {
		if _, ok := want[id]; !ok && item.Dynamic {
			dynamic = append(dynamic, id)
		} else if !ok {
			invented = append(invented, id)
		}
	}
	t.Logf("static discovery: %d tests, missed %d (and %d that are generated), invented %d (and %d that it calls dynamic), other tags %d",
		len(want), len(missed), len(generated), len(invented), len(dynamic), len(tags))
	for what, list := range map[string][]runner.TestID{"missed": missed, "invented": invented, "dynamic": dynamic, "tags": tags} {
		slices.Sort(list)
		for _, id := range list[:min(len(list), 12)] {
			t.Logf("%s %s", what, id)
		}
	}
	if len(missed)+len(invented)+len(tags) > 0 {
		t.Error("no test that a text tells of may be missed, or invented without calling it dynamic")
	}
}

// merged checks that the tree shows exactly what was collected, once it is told.
func merged(t *testing.T, c *Catalog, truth Collection, want map[runner.TestID]runner.Test) {
	c.Collected(truth)
	scope := newScope(c.site, truth.Labels)
	_, items := c.Items()
	consistent(t, items)
	got := make(map[runner.TestID]bool)
	for _, item := range items {
		if item.Kind != runner.KindTest && item.Kind != runner.KindCase {
			continue
		}
		got[item.ID] = true
		file, _ := c.Find(item.ID[:strings.Index(string(item.ID), "::")])
		if _, ok := want[item.ID]; !ok && file.Error == nil && scope.holds(item.Label) {
			t.Errorf("%s was not collected and is still there", item.ID)
		}
	}
	for id := range want {
		if !got[id] {
			t.Errorf("%s was collected and is not there", id)
		}
	}
}

// consistent checks what holds for every tree.
func consistent(t interface{ Errorf(string, ...any) }, items []runner.Item) {
	seen := make(map[runner.TestID]bool, len(items))
	for _, item := range items {
		if seen[item.ID] {
			t.Errorf("%s stands twice", item.ID)
		}
		seen[item.ID] = true
		if item.Kind != runner.KindProject && !seen[item.Parent] {
			t.Errorf("%s stands before its parent %s", item.ID, item.Parent)
		}
		if item.Range.First < 0 || item.Range.Last < item.Range.First || item.NameAt.Line < 0 || item.NameAt.Column < 0 {
			t.Errorf("%s has an impossible range: %+v %+v", item.ID, item.Range, item.NameAt)
		}
	}
}
