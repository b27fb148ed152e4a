package lspserver_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/lspserver"
	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// known is an editor that has the tree.
func (w *window) known(t *testing.T) *lsptest.Editor {
	t.Helper()
	e := w.open(t, lsptest.Options{})
	discover(t, e)
	waitTree(t, e, w.id("test_skip"), true)
	return e
}

func TestResults(t *testing.T) {
	w := newWindow(t, nil)
	e := w.known(t)
	results := func(params any) (list []string) {
		var answer wire.ResultsAnswer
		unmarshal(t, e.Call(wire.MethodResults, params).Result, &answer)
		for _, r := range answer.Results {
			text := string(r.ID)[strings.LastIndex(string(r.ID), ":")+1:] + " " + string(r.State)
			if r.Stale {
				text += " stale"
			}
			if r.At == "" || r.Label == "" {
				t.Errorf("got %+v", r)
			}
			list = append(list, text)
		}
		return list
	}
	if got := results(nil); got != nil {
		t.Errorf("got %q", got)
	}
	runFile(t, e, w.file)
	all := []string{"test_pass passed", "test_fail failed", "test_skip skipped"}
	for _, params := range []any{nil, map[string]any{"uri": e.URI(w.file)}, map[string]any{"ids": []string{"fakeweb//shop"}}} {
		if diff := cmp.Diff(all, results(params)); diff != "" {
			t.Errorf("%v: %s", params, diff)
		}
	}
	if got := results(map[string]any{"ids": []runner.TestID{w.id("test_fail"), "no//such"}}); !cmp.Equal(got, all[1:2]) {
		t.Errorf("got %q", got)
	}
	e.Replace(w.file, "assertEqual(3, 4)", "assertEqual(3, 5)")
	if got := results(nil); !cmp.Equal(got, []string{all[0], "test_fail failed stale", all[2]}) {
		t.Errorf("got %q", got)
	}
	e.Close(w.file)
	if got := results(nil); !cmp.Equal(got, all) {
		t.Errorf("closed without saving: got %q", got)
	}
}

func TestOutput(t *testing.T) {
	w := newWindow(t, nil)
	e := w.known(t)
	owner, _ := w.engine.Open(runner.Client{Dir: w.root}, runner.Overrides{})
	owner.History.Record("shop.tests.CartTests.test_pass", runner.Verdict{State: runner.Passed}, "aé🎸\xff!")
	for _, c := range []struct {
		offset, limit int
		want          wire.OutputAnswer
	}{
		{0, 0, wire.OutputAnswer{Text: "aé🎸�!", Total: 9, Next: 9}},
		{0, 2, wire.OutputAnswer{Text: "a", Total: 9, Next: 1}},
		{1, 4, wire.OutputAnswer{Text: "é", Total: 9, Next: 3}},
		{3, 4, wire.OutputAnswer{Text: "🎸", Total: 9, Next: 7}},
		{3, 1, wire.OutputAnswer{Text: "�", Total: 9, Next: 4}}, // it goes on whatever the client asks
		{99, 1, wire.OutputAnswer{Total: 9, Next: 9}},
	} {
		var got wire.OutputAnswer
		unmarshal(t, e.Call(wire.MethodOutput, wire.OutputParams{ID: w.id("test_pass"), Offset: c.offset, Limit: c.limit}).Result, &got)
		if got != c.want {
			t.Errorf("%d+%d: got %+v", c.offset, c.limit, got)
		}
	}
	if m := e.Call(wire.MethodOutput, wire.OutputParams{ID: w.id("test_pass"), Offset: -1}); m.Code() != -32602 {
		t.Errorf("got %+v", m)
	}
}

// Ids of what is not there any more, or never was, are errors that say so.
func TestIDsThatAreGone(t *testing.T) {
	w := newWindow(t, nil)
	e := w.known(t)
	for _, method := range []string{wire.MethodOutput, wire.MethodExplain} {
		if m := e.Call(method, wire.ExplainParams{ID: w.id("test_gone")}); m.Code() != -32803 || !strings.Contains(m.Error.Message, "is not there any more") {
			t.Errorf("%s: %+v", method, m.Error)
		}
		if m := e.Call(method, wire.ExplainParams{ID: "elsewhere//x"}); m.Code() != -32803 || !strings.Contains(m.Error.Message, "belongs to no project") {
			t.Errorf("%s: %+v", method, m.Error)
		}
	}
	if m := e.Call(wire.MethodCommand, wire.IDsParams{IDs: []runner.TestID{w.id("test_gone")}}); m.Code() != -32803 {
		t.Errorf("got %+v", m.Error)
	}
	if m := e.Execute("hotclub.run", map[string]any{"id": w.id("test_gone")}); !strings.Contains(string(m.Result), `"nothing"`) {
		t.Errorf("got %s %+v", m.Result, m.Error)
	}
	e.WaitMessage("No test was run")
}

func TestExplain(t *testing.T) {
	w := newWindow(t, nil)
	e := w.known(t)
	explain := func(test string) string {
		var answer wire.TextAnswer
		unmarshal(t, e.Call(wire.MethodExplain, wire.ExplainParams{ID: w.id(test)}).Result, &answer)
		return answer.Text
	}
	if got := explain("test_fail"); !strings.Contains(got, "read off the text") || !strings.Contains(got, "It has never run.") {
		t.Errorf("got %q", got)
	}
	runFile(t, e, w.file)
	if got := explain("test_fail"); !strings.Contains(got, "failed (AssertionError: 3 != 4) in 1.5 ms, on worker w1 of generation g1") || !strings.Contains(got, "nothing is warm") {
		t.Errorf("got %q", got)
	}
	cause := runner.Cause{File: filepath.Join(w.root, "shop", "models.py"), Rule: "changed"}
	w.engine.Stand(runner.ProjectStatus{State: runner.PoolReady, Generation: "g2", Changes: []runner.PoolChange{
		{Kind: runner.Invalidated, Generation: "g1", Cause: &cause}, {Kind: runner.Booted, Generation: "g2", TookMs: 180},
	}})
	if got := explain("test_fail"); !strings.Contains(got, "The verdict is stale: shop/models.py changed.") || !strings.Contains(got, "generation g1 ended: shop/models.py changed; g2 booted in 0.18 s") {
		t.Errorf("got %q", got)
	}
	w.engine.Stand(runner.ProjectStatus{State: runner.PoolReady, Generation: "g1"})
	if got := explain("test_fail"); !strings.Contains(got, "The verdict is about what is on the disk") {
		t.Errorf("got %q", got)
	}
	var byLabel wire.ExplainAnswer
	unmarshal(t, e.Call(wire.MethodExplain, wire.ExplainParams{Label: "shop/tests.py"}).Result, &byLabel)
	if len(byLabel.Tests) != 3 || !byLabel.Tests[1].Current || byLabel.Tests[1].Last.State != runner.Failed {
		t.Errorf("got %+v", byLabel)
	}
	var whole wire.ExplainAnswer
	unmarshal(t, e.Call(wire.MethodExplain, nil).Result, &whole)
	if len(whole.Tests) != 0 || whole.Root != w.root || whole.Now != "g1" || !strings.Contains(whole.Text, "workers are ready, generation g1") {
		t.Errorf("got %+v", whole)
	}
	if m := e.Call(wire.MethodExplain, wire.ExplainParams{Label: "shop.nothing"}); m.Code() != -32602 || !strings.Contains(m.Error.Message, "shop.nothing") {
		t.Errorf("got %+v", m)
	}
	e.Replace(w.file, "assertEqual(3, 4)", "assertEqual(3, 5)")
	if got := explain("test_fail"); !strings.Contains(got, "The verdict is stale: shop/tests.py changed") {
		t.Errorf("got %q", got)
	}
}

func TestPlainCommand(t *testing.T) {
	w := newWindow(t, nil)
	e := w.known(t)
	command := func(ids ...runner.TestID) (answer wire.CommandAnswer) {
		unmarshal(t, e.Call(wire.MethodCommand, wire.IDsParams{IDs: ids}).Result, &answer)
		return answer
	}
	got := command(w.id("test_pass"), "fakeweb//shop/tests.py")
	if want := []string{"/usr/bin/python3", w.root + "/manage.py", "test", "shop.tests.CartTests.test_pass", "shop.tests"}; !cmp.Equal(got.Command, want) || got.CWD != w.root {
		t.Errorf("got %+v", got)
	}
	if got := command("fakeweb//"); len(got.Command) != 3 || !strings.HasPrefix(got.Text, "cd ") {
		t.Errorf("got %+v", got)
	}
	if m := e.Call(wire.MethodCommand, wire.IDsParams{IDs: []runner.TestID{"no//"}}); m.Code() != -32602 {
		t.Errorf("got %+v", m)
	}
}

func TestDiagnose(t *testing.T) {
	w := newWindow(t, func(o *lspserver.Options) {
		o.Diagnose = func(_ context.Context, client runner.Client, overrides runner.Overrides) string {
			return client.Dir + " with " + overrides.Python
		}
	})
	e := w.editor(t, lsptest.Options{Folders: []string{w.root}, Initialization: map[string]any{"python": "/py"}})
	if m := e.Call(wire.MethodDiagnose, nil); string(m.Result) != `{"text":"`+w.root+` with /py"}` {
		t.Errorf("got %s %+v", m.Result, m.Error)
	}
	untrusted := w.editor(t, lsptest.Options{Folders: []string{w.root}, Untrusted: true})
	if m := untrusted.Call(wire.MethodDiagnose, nil); m.Code() != -32803 {
		t.Errorf("got %s", m.Result)
	}
}
