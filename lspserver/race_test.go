package lspserver_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// manyTests is a file of so many tests that pass.
func manyTests(n int) string {
	var b strings.Builder
	b.WriteString("from django.test import TestCase\n\n\nclass CartTests(TestCase):\n")
	for i := range n {
		fmt.Fprintf(&b, "    def test_%s(self):\n        pass\n", word(i))
	}
	return b.String()
}

// Edits, questions, saves, runs of this editor and of others, folders that come and go: all at once.
// What is looked for is a race, a message out of order, a hang.
func TestEverythingAtOnce(t *testing.T) {
	w := newWindow(t, nil)
	other := newProject(t, "api", map[string]string{"tests.py": shop})
	e := w.open(t, lsptest.Options{Hotclub: map[string]any{"runEvents": "all", "maxEventBatchMs": 5}})
	e.WaitRegistered("workspace/didChangeWatchedFiles")
	discover(t, e)
	waitTree(t, e, w.id("test_skip"), true)
	var busy sync.WaitGroup
	for i := range 3 { // others run meanwhile
		p := w.client(t)
		busy.Go(func() {
			for j := range 10 {
				id := fmt.Sprint("shell-", i, "-", j)
				p.Request(wire.MethodRun, shellRun(w, id))
				finished(t, p, id)
			}
		})
	}
	var answers []int
	ask := func(method string, params map[string]any) {
		params["textDocument"] = map[string]any{"uri": e.URI(w.file)}
		answers = append(answers, e.Request(method, params))
	}
	for i := range 200 {
		old, text := "assertEqual(3, 4)", "assertEqual(3, 5)"
		if i%2 == 1 {
			old, text = text, old
		}
		e.Replace(w.file, old, text)
		ask("textDocument/codeLens", map[string]any{})
		ask("textDocument/hover", map[string]any{"position": e.Find(w.file, "test_fail").Start})
		switch i % 20 {
		case 3:
			e.Save(w.file)
		case 5:
			answers = append(answers, e.StartCommand("hotclub.runFile", map[string]any{"uri": e.URI(w.file)}))
		case 7:
			folders(e, []string{other}, nil)
		case 9:
			answers = append(answers, e.Request(wire.MethodDiscover, map[string]any{}), e.Request(wire.MethodResults, map[string]any{}))
		case 11:
			e.DiskChanged(lsptest.FileChanged, w.file, filepath.Join(w.root, "manage.py"))
		case 13:
			answers = append(answers, e.StartCommand("hotclub.toggleWatch", map[string]any{"uri": e.URI(w.file)}))
		case 15:
			answers = append(answers, e.Request(wire.MethodConfigure, map[string]any{"python": fmt.Sprint("/py", i)}))
		case 17:
			folders(e, nil, []string{other})
		case 19:
			answers = append(answers, e.StartCommand("hotclub.cancel"))
		}
	}
	for _, id := range answers {
		if m := e.Answer(id); m.Error != nil && m.Error.Code != -32800 {
			t.Errorf("request %d: %+v", id, m.Error)
		}
	}
	busy.Wait()
	hear(t, e)
}

// A run of 5,000 tests and 1,000 edits at the same time: each lens is that of its place in the
// stream, every message in order, and a cancel is heard among them.
func TestEditsDuringALongRun(t *testing.T) {
	w := newWindow(t, nil)
	text := strings.Replace(manyTests(5000), "test_"+word(4000)+"(", "test_block(", 1)
	write(t, w.file, text)
	e := w.editor(t, lsptest.Options{Folders: []string{w.root}, Hotclub: map[string]any{"maxEventBatchMs": 20}})
	small := filepath.Join(w.root, "shop", "test_small.py")
	e.Open(small, shop)
	discover(t, e)
	waitTree(t, e, w.id("test_block"), true)
	e.Run(map[string]any{"runId": "r", "select": map[string]any{"uri": e.URI(w.file)}})
	type question struct{ id, lines int }
	var questions []question
	for i := range 1000 {
		e.Replace(small, "class CartTests", fmt.Sprintf("# %d\nclass CartTests", i))
		questions = append(questions, question{e.Request("textDocument/codeLens", map[string]any{"textDocument": map[string]any{"uri": e.URI(small)}}), i + 1})
	}
	receive(t, w.blocked, "the block")
	cancel := e.Request(wire.MethodCancelRun, wire.CancelRunParams{RunID: "r"})
	e.Answer(cancel)
	if got := e.WaitRunFinished("r"); got.Finished.Outcome != runner.CancelledRun || got.Finished.Counts[runner.Passed] != 4000 || got.Finished.Counts[runner.Cancelled] != 1000 {
		t.Errorf("got %+v", got.Finished.Counts)
	}
	for _, q := range questions {
		var lenses []lsptest.Lens
		unmarshal(t, e.Answer(q.id).Result, &lenses)
		if len(lenses) != 6 || lenses[2].Range.Start.Line != 3+q.lines {
			t.Fatalf("%d edits: %+v", q.lines, lenses)
		}
	}
}

// A client that does not read is still listened to: its cancels of every kind get through.
func TestCancelWhileNothingIsRead(t *testing.T) {
	w := newWindow(t, nil)
	text := strings.Replace(manyTests(100), "test_"+word(99)+"(", "test_block(", 1)
	write(t, w.file, text)
	e := w.editor(t, lsptest.Options{Folders: []string{w.root}})
	e.Open(w.file, text)
	id := runWith(e, w, "mine")
	receive(t, w.blocked, "the block")
	e.Pause()
	ids := []int{id}
	for range 50 { // more than fits on the way
		ids = append(ids, e.Request("textDocument/codeLens", map[string]any{"textDocument": map[string]any{"uri": e.URI(w.file)}}))
	}
	e.Notify("window/workDoneProgress/cancel", map[string]any{"token": "mine"})
	receive(t, w.ended, "the end of the run")
	e.Resume()
	for _, id := range ids {
		e.Answer(id)
	}
}

// Editors that hang up in the middle of anything leave nothing behind; the next one finds all well.
func TestHangUpAtAnyMoment(t *testing.T) {
	w := newWindow(t, nil)
	for i := range 30 {
		e := w.editor(t, lsptest.Options{Folders: []string{w.root}, Untrusted: i%3 == 0, Plain: i%2 == 0})
		steps := []func(){
			func() { e.Open(w.file, shop) },
			func() {
				e.Request("textDocument/codeLens", map[string]any{"textDocument": map[string]any{"uri": e.URI(w.file)}})
			},
			func() { e.Notify("workspace/didChangeConfiguration", map[string]any{"settings": nil}) },
			func() { e.StartCommand("hotclub.runFile", map[string]any{"uri": e.URI(w.file)}) },
			func() { folders(e, nil, []string{w.root}) },
			func() { e.StartCommand("hotclub.toggleWatch", map[string]any{"uri": e.URI(w.file)}) },
			func() { e.Request(wire.MethodDiscover, nil) },
		}
		for _, step := range steps[:i%(len(steps)+1)] {
			step()
		}
		e.HangUp()
	}
	e := w.open(t, lsptest.Options{})
	runFile(t, e, w.file)
	e.WaitDiagnostics(w.file, some)
}
