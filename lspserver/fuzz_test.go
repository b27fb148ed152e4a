package lspserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hotclub/lspserver"
	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/session"
)

const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{},"initializationOptions":{"trusted":true}}}`

// seeds are what a client may get wrong, one connection each.
func seeds() []string {
	seeds := []string{
		"", "\r\n\r\n", "Content-Length: 2\r\n\r\n{}", "Content-Length: 99\r\n\r\n{}", "Content-Length: -1\r\n\r\n", "Content-Length: 0\r\n\r\n",
		"Content-Length: 99999999999999999999\r\n\r\n{}", "Content-Length: 1000000000\r\n\r\n{}", "Content-Length: 1e3\r\n\r\n", "Content-Type: x\r\n\r\n{}",
		"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "Content-Length: 7\nContent-Length: 2\n\n{}",
		frames(`nonsense`), frames(`[]`), frames(`null`), frames(`{"jsonrpc":"1.0","method":"exit"}`), frames(`{"jsonrpc":"2.0"}`),
		frames(`{"jsonrpc":"2.0","id":1,"method":"hotclub/run"}`), frames(`{"jsonrpc":"2.0","method":"exit"}`),
		frames(hello, hello), frames(`{"jsonrpc":"2.0","id":1,"method":"initialize"}`),
		frames(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{"experimental":{"hotclub":7}},"initializationOptions":[]}}`),
		frames(`{"jsonrpc":"2.0","method":"hotclub/client","params":{"cwd":7}}`, `{"jsonrpc":"2.0","method":"hotclub/client"}`, hello),
		frames(`[` + hello + `,{"jsonrpc":"2.0","id":2,"method":"hotclub/run","params":{"runId":"r"}},{"jsonrpc":"2.0","id":3,"method":"shutdown"}]`),
	}
	for _, m := range []string{
		`"method":"hotclub/run"`, `"id":2,"method":"hotclub/run"`, `"id":2,"method":"hotclub/run","params":null`, `"id":2,"method":"hotclub/run","params":[1]`,
		`"id":2,"method":"hotclub/run","params":{"runId":"r","select":{"labels":["pass","fail","panic"]}}`,
		`"id":2,"method":"hotclub/run","params":{"runId":"r","select":{"labels":["block"]},"parallel":"auto","seed":1}`,
		`"id":2,"method":"hotclub/run","params":{"runId":"r","select":{"uri":"file:///%zz","nearest":{"uri":":","position":{"line":-1}}}}`,
		`"id":2,"method":"hotclub/run","params":{"runId":{},"select":7,"parallel":-7,"timeoutMs":1e99}`,
		`"id":2,"method":"hotclub/cancelRun","params":{"runId":"r"}`, `"id":2,"method":"hotclub/status"`, `"id":2,"method":"hotclub/nothing"`,
		`"id":2,"method":"hotclub/stop","params":{"all":true}`, `"id":2,"method":"hotclub/restart","params":{"dir":"\u0000"}`,
		`"id":2,"method":"hotclub/database","params":{"action":"rebuild"}`, `"id":2,"method":"hotclub/database","params":{"action":[]}`,
		`"id":{},"method":"hotclub/status"`, `"id":null,"method":"hotclub/status"`, `"id":1.5,"method":"hotclub/status"`, `"id":"a","method":7`,
		`"method":"$/cancelRequest","params":{"id":2}`, `"method":"$/cancelRequest","params":{"id":[]}`, `"method":"$/cancelRequest"`, `"method":"$/unknown"`,
		`"method":"$/progress","params":{"token":1}`, `"method":"$/setTrace","params":7`, `"id":9,"result":null`, `"id":9,"error":{"code":"x"}`, `"id":9,"result":1,"error":{}`,
		`"id":2,"method":"textDocument/hover","params":{"position":{"line":1e9}}`, `"id":2,"method":"textDocument/codeLens"`, `"method":"initialized"`,
		`"method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///a.py","languageId":"python","version":1,"text":"def"}}`,
		`"method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///a.py","version":2},"contentChanges":[{"range":{"start":{"line":9,"character":9},"end":{"line":0,"character":0}},"text":"x"}]}`,
		`"method":"textDocument/didClose","params":{"textDocument":{"uri":"untitled:x"}}`, `"method":"textDocument/didOpen","params":"x"`,
		`"id":2,"method":"workspace/executeCommand","params":{"command":"hotclub.run","arguments":[7,null]}`, `"id":2,"method":"shutdown","params":{}`,
		`"method":"workspace/didChangeWatchedFiles","params":{"changes":[{"uri":"","type":9}]}`, `"method":"window/workDoneProgress/cancel","params":{"token":{}}`,
	} {
		seeds = append(seeds, frames(hello, `{"jsonrpc":"2.0",`+m+`}`, `{"jsonrpc":"2.0","id":"s","method":"shutdown"}`))
	}
	return seeds
}

func frames(bodies ...string) (text string) {
	for _, b := range bodies {
		text += fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(b), b)
	}
	return text
}

// Whatever a client sends, the server neither panics nor hangs nor leaves anything behind,
// and what it answers is well formed.
func FuzzServer(f *testing.F) {
	for _, s := range seeds() {
		f.Add([]byte(s))
	}
	f.Fuzz(survive)
}

// The same beyond the framing, which few mutations get through: each line is a message of
// a client that has introduced itself.
func FuzzMessages(f *testing.F) {
	for _, s := range seeds() {
		var lines []string
		for part := range strings.SplitSeq(s, "Content-Length: ") {
			_, body, _ := strings.Cut(part, "\r\n\r\n")
			lines = append(lines, body)
		}
		f.Add([]byte(strings.Join(lines, "\n")))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		bodies := slices.DeleteFunc(strings.Split(string(data), "\n"), func(b string) bool { return b == "" })
		survive(t, []byte(frames(append([]string{hello}, bodies...)...)))
	})
}

func survive(t *testing.T, data []byte) {
	before := goleak.IgnoreCurrent()
	patient := &oneWay{Reader: bytes.NewReader(data)}
	serve(t, patient)
	patient.check(t)

	ours, theirs := session.Duplex() // and one that leaves at once
	go func() {
		defer theirs.Close()
		theirs.Write(data)
	}()
	serve(t, ours)
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}

// serve serves one client of a server of its own, to the end.
func serve(t *testing.T, client io.ReadWriteCloser) {
	log := &logBuffer{}
	engine := &lsptest.Engine{}
	server := lspserver.New(lspserver.Options{Engine: engine, Log: slog.New(slog.NewTextHandler(log, nil))})
	served := make(chan struct{})
	go func() {
		defer close(served)
		server.Serve(context.Background(), client)
	}()
	engine.Close(context.Background()) // tests that only this ends
	select {
	case <-served:
	case <-time.After(time.Minute):
		stacks := make([]byte, 1<<20)
		t.Fatalf("the server did not end\n%s", stacks[:runtime.Stack(stacks, true)])
	}
	if strings.Contains(log.String(), "handler panicked") {
		t.Error(log)
	}
}

// oneWay is a client that has said everything at once, hung up in one direction, and reads
// all that comes in the other.
type oneWay struct {
	io.Reader
	heard logBuffer
}

func (o *oneWay) Write(p []byte) (int, error) { return o.heard.Write(p) }
func (o *oneWay) Close() error                { return nil }

// check takes the answers apart.
func (o *oneWay) check(t *testing.T) {
	rest := o.heard.String()
	for rest != "" {
		var length int
		if _, err := fmt.Sscanf(rest, "Content-Length: %d\r\n\r\n", &length); err != nil {
			t.Fatalf("%v in %.200q", err, rest)
		}
		_, body, _ := strings.Cut(rest, "\r\n\r\n")
		if err := wellFormed(body[:length]); err != nil {
			t.Errorf("%v: %s", err, body[:length])
		}
		rest = body[length:]
	}
}

func wellFormed(body string) error {
	if strings.HasPrefix(body, "[") { // the answers to a batch
		var parts []json.RawMessage
		err := json.Unmarshal([]byte(body), &parts)
		for _, part := range parts {
			err = errors.Join(err, wellFormed(string(part)))
		}
		return err
	}
	var m struct {
		lsptest.Message
		Version string `json:"jsonrpc"`
	}
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		return err
	}
	if m.Version != "2.0" || m.Method == "" && m.ID == nil || m.Error != nil && m.Error.Code == 0 {
		return errors.New("not well formed")
	}
	return nil
}
