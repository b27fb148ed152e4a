package lsptest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"hotclub/lspserver/wire"
)

// started has two tests; verdict and finished tell of them.
const (
	started  = `{"runId":"r","tests":[{"id":"a"},{"id":"b"}]}`
	verdictA = `{"runId":"r","seq":1,"events":[{"event":"finished","test":{"id":"a"},"verdict":{"state":"passed"}}]}`
	verdictB = `{"runId":"r","seq":2,"events":[{"event":"finished","test":{"id":"b"},"verdict":{"state":"failed"}}]}`
	finished = `{"runId":"r","outcome":"completed","counts":{"passed":1,"failed":1}}`
)

// What a server must not do, each with a part of what the editor says of it. The server
// says it before its answer to a status request.
func TestViolations(t *testing.T) {
	type says struct{ method, params string }
	bare := Options{Capabilities: tree{"workspace": nil, "window": nil, "textDocument": nil}}
	for name, c := range map[string]struct {
		options Options
		says    []says
		want    string // empty: nothing is wrong
	}{
		"a whole run": {says: []says{{wire.MethodRunStarted, started}, {wire.MethodTestEvents, verdictA}, {wire.MethodTestEvents, verdictB}, {wire.MethodRunFinished, finished}}},
		"nothing ran": {says: []says{{wire.MethodRunFinished, `{"runId":"r","outcome":"nothing"}`}}},
		"misspelt":    {says: []says{{"window/logMessage", `{"type":3,"msg":"x"}`}}, want: "params.msg: want no such member of LogMessageParams"},
		"no runId":    {says: []says{{wire.MethodNotice, `{"text":"x"}`}}, want: "without a runId"},
		"after the end": {
			says: []says{{wire.MethodRunFinished, `{"runId":"r"}`}, {wire.MethodNotice, `{"runId":"r"}`}}, want: "hotclub/notice: after the end of run r",
		},
		"started twice": {says: []says{{wire.MethodRunStarted, started}, {wire.MethodRunStarted, started}}, want: "runStarted came twice"},
		"named twice":   {says: []says{{wire.MethodRunStarted, `{"runId":"r","tests":[{"id":"a"},{"id":"a"}]}`}}, want: "names a twice"},
		"not started":   {says: []says{{wire.MethodTestEvents, verdictA}}, want: "testEvents before runStarted"},
		"seq":           {says: []says{{wire.MethodRunStarted, started}, {wire.MethodTestEvents, verdictB}}, want: "seq 2 where 1 was due"},
		"two verdicts": {
			says: []says{{wire.MethodRunStarted, started}, {wire.MethodTestEvents, verdictA}, {wire.MethodTestEvents, strings.Replace(verdictA, `"seq":1`, `"seq":2`, 1)}},
			want: "a: passed, but it has a verdict",
		},
		"no verdict":   {says: []says{{wire.MethodRunStarted, started}, {wire.MethodTestEvents, verdictA}, {wire.MethodRunFinished, finished}}, want: "without a verdict of b"},
		"no terminal":  {says: []says{{wire.MethodRunStarted, started}, {wire.MethodTestEvents, strings.Replace(verdictA, "passed", "started", 1)}}, want: "finished as started"},
		"wrong counts": {says: []says{{wire.MethodRunFinished, `{"runId":"r","counts":{"passed":1}}`}}, want: "counts 1 as passed, there were 0"},
		"hotclub/*":    {options: Options{Plain: true}, says: []says{{wire.MethodNotice, `{"runId":"r"}`}}, want: "does not know hotclub/*"},
		"no progress":  {options: bare, says: []says{{"window/workDoneProgress/create", `{"token":"t"}`}}, want: "did not offer window.workDoneProgress"},
		"no refresh":   {options: bare, says: []says{{"workspace/codeLens/refresh", ""}}, want: "did not offer workspace.codeLens.refreshSupport"},
		"no documents": {options: bare, says: []says{{"window/showDocument", `{"uri":"file:///x"}`}}, want: "did not offer window.showDocument.support"},
		"no registering": {
			options: bare, want: "did not offer workspace.didChangeWatchedFiles.dynamicRegistration",
			says: []says{{"client/registerCapability", `{"registrations":[{"id":"w","method":"workspace/didChangeWatchedFiles","registerOptions":{"watchers":[]}}]}`}},
		},
		"not registered": {
			says: []says{{"client/unregisterCapability", `{"unregisterations":[{"id":"w","method":"workspace/didChangeWatchedFiles"}]}`}}, want: `no registration "w"`,
		},
		"no versions":  {options: bare, says: []says{{"textDocument/publishDiagnostics", `{"uri":"file:///x","version":1,"diagnostics":[]}`}}, want: "publishDiagnostics.versionSupport"},
		"left waiting": {says: []says{{"window/workDoneProgress/create", `{"token":"t"}`}, {"$/progress", `{"token":"t","value":{"kind":"begin","title":"x"}}`}}, want: "progress without an end"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{capabilities: tree{}}
			f.handlers = map[string]func(*fake, json.RawMessage) any{wire.MethodStatus: func(f *fake, _ json.RawMessage) any {
				for i, s := range c.says {
					m := tree{"jsonrpc": "2.0", "method": s.method}
					if s.params != "" {
						m["params"] = json.RawMessage(s.params)
					}
					if s.method == "window/workDoneProgress/create" || strings.HasPrefix(s.method, "client/") || s.params == "" || s.method == "window/showDocument" {
						m["id"] = i
					}
					f.send(m)
				}
				return nil
			}}
			end := f.start(t)
			failures := watch(t, func(t testing.TB) { NewEditor(t, end, c.options).Call(wire.MethodStatus, nil) })
			found := slices.ContainsFunc(failures, func(f string) bool { return strings.Contains(f, c.want) })
			if c.want == "" && failures != nil || c.want != "" && !found {
				t.Errorf("%q", failures)
			}
		})
	}
}

func TestWhatTheEditorRefuses(t *testing.T) {
	for want, try := range map[string]func(*Editor){
		"does not offer textDocument/hover": func(e *Editor) { e.Hover("/a.py", Position{}) },
		"does not carry out x":              func(e *Editor) { e.Execute("x") },
		"is not open":                       func(e *Editor) { e.Save("/a.py") },
		"has no cancel button":              func(e *Editor) { e.CancelProgress(Progress{}) },
		"there is no command":               func(e *Editor) { e.Click(nil) },
		"the wanted diagnostics of /a.py did not come (connection ended: true)": func(e *Editor) {
			e.Notify("exit", nil)
			e.WaitDiagnostics("/a.py", func(d []Diagnostic) bool { return d != nil })
		},
		"the server chose utf-7": nil,
	} {
		f := &fake{capabilities: tree{}}
		if try == nil {
			f.capabilities["positionEncoding"] = "utf-7"
		}
		end := f.start(t)
		failures := watch(t, func(t testing.TB) {
			e := NewEditor(t, end, Options{})
			try(e)
		})
		if !slices.ContainsFunc(failures, func(f string) bool { return strings.Contains(f, want) }) {
			t.Errorf("want %q, got %q", want, failures)
		}
	}
}
