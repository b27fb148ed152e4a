package explain

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotclub/runner"
	"hotclub/runner/history"
)

const root = "/home/ana/shop"

func cause(file, rule string) *runner.Cause {
	return &runner.Cause{File: filepath.Join(root, file), Rule: rule}
}

// at is so many seconds after a quarter to five.
func at(seconds int) time.Time {
	return time.Date(2026, 11, 25, 16, 43, seconds, 0, time.Local)
}

// steps are a day of a project.
func steps() []runner.PoolChange {
	fault := &runner.Message{Text: "Traceback …", Summary: "SyntaxError: invalid syntax", Location: &runner.Location{File: filepath.Join(root, "catalog/views.py"), Line: 7}}
	return []runner.PoolChange{
		{At: at(0), Kind: runner.Booting},
		{At: at(1), Kind: runner.Booted, Generation: "a16db580", TookMs: 1020},
		{At: at(2), Kind: runner.WorkersReady, Generation: "a16db580", TookMs: 1900},
		{At: at(3), Kind: runner.BaseReady, Generation: "a16db580"},
		{At: at(22), Kind: runner.Invalidated, Generation: "a16db580", Cause: cause("catalog/views.py", "changed"), Workers: 4},
		{At: at(22), Kind: runner.Booting, Cause: cause("catalog/views.py", "changed"), LastMs: 1020},
		{At: at(23), Kind: runner.Superseded, Cause: cause("catalog/urls.py", "is new")},
		{At: at(23), Kind: runner.Booted, Generation: "472cf8ec", TookMs: 181, Base: true, From: "s16"},
		{At: at(24), Kind: runner.WorkerLost, Generation: "472cf8ec", Cause: cause("tests/helper.py", "changed"), Workers: 1},
		{At: at(30), Kind: runner.Invalidated, Generation: "472cf8ec", Cause: cause("catalog/views.py", "changed")},
		{At: at(30), Kind: runner.Booting},
		{At: at(31), Kind: runner.BootFailed, Fault: fault},
		{At: at(40), Kind: runner.Booting},
		{At: at(41), Kind: runner.Booted, Generation: "0c0ffee0", TookMs: 12_340},
		{At: at(50), Kind: runner.Invalidated, Generation: "0c0ffee0", Reason: "somebody asked for new workers"},
		{At: at(55), Kind: runner.BaseRefused, Reason: "it forks badly"},
		{At: at(59), Kind: runner.PoolEnded},
	}
}

func TestJournal(t *testing.T) {
	var got []string
	for _, entry := range Journal(root, steps()) {
		got = append(got, Clock(entry.At, at(0))+" "+entry.Text)
	}
	want := []string{
		"16:43:59 all workers ended",
		"16:43:55 every start imports everything: it forks badly",
		"16:43:50 generation 0c0ffee0 ended: somebody asked for new workers",
		"16:43:40 the project started; 0c0ffee0 booted in 12.3 s",
		"16:43:30 generation 472cf8ec ended: catalog/views.py changed; it does not start: SyntaxError: invalid syntax (catalog/views.py:7)",
		"16:43:24 a worker that had loaded tests ended: tests/helper.py changed",
		"16:43:22 generation a16db580 ended: catalog/views.py changed; begun again: catalog/urls.py is new; 472cf8ec booted in 0.18 s with the third-party imports of s16",
		"16:43:03 the third-party imports are kept: an edit costs the project's own imports alone",
		"16:43:00 the project started; a16db580 booted in 1.02 s, the first worker was ready after 1.90 s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// What led to the first steps may be forgotten.
	for from := range steps() {
		Journal(root, steps()[from:])
	}
}

func TestProject(t *testing.T) {
	x := Project(root, &runner.ProjectStatus{State: runner.PoolReady, Generation: "472cf8ec", Changes: steps()[:9]}, cause("conf.py", "is gone"))
	if x.Restarted == nil || x.Restarted.Ended != "a16db580" || x.Restarted.Generation != "472cf8ec" || x.Restarted.TookMs != 181 || !x.Restarted.Base || x.Restarted.Cause.Rule != "changed" {
		t.Errorf("got %+v", x.Restarted)
	}
	text := x.Text(at(59))
	if !strings.HasPrefix(text, root+": workers are ready, generation 472cf8ec; stale by now: conf.py is gone\n16:43:24 ") {
		t.Errorf("got %s", text)
	}
	if got := Project(root, nil, nil).Text(at(0)); got != root+": nothing is warm; the next run starts the project\n" {
		t.Errorf("got %q", got)
	}
}

func TestAboutATest(t *testing.T) {
	item := runner.Item{ID: "k//shop/tests.py::T::test_it", Kind: runner.KindTest, Label: "shop.tests.T.test_it", Fidelity: runner.Collected}
	past := &history.Past{At: at(2), Verdict: runner.Verdict{State: runner.Passed, DurationMs: 1.5, Worker: "f3", Generation: "a16db580"}}
	pool := func(generation string, changes []runner.PoolChange) *runner.ProjectStatus {
		return &runner.ProjectStatus{Generation: generation, Changes: changes}
	}
	const ran = "It last ran at 16:43:02: passed in 1.5 ms, on worker f3 of generation a16db580."
	const current = "The verdict is about what is on the disk: its text is as it was, and so is all that its generation has read."
	for name, each := range map[string]struct {
		known Known
		want  []string
	}{
		"never": {Known{}, []string{"It has never run."}},
		"asked": {Known{Last: &runner.Selection{Labels: []string{"shop.other"}}}, []string{
			"It has never run.", "The last run of the project asked for shop.other, which does not have it.",
		}},
		"everything": {Known{Last: &runner.Selection{}}, []string{"It has never run.", "The last run of the project asked for everything, which has it."}},
		"an id": {Known{Last: &runner.Selection{IDs: []runner.TestID{"k//shop/tests.py"}}}, []string{
			"It has never run.", "The last run of the project asked for shop/tests.py, which has it.",
		}},
		"a filter": {Known{Last: &runner.Selection{Labels: []string{"shop"}, Tags: []string{"slow"}}}, []string{
			"It has never run.", "The last run of the project asked for shop --tag slow, which may have it.",
		}},
		"current":             {Known{Past: past, Pool: pool("a16db580", nil)}, []string{ran, current}},
		"edited":              {Known{Past: past, Pool: pool("a16db580", nil), Stale: cause("conf.py", "changed")}, []string{ran, "The verdict is stale: conf.py changed."}},
		"of another one":      {Known{Past: past, Pool: pool("472cf8ec", steps()[:8])}, []string{ran, "The verdict is stale: catalog/views.py changed."}},
		"of a forgotten one":  {Known{Past: past, Pool: pool("472cf8ec", nil)}, []string{ran, "The verdict is stale: it is of generation a16db580, which ended before what is remembered; 472cf8ec is warm now."}},
		"while nothing warms": {Known{Past: past}, []string{ran, "The verdict is stale: nothing is warm, so that nobody has kept what changed since."}},
		"running":             {Known{Running: runner.Started}, []string{"It is started in a run that goes on.", "It has never run."}},
	} {
		each.known.Root = root
		got := About(item, each.known).Sentences(at(30))
		want := append([]string{"shop.tests.T.test_it: found in the text and by the project's own loader"}, each.want...)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestStatusTellsTheLastChanges(t *testing.T) {
	var b bytes.Buffer
	Status(&b, runner.ProjectStatus{
		Root: root, State: runner.PoolReady, Generation: "472cf8ec", FilesRead: 42, Changes: steps()[:9], Unwatched: "refused; remedy: sysctl",
		Workers: []runner.WorkerStatus{
			{Name: "s16", Kind: "base", State: "ready", PID: 1, Since: at(3)},
			{Name: "f3", Kind: "forked", State: "ready", PID: 2, Since: at(3), Generation: "472cf8ec", Loaded: []string{"shop.tests"}},
			{Name: "f4", Kind: "forked", State: "running", PID: 3, Since: at(3), Generation: "472cf8ec", Test: "shop.tests.T.test_it", MemoryMB: 14.2},
		},
	}, at(33))
	for _, want := range []string{
		"third-party imports  kept by s16\n", "not watched          refused; remedy: sysctl\n",
		"changes              16:43:24 a worker that had loaded tests ended: tests/helper.py changed\n",
		"                     16:43:22 generation a16db580 ended", "                     16:43:03 the third-party imports",
		"(has loaded shop.tests)\n", "14 MB   472cf8ec    shop.tests.T.test_it\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
	if strings.Contains(b.String(), "16:43:00") {
		t.Errorf("too many changes in\n%s", &b)
	}
}

// A project has a pool more for runs with coverage, which must be told from the others.
func TestStatusNamesThePoolForCoverage(t *testing.T) {
	for want, measures := range map[string]*runner.Measure{
		"":                                  nil,
		"serves  runs with coverage: lines": {},
		"serves  runs with coverage: lines and branches of shop, lib": {Branches: true, Sources: []string{"shop", "lib"}},
	} {
		var b bytes.Buffer
		Status(&b, runner.ProjectStatus{Root: root, Measures: measures}, at(33))
		_, got, _ := strings.Cut(b.String(), root+"\n")
		if got = strings.TrimSpace(got); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
