package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"hotclub/lspserver/wire"
)

// editor is the other end of a language server's connection. It notes when each message came.
type editor struct {
	to    io.WriteCloser
	leave func()        // once nothing comes any more
	done  chan struct{} // nothing does

	writing sync.Mutex

	mu     sync.Mutex
	change *sync.Cond
	asked  int     // id of the last request
	log    []heard // every message, in order
	over   bool
}

// heard is a message of the server's.
type heard struct {
	at     time.Time // when all of it was there
	ID     json.RawMessage
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct {
		Code    int
		Message string
	}
}

// object is JSON's.
type object = map[string]any

// edit starts hotclub lsp on the project, as an editor does, and initializes a session;
// initialized is left to the caller. A plain editor has no client code of ours.
func (c *club) edit(ctx context.Context, plain bool) (*editor, error) {
	process := exec.CommandContext(ctx, c.lab.binary, "lsp")
	process.Dir, process.Env = c.root, c.env
	stdin, inErr := process.StdinPipe()
	stdout, outErr := process.StdoutPipe()
	if err := errors.Join(inErr, outErr, process.Start()); err != nil {
		return nil, err
	}
	leave := func() { _ = process.Wait() } // how it ends is not what is measured
	return newEditor(ctx, stdout, stdin, leave, c.hello(plain))
}

// dial is edit without the process between the editor and the daemon, which must run already.
func (c *club) dial(ctx context.Context, plain bool) (*editor, error) {
	now, err := c.status(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("unix", now.Daemon.Socket)
	if err != nil {
		return nil, err
	}
	return newEditor(ctx, conn, conn, func() {}, c.hello(plain))
}

func newEditor(ctx context.Context, from io.Reader, to io.WriteCloser, leave func(), hello object) (*editor, error) {
	e := &editor{to: to, leave: leave, done: make(chan struct{})}
	e.change = sync.NewCond(&e.mu)
	frames := make(chan frame, 1024)
	go read(from, frames)
	go e.hear(frames)
	if _, err := e.call(ctx, "initialize", hello, nil); err != nil {
		e.end(ctx)
		return nil, err
	}
	return e, nil
}

// hello is what an editor of today says of itself. Positions count in UTF-16, which VS Code
// insists on.
func (c *club) hello(plain bool) object {
	yes := object{"dynamicRegistration": true}
	capabilities := object{
		"workspace": object{
			"workspaceFolders": true, "didChangeWatchedFiles": yes, "codeLens": object{"refreshSupport": true},
		},
		"textDocument": object{"synchronization": object{"didSave": true}, "codeLens": yes, "publishDiagnostics": object{"relatedInformation": true}},
		"window":       object{"workDoneProgress": true},
	}
	if !plain {
		capabilities["experimental"] = wire.Experimental[wire.ClientCapabilities]{
			Hotclub: wire.ClientCapabilities{Version: wire.Version, RunEvents: "all", Output: "none"},
		}
	}
	folder := object{"uri": fileURI(c.root), "name": filepath.Base(c.root)}
	return object{
		"processId": nil, "rootUri": folder["uri"], "workspaceFolders": []object{folder}, "capabilities": capabilities,
		"clientInfo": object{"name": "bench"},
		"initializationOptions": wire.InitializationOptions{
			ClientParams: wire.ClientParams{CWD: c.root, Environment: c.env}, Trusted: true, ClientName: "bench", Python: c.lab.python, StartMethod: c.method,
		},
	}
}

// end leaves as an editor does.
func (e *editor) end(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if _, err := e.call(ctx, "shutdown", nil, nil); err == nil {
		_ = e.notify("exit", nil) // it may be gone already
	}
	e.to.Close()
	select {
	case <-e.done:
		e.leave()
	case <-ctx.Done():
	}
}

// frame is the body of a message.
type frame struct {
	at   time.Time
	body []byte
}

// read does nothing but read, so that a large message doesn't make the next one late.
func read(from io.Reader, frames chan<- frame) {
	defer close(frames)
	in := bufio.NewReaderSize(from, 1<<16)
	for {
		header, err := textproto.NewReader(in).ReadMIMEHeader()
		if err != nil {
			return
		}
		length, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil {
			return
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		frames <- frame{time.Now(), body}
	}
}

// hear keeps what comes, and answers what the server asks: an editor has no objections.
func (e *editor) hear(frames <-chan frame) {
	defer close(e.done)
	for f := range frames {
		m := heard{at: f.at}
		if err := json.Unmarshal(f.body, &m); err != nil {
			m.Method = fmt.Sprintf("no message: %v", err)
		}
		if m.Method != "" && m.ID != nil {
			_ = e.send(object{"id": m.ID, "result": nil}) // whoever waits will notice
		}
		e.mu.Lock()
		e.log = append(e.log, m)
		e.change.Broadcast()
		e.mu.Unlock()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.over = true
	e.change.Broadcast()
}

func (e *editor) send(message object) error {
	message["jsonrpc"] = "2.0"
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	e.writing.Lock()
	defer e.writing.Unlock()
	_, err = e.to.Write(append(fmt.Appendf(nil, "Content-Length: %d\r\n\r\n", len(body)), body...))
	return err
}

func (e *editor) notify(method string, params any) error {
	message := object{"method": method}
	if params != nil {
		message["params"] = params
	}
	return e.send(message)
}

// call sends a request and waits for its answer.
func (e *editor) call(ctx context.Context, method string, params, result any) (heard, error) {
	e.mu.Lock()
	e.asked++
	id, from := e.asked, len(e.log)
	e.mu.Unlock()
	message := object{"id": id, "method": method}
	if params != nil {
		message["params"] = params
	}
	if err := e.send(message); err != nil {
		return heard{}, fmt.Errorf("%s: %w", method, err)
	}
	answer, err := e.await(ctx, from, func(m heard) bool { return m.Method == "" && string(m.ID) == strconv.Itoa(id) })
	switch {
	case err != nil:
		return answer, fmt.Errorf("%s: %w", method, err)
	case answer.Error != nil:
		return answer, fmt.Errorf("%s: %d %s", method, answer.Error.Code, answer.Error.Message)
	case result == nil:
		return answer, nil
	}
	return answer, json.Unmarshal(answer.Result, result)
}

// now is the position in the log of what comes next.
func (e *editor) now() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.log)
}

// since is what has come from a position on.
func (e *editor) since(from int) []heard {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.log[from:len(e.log):len(e.log)]
}

// await waits for the first message from a position on that is wanted.
func (e *editor) await(ctx context.Context, from int, wanted func(heard) bool) (heard, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.change.Broadcast()
	})()
	for ; ; from++ {
		m, err := e.message(ctx, from)
		if err != nil || wanted(m) {
			return m, err
		}
	}
}

// message waits for that at a position.
func (e *editor) message(ctx context.Context, at int) (heard, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for at >= len(e.log) {
		switch {
		case e.over:
			return heard{}, errors.New("hotclub lsp has ended")
		case ctx.Err() != nil:
			return heard{}, ctx.Err()
		}
		e.change.Wait()
	}
	return e.log[at], nil
}

// open shows a text in a buffer.
func (e *editor) open(path, text string) error {
	return e.notify("textDocument/didOpen", object{"textDocument": object{
		"uri": fileURI(path), "languageId": "python", "version": 1, "text": text,
	}})
}

// insert types at a place, which counts from 0.
func (e *editor) insert(path string, version, line, character int, text string) error {
	return e.replace(path, version, wire.Range{
		Start: wire.Position{Line: line, Character: character}, End: wire.Position{Line: line, Character: character},
	}, text)
}

func (e *editor) replace(path string, version int, place wire.Range, text string) error {
	return e.notify("textDocument/didChange", object{
		"textDocument":   object{"uri": fileURI(path), "version": version},
		"contentChanges": []object{{"range": place, "text": text}},
	})
}

// lens is one of textDocument/codeLens.
type lens struct {
	Command struct {
		Command   string
		Arguments []json.RawMessage
	}
}

func (e *editor) lenses(ctx context.Context, path string) ([]lens, heard, error) {
	var list []lens
	answer, err := e.call(ctx, "textDocument/codeLens", object{"textDocument": object{"uri": fileURI(path)}}, &list)
	return list, answer, err
}

func fileURI(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}
