package lspserver_test

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// What hotclub/run asks for reaches the engine, in the project that it is about.
func TestSelections(t *testing.T) {
	w := newWindow(t, nil)
	e := w.known(t)
	id := w.id("test_pass")
	nearest := map[string]any{"uri": e.URI(w.file), "position": e.Find(w.file, "self.assertEqual").Start}
	for name, c := range map[string]struct {
		params map[string]any
		want   runner.Selection
	}{
		"ids":      {map[string]any{"select": map[string]any{"ids": []any{id}}}, runner.Selection{IDs: []runner.TestID{id}}},
		"labels":   {map[string]any{"select": map[string]any{"labels": []string{"shop.tests"}}}, runner.Selection{Labels: []string{"shop.tests"}}},
		"path":     {map[string]any{"select": map[string]any{"labels": []string{"shop/tests.py"}}}, runner.Selection{Labels: []string{"shop.tests"}}},
		"uri":      {map[string]any{"select": map[string]any{"uri": e.URI(w.file)}}, runner.Selection{Labels: []string{"shop.tests"}}},
		"nearest":  {map[string]any{"select": map[string]any{"nearest": nearest}}, runner.Selection{IDs: []runner.TestID{w.id("test_fail")}}},
		"last":     {map[string]any{"select": map[string]any{"last": true}}, runner.Selection{Last: true}},
		"failed":   {map[string]any{"select": map[string]any{"failed": true}}, runner.Selection{Failed: true}},
		"affected": {map[string]any{"select": map[string]any{"affected": "sinceLastRun"}}, runner.Selection{Affected: runner.SinceLastRun}},
		"revision": {map[string]any{"select": map[string]any{"affected": "HEAD"}}, runner.Selection{Affected: "HEAD"}},
		"tags":     {map[string]any{"select": map[string]any{"tags": []string{"slow"}, "excludeTags": []string{"x"}}}, runner.Selection{Tags: []string{"slow"}, ExcludeTags: []string{"x"}}},
		"patterns": {map[string]any{"select": map[string]any{"patterns": []string{"cart"}}}, runner.Selection{Patterns: []string{"cart"}}},
		"all":      {map[string]any{"select": map[string]any{"all": true}}, runner.Selection{}},
		"nothing":  {map[string]any{}, runner.Selection{}},
		"exclude":  {map[string]any{"exclude": []any{id}}, runner.Selection{Exclude: []runner.TestID{id}}},
	} {
		c.params["runId"] = name
		e.Run(c.params)
		e.WaitRunFinished(runner.RunID(name))
		all := w.engine.Requests()
		last := all[len(all)-1]
		if diff := cmp.Diff(c.want, last.Selection); diff != "" || last.Client.Dir != w.root {
			t.Errorf("%s: in %s %s", name, last.Client.Dir, diff)
		}
	}
}

// The answer comes at once, and tells what is known.
func TestAnswerToRun(t *testing.T) {
	w := newWindow(t, nil)
	e := w.openBlocking(t, lsptest.Options{})
	discover(t, e)
	waitTree(t, e, w.id("test_block"), true)
	e.Replace(w.file, "class CartTests", "# not saved\nclass CartTests")
	e.Open("untitled:Untitled-1", "x")
	answer := e.Run(map[string]any{"runId": "first", "select": map[string]any{"all": true}})
	want := wire.RunAnswer{RunID: "first", Total: 2, Unsaved: []string{e.URI(w.file)}, Workers: runner.WorkerCount{Ready: 2}}
	if diff := cmp.Diff(want, answer); diff != "" {
		t.Error(diff)
	}
	receive(t, w.blocked, "the block")
	e.Save(w.file)
	answer = e.Run(map[string]any{"runId": "second", "select": map[string]any{"all": true}, "exclude": []any{w.id("test_block")}})
	want = wire.RunAnswer{RunID: "second", Total: 1, Position: 1, Unsaved: []string{}, Workers: runner.WorkerCount{Ready: 2}}
	if diff := cmp.Diff(want, answer); diff != "" {
		t.Error(diff)
	}
	for _, id := range []runner.RunID{"first", "second"} {
		e.Call(wire.MethodCancelRun, wire.CancelRunParams{RunID: id})
		e.WaitRunFinished(id)
	}
}

// What the client says that it saved is what runs, or nothing does.
func TestFresh(t *testing.T) {
	w := newWindow(t, nil)
	e := w.known(t)
	sum := sha256.Sum256([]byte(shop))
	right, wrong := hex.EncodeToString(sum[:]), strings.Repeat("0", 64)
	gone := e.URI(filepath.Join(w.root, "gone.py"))
	for name, c := range map[string]struct {
		fresh map[string]any
		code  int
	}{
		"right": {map[string]any{"uri": e.URI(w.file), "sha256": strings.ToUpper(right)}, 0}, "none": {map[string]any{"uri": e.URI(w.file)}, 0},
		"wrong": {map[string]any{"uri": e.URI(w.file), "sha256": wrong}, -32801}, "gone": {map[string]any{"uri": gone}, -32801},
		"no file": {map[string]any{"uri": "untitled:x"}, -32602},
	} {
		m := e.Call(wire.MethodRun, map[string]any{"runId": name, "fresh": []any{c.fresh}, "select": map[string]any{"ids": []any{w.id("test_pass")}}})
		if m.Code() != c.code {
			t.Errorf("%s: %+v", name, m)
		}
		if c.code == 0 {
			e.WaitRunFinished(runner.RunID(name))
		}
	}
	if got := len(w.engine.Requests()); got != 2 {
		t.Errorf("%d runs", got)
	}
}

// A file that is not UTF-8, or begins with a mark, is no unsaved one.
func TestUnsavedByBytes(t *testing.T) {
	w := newWindow(t, nil)
	latin, marked := filepath.Join(w.root, "latin.py"), filepath.Join(w.root, "marked.py")
	write(t, latin, "# -*- coding: latin-1 -*-\n# gr\xfc\xdfe\n")
	write(t, marked, "\ufeffx = 1\n")
	e := w.known(t)
	e.Open(latin, "# -*- coding: latin-1 -*-\n# grüße\n")
	e.Open(marked, "x = 1\n")
	e.Open(filepath.Join(w.root, "new.py"), "never saved")
	answer := e.Run(map[string]any{"runId": "r", "select": map[string]any{"ids": []any{w.id("test_pass")}}})
	if want := []string{e.URI(filepath.Join(w.root, "new.py"))}; !cmp.Equal(answer.Unsaved, want) {
		t.Errorf("got %q", answer.Unsaved)
	}
	e.WaitRunFinished("r")
}

// Each way to cancel a run that was asked for with hotclub/run.
func TestCancelOfARun(t *testing.T) {
	w := newWindow(t, nil)
	e := w.openBlocking(t, lsptest.Options{})
	discover(t, e)
	waitTree(t, e, w.id("test_block"), true)
	run := func(id string) {
		e.Run(map[string]any{"runId": id, "select": map[string]any{"ids": []any{w.id("test_block")}}})
		receive(t, w.blocked, "the block")
	}
	cancelled := func(id runner.RunID) {
		t.Helper()
		if got := e.WaitRunFinished(id); got.Finished.Outcome != runner.CancelledRun || got.Verdicts[w.id("test_block")].State != runner.Cancelled {
			t.Errorf("%s: %+v", id, got)
		}
	}
	run("byRun")
	e.Call(wire.MethodCancelRun, wire.CancelRunParams{RunID: "byRun"})
	cancelled("byRun")
	run("byCommand")
	e.Execute("hotclub.cancel", map[string]any{"runId": "byCommand"})
	cancelled("byCommand")
	run("byNext")
	e.Run(map[string]any{"runId": "next", "onBusy": "cancelPrevious", "select": map[string]any{"ids": []any{w.id("test_fail")}}})
	cancelled("byNext")
	run("byShutdown")
	e.Quit()
	cancelled("byShutdown")
}

// The command and the action for the affected tests say since when.
func TestAffectedCommand(t *testing.T) {
	w := newWindow(t, nil)
	e := w.known(t)
	for i, c := range []struct {
		argument map[string]any
		want     runner.Selection
	}{
		{nil, runner.Selection{Affected: runner.SinceLastRun}},
		{map[string]any{"since": "main"}, runner.Selection{Affected: "main"}},
		{map[string]any{"uri": e.URI(w.file)}, runner.Selection{Affected: runner.SinceLastRun, Labels: []string{"shop.tests"}}},
	} {
		var arguments []any
		if c.argument != nil {
			arguments = []any{c.argument}
		}
		if m := e.Execute("hotclub.runAffected", arguments...); m.Error != nil {
			t.Fatalf("%v: %s", c.argument, m.Error.Message)
		}
		e.WaitNextRun(i + 1)
		all := w.engine.Requests()
		if diff := cmp.Diff(c.want, all[len(all)-1].Selection); diff != "" {
			t.Errorf("%v: %s", c.argument, diff)
		}
	}
}
