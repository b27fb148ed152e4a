//go:build linux

package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hotclub/runner"
)

const (
	// fewMutations is how many edits of each project a continuous integration has the time for.
	fewMutations = 3
	// moreMutations is how many more are made until enough of them have changed a verdict.
	moreMutations = 15
)

// differencesShown is after how many steps that differ a project is given up.
const differencesShown = 3

// variants are the ways to run that every edit is tried on, by their names in
// HOTCLUB_MUTATIONS_VARIANTS. Each is a daemon of its own.
var variants = []struct {
	name string
	args []string
	env  []string
}{
	{name: "fork", args: []string{"--start-method", "fork"}},
	{name: "spawn", args: []string{"--start-method", "spawn"}},
	{name: "fork-unwatched", args: []string{"--start-method", "fork"}, env: []string{"HOTCLUB_WATCH=off"}},
	{name: "spawn-unwatched", args: []string{"--start-method", "spawn"}, env: []string{"HOTCLUB_WATCH=off"}},
}

// TestMutations edits projects at random, runs them on warm workers at once, and compares the
// verdicts with those of a cold manage.py test on the same disk.
//
// HOTCLUB_MUTATIONS is the number of edits of each project, HOTCLUB_MUTATIONS_SEED what they are
// drawn by: the same seed makes the same edits. HOTCLUB_MUTATIONS_ONLY is a pattern of the names of
// edits to be made, HOTCLUB_MUTATIONS_VARIANTS a list of the variants (default "fork,spawn", and in
// continuous integration one of them for the third-party suites).
func TestMutations(t *testing.T) {
	edits, err := strconv.Atoi(cmp.Or(os.Getenv("HOTCLUB_MUTATIONS"), strconv.Itoa(fewMutations)))
	if err != nil {
		t.Fatal(err)
	}
	seed := seedOf(t, "HOTCLUB_MUTATIONS_SEED")
	again := fmt.Sprintf("HOTCLUB_MUTATIONS=%d HOTCLUB_MUTATIONS_SEED=%d", edits, seed)
	t.Log(again)
	for _, s := range unlessEverything(subjects[:2], subjects) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			m := newMutations(t, s.make(t), seed, unlessEverything(s.few, "fork,spawn"))
			for (m.steps < edits || m.provesLittle() && m.steps < edits+moreMutations) && m.differing < differencesShown {
				m.step()
			}
			t.Logf("%d edits, %d of them changed a verdict", m.steps, m.changing)
			if t.Failed() {
				t.Logf("again with %s -run 'TestMutations/%s$'; what was done:\n%s", again, s.name, strings.Join(m.history, "\n"))
			} else if m.provesLittle() {
				t.Errorf("only %d of %d edits changed a verdict, which proves little", m.changing, m.steps)
			}
		})
	}
}

// subject is a project that is edited.
type subject struct {
	python string
	root   string
	labels []string
	edits  []edit
}

// mutations edit a project and hold its runs against cold ones.
type mutations struct {
	*mutator
	t         *testing.T
	subject   subject
	clubs     []*mutated
	before    map[string]runner.State // verdicts of the last cold run
	last      map[string]runner.State // of each test when it last had one
	steps     int
	changing  int // steps that changed a verdict
	differing int // steps with a difference
	history   []string
	scratch   string // bytecode of the cold runs
}

// mutated is one of the variants.
type mutated struct {
	*club
	name     string
	args     []string
	own      []string // its environment, without what edits add to it
	affected bool     // --affected is there
}

func newMutations(t *testing.T, s subject, seed uint64, usual string) *mutations {
	only := regexp.MustCompile(os.Getenv("HOTCLUB_MUTATIONS_ONLY"))
	s.edits = slices.DeleteFunc(s.edits, func(e edit) bool { return !only.MatchString(e.name) })
	m := &mutations{
		t: t, subject: s, scratch: t.TempDir(),
		mutator: &mutator{
			t: t, root: s.root, edits: s.edits, random: rand.New(rand.NewPCG(seed, 1)),
			variables: make(map[string]string), undo: make(map[string]string),
		},
	}
	asked := strings.Split(cmp.Or(os.Getenv("HOTCLUB_MUTATIONS_VARIANTS"), usual), ",")
	for _, v := range variants {
		if !slices.Contains(asked, v.name) {
			continue
		}
		c := &mutated{club: newClubAt(t, s.python, s.root), name: v.name}
		c.own = append(c.env, v.env...)
		c.args = slices.Concat(v.args, []string{"-n", "1", "--timeout", "30s"}, s.labels)
		m.clubs = append(m.clubs, c)
	}
	want, stories := m.verdicts()
	m.compare("before the first edit", want, stories)
	m.before = coldStates(want)
	m.last = maps.Clone(m.before)
	if len(m.before) == 0 {
		t.Fatal("the cold run ran no test")
	}
	m.askForAffected()
	return m
}

// provesLittle reports whether too few of the edits changed a verdict.
func (m *mutations) provesLittle() bool { return m.changing*3 < m.steps }

// step makes an edit, in one of six while the runs that an earlier one caused have not ended.
func (m *mutations) step() {
	m.steps++
	what := m.edit()
	overtaken := m.random.IntN(6) == 0
	if overtaken {
		early := m.begin()
		moment := time.Duration(m.random.IntN(600)) * time.Millisecond
		<-time.After(moment)
		what += fmt.Sprintf("; %v into its runs: %s", moment, m.edit())
		for i, c := range m.clubs {
			c.ended(early[i]) // it had the one or the other, or something between: nobody can tell
		}
	}
	m.history = append(m.history, fmt.Sprintf("%3d %s", m.steps, what))
	m.t.Log(m.history[len(m.history)-1])
	var affected map[*mutated]story
	if !overtaken { // else nobody can tell since which edit a test has not run
		affected = m.runAffected()
	}
	want, stories := m.verdicts()
	if !m.compare(what, want, stories) || !m.compareAffected(what, want, affected) {
		m.differing++
	}
	now := coldStates(want)
	if !maps.Equal(m.before, now) {
		m.changing++
	}
	m.before = now
	if overtaken {
		// The early run may have had a verdict where now, with a project that does not load, is none.
		clear(m.last)
	}
	maps.Copy(m.last, now)
}

// verdicts runs everything, warm and cold at the same time.
func (m *mutations) verdicts() (reference, []story) {
	m.t.Helper()
	runs := m.begin()
	want := m.cold()
	var stories []story
	for i, c := range m.clubs {
		c.ended(runs[i])
		stories = append(stories, c.parse(runs[i].wait()))
	}
	return want, stories
}

func (m *mutations) begin() []*ongoing {
	m.t.Helper()
	m.equip()
	var runs []*ongoing
	for _, c := range m.clubs {
		runs = append(runs, c.begin(c.args...))
	}
	return runs
}

// equip gives the variants the environment that edits have made.
func (m *mutations) equip() {
	for _, c := range m.clubs {
		c.env = append(slices.Clip(c.own), m.environment()...)
	}
}

// ended waits for the end of a run, which may have to boot and to migrate first.
func (c *mutated) ended(o *ongoing) {
	c.t.Helper()
	select {
	case <-o.ended:
	case <-time.After(3 * time.Minute):
		c.t.Fatalf("%s: the run did not end\n%s\n%s", c.name, &o.raw, &o.stderr)
	}
}

// compare reports whether all runs had the verdicts of the cold one.
func (m *mutations) compare(what string, want reference, stories []story) bool {
	m.t.Helper()
	same := true
	for i, got := range stories {
		for label, l := range got.tests {
			if _, ran := want.Tests[label]; !ran && l.State == runner.NotRun {
				delete(got.tests, label) // nor did Django run it
			}
		}
		if differences := compare(want, got, nil); len(differences) > 0 {
			same = false
			m.tell(m.clubs[i], what, differences, got)
		}
	}
	return same
}

// tell shows the first differences, and the end of what the run said.
func (m *mutations) tell(c *mutated, what string, differences []string, got story) {
	m.t.Helper()
	said := got.stderr[max(0, len(got.stderr)-1000):]
	m.t.Errorf("%s: %s: %d differences:\n%s\n%s", c.name, what, len(differences), strings.Join(differences[:min(5, len(differences))], "\n"), said)
}

// cold is manage.py test in a process that trusts no bytecode of the project: Python takes that
// for good when its source has changed within a second and kept its size.
func (m *mutations) cold() reference {
	m.t.Helper()
	bytecode := filepath.Join(m.scratch, "bytecode")
	if err := os.RemoveAll(filepath.Join(bytecode, m.root)); err != nil {
		m.t.Fatal(err)
	}
	r, _ := recorded(m.t, m.subject.python, m.root, m.subject.labels, append(m.environment(), "PYTHONPYCACHEPREFIX="+bytecode))
	return r
}

func coldStates(r reference) map[string]runner.State {
	states := make(map[string]runner.State, len(r.Tests))
	for label, test := range r.Tests {
		states[label] = test.State
	}
	return states
}
