package lspserver_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

func TestLensesStandAtFileClassAndTest(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	var got []string
	for _, lens := range e.Lenses(w.file) {
		got = append(got, strings.TrimSpace(strings.Split(shop, "\n")[lens.Range.Start.Line])+" | "+lens.Title()+" | "+lens.Command.Command)
	}
	want := []string{
		"from django.test import TestCase, tag | ▶ Run file | hotclub.runFile",
		"from django.test import TestCase, tag | Watch | hotclub.toggleWatch",
		"class CartTests(TestCase): | ▶ Run class | hotclub.run",
		"def test_pass(self): | ▶ Run | hotclub.run",
		`@tag("slow") | ▶ Run | hotclub.run`,
		"def test_skip(self): | ▶ Run | hotclub.run",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A lens whose command the client carries out is the client's; Debug is offered to those only that
// can do it.
func TestLensOfTheClientsOwnCommand(t *testing.T) {
	w := newWindow(t, nil)
	var clicked []json.RawMessage
	own := func(arguments []json.RawMessage) { clicked = arguments }
	e := w.open(t, lsptest.Options{Commands: map[string]func([]json.RawMessage){"hotclub.run": own, "hotclub.debug": own}})
	for _, command := range []string{"hotclub.run", "hotclub.debug"} {
		lens := lensOf(e, e.Lenses(w.file), w.file, "test_pass", command)
		if lens == nil {
			t.Fatalf("no %s in %q", command, titles(e.Lenses(w.file)))
		}
		click(t, e, *lens)
		var target struct{ ID runner.TestID }
		unmarshal(t, clicked[0], &target)
		if target.ID != w.id("test_pass") {
			t.Errorf("%s: got %s", command, clicked)
		}
	}
	if known, _ := e.Server("executeCommandProvider.commands").([]any); len(known) == 0 || cmp.Equal(known[0], "hotclub.run") {
		t.Errorf("the server takes %v", known)
	}
	if len(w.engine.Requests()) > 0 {
		t.Error("the server ran something")
	}
}

// A click on a lens runs the test, and the lens tells how it went.
func TestTitlesTellOfEachState(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	for _, c := range []struct{ test, title string }{
		{"test_pass", "▶ Run · ✔ 1.5 ms"}, {"test_fail", "▶ Run · ✘ 3 != 4"}, {"test_skip", "▶ Run · ○ not today"},
	} {
		click(t, e, w.waitTitle(t, e, c.test, "▶ Run"))
		w.waitTitle(t, e, c.test, c.title)
	}
	if !contains(titles(e.Lenses(w.file)), "▶ Run class · ✘ 1 of 3 failed") || !contains(titles(e.Lenses(w.file)), "Run failed") {
		t.Errorf("got %q", titles(e.Lenses(w.file)))
	}
	if id := lensID(t, w.waitTitle(t, e, "test_pass", "")); id != w.id("test_pass") {
		t.Errorf("got %s", id)
	}
}

func lensID(t *testing.T, lens lsptest.Lens) runner.TestID {
	t.Helper()
	var target struct{ ID runner.TestID }
	unmarshal(t, lens.Command.Arguments[0], &target)
	return target.ID
}

// Verdicts that only the project's history knows, as from an earlier session.
func TestTitlesOfEarlierVerdicts(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	p, err := w.engine.Open(runner.Client{Dir: w.root}, runner.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		verdict runner.Verdict
		title   string
	}{
		{runner.Verdict{State: runner.Passed, DurationMs: 38, Queries: 14}, "▶ Run · ✔ 38 ms · 14 queries"},
		{runner.Verdict{State: runner.Passed, DurationMs: 3800, Queries: 1}, "▶ Run · ✔ 3.8 s · 1 query"},
		{runner.Verdict{State: runner.XFailed, DurationMs: 2}, "▶ Run · ✔ failed as expected · 2.0 ms"},
		{runner.Verdict{State: runner.XPassed}, "▶ Run · ✘ passed unexpectedly"},
		{runner.Verdict{State: runner.Skipped}, "▶ Run · ○ skipped"},
		{runner.Verdict{State: runner.Errored}, "▶ Run · ✘ errored"},
		{runner.Verdict{State: runner.Errored, Messages: []runner.Message{{Text: strings.Repeat("ä", 100)}}}, "▶ Run · ✘ " + strings.Repeat("ä", 59) + "…"},
	} {
		p.History.Record("shop.tests.CartTests.test_pass", c.verdict, "")
		lens := lensOf(e, e.Lenses(w.file), w.file, "test_pass", "hotclub.run")
		if lens.Title() != c.title {
			t.Errorf("got %q, want %q", lens.Title(), c.title)
		}
	}
}

func TestTitlesWhileTestsRun(t *testing.T) {
	w := newWindow(t, nil)
	text := "from django.test import TestCase\n\n\nclass CartTests(TestCase):\n    def test_block(self):\n        pass\n\n    def test_pass(self):\n        pass\n"
	write(t, w.file, text)
	e := w.editor(t, lsptest.Options{Folders: []string{w.root}})
	e.Open(w.file, text)
	id := e.StartCommand("hotclub.runFile", map[string]any{"uri": e.URI(w.file)})
	receive(t, w.blocked, "the block")
	w.waitTitle(t, e, "test_block", "▶ Run · … running")
	w.waitTitle(t, e, "test_pass", "▶ Run · … queued")
	if got := titles(e.Lenses(w.file)); !contains(got, "▶ Run class · … running 2") {
		t.Errorf("got %q", got)
	}
	if m := e.Execute("hotclub.cancel"); m.Error != nil {
		t.Error(m.Error)
	}
	if m := e.Answer(id); !strings.Contains(string(m.Result), `"outcome":"cancelled"`) {
		t.Errorf("got %s", m.Result)
	}
	if got := titles(e.Lenses(w.file)); contains(got, "…") || contains(got, "cancelled") {
		t.Errorf("a cancelled run leaves what was known; got %q", got)
	}
}

// An edit makes the verdict of that test stale and no other, until the text is as it was, or a run
// has seen what was saved.
func TestStaleAfterAnEdit(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	if m := e.Execute("hotclub.runFile", map[string]any{"uri": e.URI(w.file)}); m.Error != nil {
		t.Fatal(m.Error)
	}
	w.waitTitle(t, e, "test_fail", "▶ Run · ✘ 3 != 4")
	title := func(test string) string { return lensOf(e, e.Lenses(w.file), w.file, test, "hotclub.run").Title() }

	e.Replace(w.file, "self.assertEqual(3, 4)", "self.assertEqual(3, 3)")
	if got := title("test_fail"); got != "▶ Run · ↻ stale, was ✘ 3 != 4" {
		t.Errorf("after the edit: %s", got)
	}
	if got := title("test_pass"); got != "▶ Run · ✔ 1.5 ms" {
		t.Errorf("another test: %s", got)
	}
	e.Replace(w.file, "self.assertEqual(3, 3)", "self.assertEqual(3, 4)")
	if got := title("test_fail"); got != "▶ Run · ✘ 3 != 4" {
		t.Errorf("after undo: %s", got)
	}

	e.Replace(w.file, "self.assertEqual(3, 4)", "self.assertEqual(3, 5)")
	click(t, e, w.waitTitle(t, e, "test_fail", "▶ Run")) // runs what is on the disk
	if got := title("test_fail"); got != "▶ Run · ↻ stale, was ✘ 3 != 4" {
		t.Errorf("after a run of what was not saved: %s", got)
	}
	e.Save(w.file)
	w.waitTitle(t, e, "test_fail", "▶ Run · ↻ stale")
	click(t, e, w.waitTitle(t, e, "test_fail", "▶ Run"))
	w.waitTitle(t, e, "test_fail", "▶ Run · ✘ 3 != 4")
	if got := title("test_pass"); got != "▶ Run · ✔ 1.5 ms" {
		t.Errorf("another test after all that: %s", got)
	}
}

// A branch that is checked out changes the file and the buffer, and nobody says didSave.
func TestStaleAfterAChangeOnTheDisk(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	e.WaitRegistered("workspace/didChangeWatchedFiles")
	click(t, e, w.waitTitle(t, e, "test_fail", "▶ Run"))
	other := strings.Replace(shop, "assertEqual(3, 4)", "assertEqual(3, 5)", 1)
	write(t, w.file, other)
	e.SetText(w.file, other)
	e.DiskChanged(lsptest.FileChanged, w.file)
	w.waitTitle(t, e, "test_fail", "▶ Run · ↻ stale")
	click(t, e, w.waitTitle(t, e, "test_fail", "▶ Run"))
	w.waitTitle(t, e, "test_fail", "▶ Run · ✘ 3 != 4")
}

func TestLensIsResolvedAnew(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	lens := w.waitTitle(t, e, "test_pass", "▶ Run")
	click(t, e, lens)
	var resolved lsptest.Lens
	unmarshal(t, e.Call("codeLens/resolve", lens).Result, &resolved)
	if resolved.Title() != "▶ Run · ✔ 1.5 ms" || resolved.Range != lens.Range {
		t.Errorf("got %+v", resolved)
	}
	foreign := map[string]any{"title": "", "command": "hotclub.run", "arguments": []any{7}}
	if m := e.Call("codeLens/resolve", map[string]any{"range": lens.Range, "command": foreign}); m.Code() != -32602 {
		t.Errorf("got %+v", m)
	}
}

// Half-typed text keeps its lenses.
func TestLensesOfHalfTypedText(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	e.Replace(w.file, "self.assertEqual(3, 4)", "self.assertEqual((3, ")
	for _, test := range []string{"test_pass", "test_fail", "test_skip"} {
		if lensOf(e, e.Lenses(w.file), w.file, test, "hotclub.run") == nil {
			t.Errorf("%s has no lens in %q", test, titles(e.Lenses(w.file)))
		}
	}
	e.Replace(w.file, "def test_pass", "def test_new(self):\n        pass\n\n    def test_pass")
	if lensOf(e, e.Lenses(w.file), w.file, "test_new", "hotclub.run") == nil {
		t.Errorf("a new test has no lens")
	}
}

func TestLensesOff(t *testing.T) {
	w := newWindow(t, nil)
	e := w.editor(t, lsptest.Options{Folders: []string{w.root}, Hotclub: map[string]any{"lenses": "off"}})
	e.Open(w.file, shop)
	if got := e.Lenses(w.file); len(got) > 0 {
		t.Errorf("got %q", titles(got))
	}
	if m := e.Call(wire.MethodConfigure, map[string]any{"lenses": "on"}); m.Error != nil {
		t.Fatal(m.Error)
	}
	w.waitTitle(t, e, "test_pass", "▶ Run")
}

// Of a method with many cases the first have lenses; what a class inherits has none, but runs with
// the class.
func TestInheritedTestsHaveNoPlace(t *testing.T) {
	w := newWindow(t, nil)
	text := "from django.test import TestCase\n\n\nclass Base(TestCase):\n    def test_pass(self):\n        pass\n\n\nclass Child(Base):\n    pass\n"
	write(t, w.file, text)
	e := w.editor(t, lsptest.Options{Folders: []string{w.root}})
	e.Open(w.file, text)
	w.waitTitle(t, e, "test_pass", "▶ Run")
	runs := 0
	for _, lens := range e.Lenses(w.file) {
		if lens.Title() == "▶ Run" {
			runs++
		}
	}
	if runs != 1 {
		t.Errorf("got %q", titles(e.Lenses(w.file)))
	}
	click(t, e, *lensOf(e, e.Lenses(w.file), w.file, "Child", "hotclub.run"))
	if verdicts := e.WaitNextRun(1).Verdicts; len(verdicts) != 1 {
		t.Errorf("got %v", verdicts)
	}
}

func TestNonASCIINames(t *testing.T) {
	for _, encoding := range []string{"utf-8", "utf-16"} {
		t.Run(encoding, func(t *testing.T) {
			w := newWindow(t, nil)
			text := "from django.test import TestCase\n\n\nclass Prüfung(TestCase):\n    x = '🎸🎸'; y = 'é'\n    def test_größe(self):\n        self.assertEqual('🎸', 'é')\n"
			write(t, w.file, text)
			e := w.editor(t, lsptest.Options{Folders: []string{w.root}, Encodings: []string{encoding}})
			if e.Encoding() != encoding {
				t.Fatalf("the server chose %s", e.Encoding())
			}
			e.Open(w.file, text)
			w.waitTitle(t, e, "test_größe", "▶ Run")
			e.Replace(w.file, "'🎸🎸'; y = 'é'", "'🎸é🎸'") // a wrong column would break the line
			e.Replace(w.file, "'🎸é🎸'", "'é'")
			lens := lensOf(e, e.Lenses(w.file), w.file, "test_größe", "hotclub.run")
			if lens == nil {
				t.Fatalf("no lens in %q", titles(e.Lenses(w.file)))
			}
			if want := e.Find(w.file, "    def test_größe(self):"); lens.Range.End != want.End {
				t.Errorf("got %+v, want the end of %+v", lens.Range, want)
			}
			hover := e.Hover(w.file, e.Find(w.file, "größe").Start)
			if !strings.Contains(hover, "Prüfung.test_größe") {
				t.Errorf("got %q", hover)
			}
			var at wire.TestsAtAnswer
			unmarshal(t, e.Call(wire.MethodTestsAt, map[string]any{"uri": e.URI(w.file), "position": e.Find(w.file, "größe").Start}).Result, &at)
			want := e.Find(w.file, "test_größe")
			got := at.Items[0].SelectionRange
			if got.Start.Line != want.Start.Line || got.Start.Character != want.Start.Character || got.End.Character != want.End.Character {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestFilesWithoutTestsHaveNoLenses(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	for _, file := range []string{w.root + "/shop/models.py", "untitled:Untitled-1", "git:" + w.file + "?ref=HEAD", os.TempDir() + "/nowhere/tests.py"} {
		e.Open(file, shop)
		want := 0
		if got := e.Lenses(file); len(got) != want {
			t.Errorf("%s: got %q", file, titles(got))
		}
	}
}
