package lspserver_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
)

// alive holds the server to an answer after whatever was said to it.
func alive(t *testing.T, p *lsptest.Peer) {
	t.Helper()
	if m := p.Call(wire.MethodStatus, nil); m.Error != nil {
		t.Errorf("status: %+v", m.Error)
	}
}

func TestUnknownMethods(t *testing.T) {
	p := setup(t, nil).client(t)
	for _, method := range []string{"hotclub/dance", "textDocument/dance", "dance", "$/dance", "textDocument/definition"} {
		if m := p.Call(method, map[string]any{}); m.Code() != -32601 {
			t.Errorf("%s: %+v", method, m.Error)
		}
		p.Notify(method, map[string]any{})
	}
	alive(t, p)
}

func TestEverythingBeforeInitialize(t *testing.T) {
	b := setup(t, nil)
	p := b.connect(t)
	for _, method := range []string{
		"textDocument/codeLens", "textDocument/codeAction", "workspace/executeCommand", "codeLens/resolve", "shutdown",
		wire.MethodDiscover, wire.MethodTestsAt, wire.MethodResults, wire.MethodWatch, wire.MethodSaves, "nonsense",
	} {
		if m := p.Call(method, map[string]any{}); m.Code() != -32002 {
			t.Errorf("%s: %+v", method, m.Error)
		}
	}
	for _, method := range []string{"initialized", "textDocument/didOpen", "textDocument/didChange", "workspace/didChangeWatchedFiles", "nonsense"} {
		p.Notify(method, map[string]any{})
	}
	initialize(t, p, nil)
	alive(t, p)
}

// Every method, with params of every wrong shape.
func TestWrongTypes(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	p := lsptest.NewPeer(t, w.dial(t)) // which may say anything; the editor's own words are looked at
	initialize(t, p, nil)
	shapes := []string{
		`null`, `7`, `"x"`, `[]`, `[1,2]`, `true`, `{}`, `{"uri":7}`, `{"id":[]}`, `{"ids":7}`, `{"textDocument":7}`, `{"textDocument":{"uri":7}}`,
		`{"textDocument":{"uri":"` + e.URI(w.file) + `"},"position":{"line":-1,"character":1e30}}`, `{"command":7}`, `{"command":"hotclub.run","arguments":7}`,
		`{"command":"hotclub.run","arguments":[[]]}`, `{"scope":{"uri":[]}}`, `{"event":7}`, `{"changes":[7]}`, `{"settings":{"hotclub":7}}`, `{"position":{"line":"x"}}`,
		`{"token":{}}`, `{"parallel":-1}`, `{"trusted":"yes"}`, `{"select":{"nearest":{"uri":"file:///a","position":{"line":-5}}},"runId":"r"}`, `{"runId":"r","env":[7]}`,
	}
	requests := []string{
		"textDocument/codeLens", "textDocument/codeAction", "textDocument/hover", "codeLens/resolve", "workspace/executeCommand",
		wire.MethodRun, wire.MethodCancelRun, wire.MethodStatus, wire.MethodRestart, wire.MethodDatabase, wire.MethodDiscover, wire.MethodTestsAt,
		wire.MethodResults, wire.MethodOutput, wire.MethodExplain, wire.MethodCommand, wire.MethodConfigure, wire.MethodDiagnose, wire.MethodWatch, wire.MethodUnwatch,
	}
	notifications := []string{
		"textDocument/didOpen", "textDocument/didChange", "textDocument/didSave", "textDocument/didClose", "workspace/didChangeConfiguration",
		"workspace/didChangeWatchedFiles", "workspace/didChangeWorkspaceFolders", "window/workDoneProgress/cancel", "$/cancelRequest", "$/setTrace", "initialized", wire.MethodClient,
	}
	for _, shape := range shapes {
		for _, method := range notifications {
			p.Notify(method, json.RawMessage(shape))
		}
		for _, method := range requests {
			m := p.Call(method, json.RawMessage(shape))
			if m.Error != nil && (m.Error.Code == -32603 || m.Error.Message == "") {
				t.Errorf("%s %s: %+v", method, shape, m.Error)
			}
		}
	}
	alive(t, p)
	if log := w.log.String(); strings.Contains(log, "panicked") {
		t.Error(log)
	}
	runFile(t, e, w.file)
}

func TestPositionsPastTheEnd(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	for _, at := range []lsptest.Position{{Line: 1 << 30, Character: 1 << 30}, {Line: 4, Character: 1<<31 - 1}, {Line: 1<<31 - 1}} {
		e.Hover(w.file, at)
		e.CodeActions(w.file, lsptest.Range{Start: at, End: at})
		e.Call(wire.MethodTestsAt, map[string]any{"uri": e.URI(w.file), "position": at})
		if m := e.Execute("hotclub.runNearest", map[string]any{"uri": e.URI(w.file), "position": at}); m.Error != nil {
			t.Error(m.Error.Message)
		}
	}
	far := lsptest.Position{Line: 1 << 30, Character: 9}
	e.Change(w.file, lsptest.Edit{Range: lsptest.Range{Start: far, End: far}, Text: "\n\nclass MoreTests(TestCase):\n    def test_more(self):\n        pass\n"})
	w.waitTitle(t, e, "test_more", "▶ Run")
}

// A change, save or close of what is not open is the editor's mistake, and no more than that.
func TestDocumentThatIsNotOpen(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	for _, uri := range []string{e.URI(filepath.Join(w.root, "other.py")), "untitled:x", "git:/x.py", "http://x/y.py", "file://", "file:", ":", "%zz", ""} {
		document := map[string]any{"uri": uri, "version": 2}
		p := w.client(t)
		p.Notify("textDocument/didChange", map[string]any{"textDocument": document, "contentChanges": []any{map[string]any{"text": "x"}}})
		p.Notify("textDocument/didSave", map[string]any{"textDocument": document})
		p.Notify("textDocument/didClose", map[string]any{"textDocument": document})
		for _, method := range []string{"textDocument/codeLens", "textDocument/hover", "textDocument/codeAction"} {
			m := p.Call(method, map[string]any{
				"textDocument": document, "position": lsptest.Position{}, "range": lsptest.Range{}, "context": map[string]any{"diagnostics": []any{}},
			})
			if m.Code() != -32602 {
				t.Errorf("%s of %q: %+v", method, uri, m)
			}
		}
		p.Notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uri, "languageId": "python", "version": 1, "text": shop}})
		p.Notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": uri, "type": 2}}})
		p.Call("textDocument/codeLens", map[string]any{"textDocument": document})
		alive(t, p)
		p.Close()
	}
	if m := e.Call("textDocument/codeLens", map[string]any{"textDocument": map[string]any{"uri": e.URI("/nowhere.py")}}); !strings.Contains(m.Error.Message, "didOpen comes first") {
		t.Errorf("got %+v", m.Error)
	}
}

// Files that are deleted or renamed while they are open: the buffer keeps its lenses, the tree
// follows the disk, and a run says what is missing.
func TestFileDeletedUnderABuffer(t *testing.T) {
	w := newWindow(t, nil)
	e := w.known(t)
	e.WaitRegistered("workspace/didChangeWatchedFiles")
	runFile(t, e, w.file)
	e.WaitDiagnostics(w.file, some)
	moved := filepath.Join(w.root, "shop", "test_moved.py")
	if err := os.Rename(w.file, moved); err != nil {
		t.Fatal(err)
	}
	e.DiskChanged(lsptest.FileDeleted, w.file)
	e.DiskChanged(lsptest.FileCreated, moved)
	waitTree(t, e, "fakeweb//shop/test_moved.py::CartTests::test_pass", true)
	waitTree(t, e, w.id("test_pass"), false)
	e.WaitDiagnostics(w.file, none)
	if lensOf(e, e.Lenses(w.file), w.file, "test_pass", "hotclub.run") == nil {
		t.Error("the buffer lost its lenses")
	}
	if m := e.Execute("hotclub.runFile", map[string]any{"uri": e.URI(w.file)}); m.Error == nil && !strings.Contains(string(m.Result), `"nothing"`) {
		t.Errorf("got %s", m.Result)
	}
	e.Save(w.file) // and comes back
	waitTree(t, e, w.id("test_pass"), true)
}

func TestFileThatBecomesADirectory(t *testing.T) {
	w := newWindow(t, nil)
	e := w.known(t)
	e.WaitRegistered("workspace/didChangeWatchedFiles")
	remove(t, w.file)
	write(t, filepath.Join(w.file, "inner.py"), shop)
	e.DiskChanged(lsptest.FileChanged, w.file)
	waitTree(t, e, w.id("test_pass"), false)
	e.Lenses(w.file)
	e.Run(map[string]any{"runId": "r"})
	e.WaitRunFinished("r")
}

func TestLongFile(t *testing.T) {
	w := newWindow(t, nil)
	var b strings.Builder
	b.WriteString("from django.test import TestCase\n")
	for i := range 500 {
		fmt.Fprintf(&b, "\n\nclass Tests%d(TestCase):\n", i)
		for j := range 10 {
			fmt.Fprintf(&b, "    def test_%d(self):\n        x = '''\n        class No:\n        '''\n%s", j, strings.Repeat("        pass\n", 6))
		}
	}
	text := b.String()
	if n := strings.Count(text, "\n"); n < 50_000 {
		t.Fatalf("%d lines", n)
	}
	write(t, w.file, text)
	e := w.editor(t, lsptest.Options{Folders: []string{w.root}})
	e.Open(w.file, text)
	e.Replace(w.file, "class Tests499", "class Tests500")
	lenses := e.Lenses(w.file)
	if len(lenses) != 5000+500+2 {
		t.Errorf("%d lenses", len(lenses))
	}
	e.Hover(w.file, e.Find(w.file, "Tests500").Start)
	e.CodeActions(w.file, e.Find(w.file, "Tests500"))
}

// Texts that are no Python, or hardly any.
func TestStrangeTexts(t *testing.T) {
	w := newWindow(t, nil)
	e := w.open(t, lsptest.Options{})
	for _, text := range []string{"", "\x00\x01\x02", "\ufeff" + shop, strings.ReplaceAll(shop, "\n", "\r\n"), strings.ReplaceAll(shop, "\n", "\r"), "class (((((", strings.Repeat("(", 100_000), "'''" + shop, "\u2028\u2029🎸"} {
		e.SetText(w.file, text)
		e.Lenses(w.file)
		e.Hover(w.file, lsptest.Position{})
	}
	e.SetText(w.file, shop)
	w.waitTitle(t, e, "test_pass", "▶ Run")
}
