package lspserver_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// measure runs with coverage and waits for the end.
func measure(t *testing.T, p *lsptest.Peer, id runner.RunID) {
	t.Helper()
	p.Call(wire.MethodRun, wire.RunParams{RunID: id, Coverage: &runner.Measure{Branches: true, Sources: []string{"shop"}}})
	finished(t, p, string(id))
}

func TestCoverage(t *testing.T) {
	b := setup(t, nil)
	b.engine.Coverage = runner.Coverage{Tool: "coverage 7.6.1", Files: []runner.FileCoverage{
		{
			File: "/project/a b.py", Executed: 2, Total: 3, BranchesExecuted: 1, BranchesTotal: 2,
			ExecutedLines: []runner.LineRange{{1, 2}}, MissedLines: []runner.LineRange{{4, 4}},
			Branches: []runner.Branch{{Line: 2, To: 4}, {Line: 2, To: -1, Taken: true}},
		},
		{File: "/project/empty.py"},
	}}
	p := b.client(t)
	measure(t, p, "r")
	if asked := b.engine.Requests()[0].Options.Measure; !cmp.Equal(asked, &runner.Measure{Branches: true, Sources: []string{"shop"}}) {
		t.Errorf("the engine was asked for %+v", asked)
	}
	for params, want := range map[string]string{
		`{"runId":"r"}`: `{"tool":"coverage 7.6.1","files":[` +
			`{"uri":"file:///project/a%20b.py","executed":2,"total":3,"branchesExecuted":1,"branchesTotal":2},` +
			`{"uri":"file:///project/empty.py","executed":0,"total":0}]}`,
		`{"runId":"r","uri":"file:///project/a%20b.py"}`: `{"tool":"coverage 7.6.1","files":[` +
			`{"uri":"file:///project/a%20b.py","executed":2,"total":3,"branchesExecuted":1,"branchesTotal":2,"detail":{` +
			`"executed":[[0,1]],"missed":[[3,3]],"branches":[{"line":1,"to":3,"taken":false},{"line":1,"to":-1,"taken":true}]}}]}`,
		`{"runId":"r","uri":"file:///project/empty.py"}`: `{"tool":"coverage 7.6.1","files":[` +
			`{"uri":"file:///project/empty.py","executed":0,"total":0,"detail":{"executed":[],"missed":[]}}]}`,
		`{"runId":"r","uri":"file:///project/none.py"}`: `{"tool":"coverage 7.6.1","files":[]}`,
	} {
		if got := string(p.Call(wire.MethodCoverage, json.RawMessage(params)).Result); got != want {
			t.Errorf("%s: got %s\nwant %s", params, got, want)
		}
	}
	if m := p.Call(wire.MethodCoverage, wire.CoverageParams{}); m.Code() != -32602 {
		t.Errorf("without a run: %+v", m)
	}
}

// A client hears of its own runs alone, and of those that were asked to measure.
func TestCoverageThatIsNotThere(t *testing.T) {
	b := setup(t, nil)
	p, other := b.client(t), b.client(t)
	measure(t, p, "r")
	p.Call(wire.MethodRun, wire.RunParams{RunID: "plain"})
	finished(t, p, "plain")
	for id, asked := range map[runner.RunID]*lsptest.Peer{"plain": p, "never": p, "r": other} {
		m := asked.Call(wire.MethodCoverage, wire.CoverageParams{RunID: id})
		if m.Code() != -32803 || !strings.Contains(m.Error.Message, fmt.Sprintf("run %q", id)) {
			t.Errorf("%s: %+v", id, m)
		}
	}
}

// The latest four runs are kept, fewer where they take a lot of memory.
func TestCoverageIsLetGoOf(t *testing.T) {
	b := setup(t, nil)
	p := b.client(t)
	kept := func() (ids []string) {
		for i := range 9 {
			id := runner.RunID(fmt.Sprint("r", i))
			if p.Call(wire.MethodCoverage, wire.CoverageParams{RunID: id}).Error == nil {
				ids = append(ids, string(id))
			}
		}
		return ids
	}
	for i := range 6 {
		measure(t, p, runner.RunID(fmt.Sprint("r", i)))
	}
	if got := kept(); !cmp.Equal(got, []string{"r2", "r3", "r4", "r5"}) {
		t.Errorf("got %q", got)
	}
	b.engine.Coverage.Files = []runner.FileCoverage{{File: "/project/large.py", MissedLines: make([]runner.LineRange, 3<<20)}}
	measure(t, p, "r6")
	measure(t, p, "r7")
	if got := kept(); !cmp.Equal(got, []string{"r4", "r5", "r6", "r7"}) {
		t.Errorf("got %q", got)
	}
	measure(t, p, "r8")
	if got := kept(); !cmp.Equal(got, []string{"r7", "r8"}) {
		t.Errorf("got %q", got)
	}
}
