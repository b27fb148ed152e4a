package lsptest

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"hotclub/lspserver"
	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// connect gives an editor a real server with a fake engine.
func connect(t *testing.T, engine *Engine, options Options) *Editor {
	t.Helper()
	server := lspserver.New(lspserver.Options{Engine: engine, Info: wire.DaemonInfo{PID: 7, Build: "test"}})
	ours, theirs := session.Duplex()
	served := make(chan struct{})
	go func() {
		defer close(served)
		server.Serve(context.Background(), ours)
	}()
	t.Cleanup(func() { <-served })
	return NewEditor(t, theirs, options)
}

func TestRunOfARealServer(t *testing.T) {
	e := connect(t, &Engine{}, Options{Folders: []string{t.TempDir()}})
	e.Run(wire.RunParams{RunID: "r", Select: wire.Select{Labels: []string{"pass", "fail"}}})
	r := e.WaitRunFinished("r")
	if len(r.Verdicts) != 2 || r.Verdicts["fake//tests.py::Tests::fail"].State != runner.Failed || len(r.Events) != 4 || len(r.Notices) != 1 {
		t.Errorf("got %+v", r)
	}
	if again := e.WaitNextRun(1); again.ID != "r" {
		t.Errorf("got %s", again.ID)
	}
	e.GoldenTranscript("editor.transcript", "hotclub/")
}

// The runs that go on at shutdown have an end before exit.
func TestQuitInTheMiddleOfARun(t *testing.T) {
	blocked := make(chan runner.RunID, 1)
	e := connect(t, &Engine{Blocked: blocked}, Options{})
	e.Run(wire.RunParams{RunID: "r", Select: wire.Select{Labels: []string{"block", "pass"}}})
	<-blocked
	e.WaitRunStarted("r")
	e.Quit()
	if r := e.WaitRunFinished("r"); r.Finished.Outcome != runner.CancelledRun {
		t.Errorf("got %+v", r.Finished)
	}
}

func TestHangUp(t *testing.T) {
	blocked := make(chan runner.RunID, 1)
	e := connect(t, &Engine{Blocked: blocked}, Options{})
	e.Run(wire.RunParams{RunID: "r", Select: wire.Select{Labels: []string{"block"}}})
	<-blocked
	e.HangUp()
}

func TestUntrustedAndPlain(t *testing.T) {
	e := connect(t, &Engine{}, Options{Untrusted: true, Plain: true})
	if m := e.Call(wire.MethodRun, wire.RunParams{RunID: "r"}); m.Code() != -32803 {
		t.Errorf("got %+v", m)
	}
	if lookup(e.offered, "experimental") != nil {
		t.Error("a plain editor knows nothing of hotclub")
	}
}

func TestLaunch(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LSPTEST_SERVE=1", "GORACE=atexit_sleep_ms=0")
	e := NewEditor(t, Launch(t, cmd), Options{})
	e.Run(wire.RunParams{RunID: "r"})
	if r := e.WaitRunFinished("r"); len(r.Verdicts) != 1 {
		t.Errorf("got %+v", r)
	}
}

// featured is a server with every feature that the editor has a helper for.
func featured() *fake {
	return &fake{
		capabilities: tree{
			"positionEncoding": "utf-16",
			"textDocumentSync": tree{"openClose": true, "change": 2, "save": tree{"includeText": true}},
			"codeLensProvider": tree{"resolveProvider": true}, "hoverProvider": true, "codeActionProvider": true,
			"executeCommandProvider": tree{"commands": []string{"work"}},
		},
		handlers: map[string]func(*fake, json.RawMessage) any{
			"textDocument/codeLens": func(*fake, json.RawMessage) any {
				return []Lens{{Data: json.RawMessage(`1`)}, {Command: &Command{Title: "mine", Command: "own", Arguments: []json.RawMessage{json.RawMessage(`"a"`)}}}}
			},
			"codeLens/resolve": func(_ *fake, params json.RawMessage) any {
				var lens Lens
				json.Unmarshal(params, &lens)
				lens.Command = &Command{Title: "▶ Run " + string(lens.Data), Command: "work"}
				return lens
			},
			"textDocument/hover": func(*fake, json.RawMessage) any {
				return tree{"contents": tree{"kind": "markdown", "value": "**passed**"}}
			},
			"textDocument/codeAction": func(_ *fake, params json.RawMessage) any {
				return []any{tree{"title": "Run", "kind": "source", "command": Command{Title: "Run", Command: "own"}}}
			},
			"workspace/executeCommand": func(f *fake, _ json.RawMessage) any {
				f.work()
				return "done"
			},
		},
	}
}

// work has something of everything that a server says by itself.
func (f *fake) work() {
	f.ask(1, "window/workDoneProgress/create", tree{"token": "t"})
	f.ask(2, "workspace/configuration", tree{"items": []tree{{"section": "hotclub"}, {"section": "other"}}})
	f.ask(3, "window/showDocument", tree{"uri": "file:///log"})
	f.ask(4, "client/registerCapability", tree{"registrations": []tree{{
		"id": "w", "method": "workspace/didChangeWatchedFiles", "registerOptions": tree{"watchers": []tree{{"globPattern": "**/*.py"}}},
	}}})
	f.notify("$/progress", tree{"token": "t", "value": tree{"kind": "begin", "title": "Running tests", "cancellable": true, "percentage": 0}})
	f.notify("$/progress", tree{"token": "t", "value": tree{"kind": "report", "message": "1/2", "percentage": 50}})
	f.notify("$/progress", tree{"token": "t", "value": tree{"kind": "end", "message": "2/2"}})
	f.notify("window/showMessage", tree{"type": 1, "message": "no interpreter"})
	f.notify("window/logMessage", tree{"type": 4, "message": "booted"})
	f.notify("textDocument/publishDiagnostics", tree{"uri": "file:///a%20b.py", "version": 1, "diagnostics": []tree{{
		"range": Range{Position{3, 0}, Position{3, 4}}, "severity": 1, "message": "3 != 4",
	}}})
	f.ask(5, "workspace/codeLens/refresh", nil)
}

func TestFeatures(t *testing.T) {
	f := featured()
	var clicked string
	e := NewEditor(t, f.start(t), Options{
		Configuration: map[string]any{"hotclub": tree{"parallel": 2}},
		Commands:      map[string]func([]json.RawMessage){"own": func(a []json.RawMessage) { clicked = string(a[0]) }},
	})
	e.Open("/a b.py", "x = '😀'\n")
	lenses := e.WaitLenses("/a b.py", func(l []Lens) bool { return len(l) == 2 })
	if got := strings.Join(titles(lenses), ","); got != "▶ Run 1,mine" {
		t.Errorf("lenses %s", got)
	}
	if e.Click(lenses[1].Command); clicked != `"a"` {
		t.Errorf("clicked %s", clicked)
	}
	if m := e.Click(lenses[0].Command); string(m.Result) != `"done"` {
		t.Errorf("got %+v", m)
	}
	if got := e.Hover("/a b.py", Position{}); got != "**passed**" {
		t.Errorf("hover %q", got)
	}
	found := e.WaitDiagnostics("/a b.py", func(d []Diagnostic) bool { return len(d) == 1 })
	if found[0].Message != "3 != 4" || e.Published("/a b.py") != 1 {
		t.Errorf("got %+v", found)
	}
	if actions := e.CodeActions("/a b.py", found[0].Range); len(actions) != 1 || actions[0].ClickOf().Command != "own" {
		t.Errorf("got %+v", actions)
	}
	afterwards(t, e, f)
}

func afterwards(t *testing.T, e *Editor, f *fake) {
	p := e.WaitProgressEnd("Running")
	if !p.Cancellable || strings.Join(p.Messages, " ") != "1/2 2/2" || len(p.Percentages) != 2 {
		t.Errorf("progress %+v", p)
	}
	e.CancelProgress(p)
	if n := e.WaitMessage("interpreter"); n.Type != 1 || len(e.Shown()) != 1 || e.Logged()[0].Message != "booted" {
		t.Errorf("messages %+v", e.Shown())
	}
	if got := e.WaitShown(1); got != "file:///log" {
		t.Errorf("shown %s", got)
	}
	e.WaitRegistered("workspace/didChangeWatchedFiles")
	e.DiskChanged(FileDeleted, "/a b.py")
	<-f.answers
	if m := <-f.answers; string(m.Result) != `[{"parallel":2},null]` {
		t.Errorf("configuration %s", m.Result)
	}
}

func TestDocuments(t *testing.T) {
	f := featured()
	var heard []string
	for _, method := range []string{"textDocument/didOpen", "textDocument/didChange", "textDocument/didSave", "textDocument/didClose"} {
		f.handlers[method] = func(_ *fake, params json.RawMessage) any {
			heard = append(heard, string(params))
			return nil
		}
	}
	file := filepath.Join(t.TempDir(), "test_a.py")
	e := NewEditor(t, f.start(t), Options{Encodings: []string{"utf-16"}})
	e.Open(file, "é = '😀x'\n")
	e.Replace(file, "x", "yz")
	e.Save(file)
	e.SetText(file, "")
	e.Close(file)
	e.Quit()
	<-f.done
	for i, want := range []string{
		`"version":1`, `"contentChanges":[{"range":{"end":{"character":8,"line":0},"start":{"character":7,"line":0}},"text":"yz"}]`,
		`"text":"é = '😀yz'\n"`, `"contentChanges":[{"text":""}]`, `{"textDocument":{"uri":"file://`,
	} {
		if got := sorted(heard[i]); !strings.Contains(got, want) {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "é = '😀yz'\n" {
		t.Errorf("%s %v", data, err)
	}
}

// sorted is an object with its members in order.
func sorted(text string) string {
	var v any
	json.Unmarshal([]byte(text), &v)
	data, _ := json.Marshal(v)
	return string(data)
}

func TestPositions(t *testing.T) {
	const text = "a\né😀x\r\nend"
	for encoding, want := range map[string]int{"utf-8": 6, "utf-16": 3, "utf-32": 2} {
		at := positionOf(text, strings.Index(text, "x"), encoding)
		if at != (Position{1, want}) || offsetOf(text, at, encoding) != strings.Index(text, "x") {
			t.Errorf("%s: %+v", encoding, at)
		}
		if got := offsetOf(text, Position{1, 99}, encoding); text[got] != '\r' {
			t.Errorf("%s: beyond the line is at %d", encoding, got)
		}
		if got := offsetOf(text, Position{9, 0}, encoding); got != len(text) {
			t.Errorf("%s: beyond the text is at %d", encoding, got)
		}
	}
}
