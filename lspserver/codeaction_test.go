package lspserver_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/lspserver/lsptest"
)

func actionTitles(actions []lsptest.Action) (list []string) {
	for _, a := range actions {
		list = append(list, a.Title)
	}
	return list
}

func TestCodeActionsAreTheRuns(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	at := e.Find(w.file, "self.assertEqual")
	want := []string{"Run test_fail", "Run CartTests", "Run all tests of this file", "Run the failed tests of this file", "Run the tests of this file that edits can have changed", "Watch this file: run its tests at every save"}
	actions := e.CodeActions(w.file, at)
	if diff := cmp.Diff(want, actionTitles(actions)); diff != "" {
		t.Error(diff)
	}
	if m := e.Click(actions[0].ClickOf()); m.Error != nil {
		t.Fatal(m.Error)
	}
	w.waitTitle(t, e, "test_fail", "▶ Run · ✘")
	if got := actionTitles(e.CodeActions(w.file, at)); !cmp.Equal(got[1], "Show the log of test_fail") {
		t.Errorf("got %q", got)
	}
	if got := actionTitles(e.CodeActions(w.file, e.Find(w.file, "class Helper"))); !cmp.Equal(got, want[2:]) {
		t.Errorf("outside of tests: %q", got)
	}
	for _, kind := range []string{"source.organizeImports", "quickfix"} {
		if got := e.CodeActions(w.file, at, kind); len(got) > 0 {
			t.Errorf("%s: %q", kind, actionTitles(got))
		}
	}
	if got := e.CodeActions(w.file, at, ""); len(got) == 0 {
		t.Error("none of any kind")
	}
}

// An editor that does not know of code actions as such gets bare commands.
func TestBareCommands(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{Capabilities: map[string]any{"textDocument": map[string]any{"codeAction": nil}}})
	for _, action := range e.CodeActions(w.file, e.Find(w.file, "test_pass")) {
		var command string
		if err := json.Unmarshal(action.Command, &command); err != nil {
			t.Errorf("%s: %v", action.Title, err)
		}
	}
}

// What a client says that it carries out itself is offered beside the runs.
func TestActionsOfTheClient(t *testing.T) {
	w := newWindow(t, nil)
	own := func([]json.RawMessage) {}
	e := w.open(t, lsptest.Options{Commands: map[string]func([]json.RawMessage){"hotclub.debug": own, "hotclub.runInTerminal": own}})
	got := actionTitles(e.CodeActions(w.file, e.Find(w.file, "test_pass")))
	for _, title := range []string{"Debug test_pass", "Run test_pass in the terminal"} {
		if !slices.Contains(got, title) {
			t.Errorf("no %q in %q", title, got)
		}
	}
}

// An editor that draws no lenses misses none: what a lens does, an action at its line does too.
func TestActionsReachWhatLensesDo(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{Commands: map[string]func([]json.RawMessage){"hotclub.debug": func([]json.RawMessage) {}}})
	e.Execute("hotclub.runFile", map[string]any{"uri": e.URI(w.file)})
	w.waitTitle(t, e, "test_fail", "▶ Run · ✘")
	lenses := e.Lenses(w.file)
	var seen []string
	for _, lens := range lenses {
		wanted := *lens.Command
		seen = append(seen, wanted.Command)
		if !slices.ContainsFunc(e.CodeActions(w.file, lens.Range), func(a lsptest.Action) bool {
			does := a.ClickOf()
			return does.Command == wanted.Command && cmp.Equal(does.Arguments, wanted.Arguments)
		}) {
			t.Errorf("no action does what the lens %q at line %d does", wanted.Title, lens.Range.Start.Line)
		}
	}
	for _, command := range []string{"hotclub.run", "hotclub.runFile", "hotclub.runFailed", "hotclub.toggleWatch", "hotclub.debug"} {
		if !slices.Contains(seen, command) {
			t.Errorf("no lens does %s", command)
		}
	}
	e.Execute("hotclub.toggleWatch", map[string]any{"uri": e.URI(w.file)})
	if got := actionTitles(e.CodeActions(w.file, lenses[0].Range)); !slices.Contains(got, "Stop watching this file") {
		t.Errorf("got %q", got)
	}
}
