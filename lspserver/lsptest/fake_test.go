package lsptest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"hotclub/lspserver"
	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
)

// The test binary is a language server when it is told so.
func TestMain(m *testing.M) {
	if os.Getenv("LSPTEST_SERVE") != "" {
		server := lspserver.New(lspserver.Options{Engine: &Engine{}, Info: wire.DaemonInfo{Build: "test"}, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
		server.Serve(context.Background(), struct {
			io.Reader
			io.WriteCloser
		}{os.Stdin, os.Stdout})
		return
	}
	goleak.VerifyTestMain(m)
}

// fake is a scripted server. What it answers to a method is its handler's result, null
// without one; a handler may say other things before.
type fake struct {
	rwc          io.ReadWriteCloser
	capabilities tree
	handlers     map[string]func(f *fake, params json.RawMessage) any
	answers      chan Message // of the editor
	done         chan struct{}
}

func (f *fake) serve() {
	defer close(f.done)
	defer f.rwc.Close()
	in := bufio.NewReader(f.rwc)
	for {
		body, err := readFrame(in)
		var m Message
		if err != nil || json.Unmarshal(body, &m) != nil || m.Method == "exit" {
			return
		}
		if m.Method == "" {
			f.answers <- m
			continue
		}
		var result any
		if m.Method == "initialize" {
			result = tree{"capabilities": f.capabilities}
		}
		if handle := f.handlers[m.Method]; handle != nil {
			result = handle(f, m.Params)
		}
		if m.ID != nil {
			f.send(tree{"jsonrpc": "2.0", "id": m.ID, "result": result})
		}
	}
}

func (f *fake) send(message tree) {
	body, _ := json.Marshal(message)
	fmt.Fprintf(f.rwc, "Content-Length: %d\r\n\r\n%s", len(body), body)
}

func (f *fake) notify(method string, params any) {
	f.send(tree{"jsonrpc": "2.0", "method": method, "params": params})
}

// ask sends a request; its answer comes to answers.
func (f *fake) ask(id int, method string, params any) {
	m := tree{"jsonrpc": "2.0", "id": id, "method": method}
	if params != nil {
		m["params"] = params
	}
	f.send(m)
}

// start starts the server and returns the editor's end.
func (f *fake) start(t *testing.T) io.ReadWriteCloser {
	ours, theirs := session.Duplex()
	f.rwc, f.answers, f.done = ours, make(chan Message, 100), make(chan struct{})
	go f.serve()
	t.Cleanup(func() { <-f.done })
	return theirs
}

// witness is a test whose failures are what is tested.
type witness struct {
	testing.TB
	mu       sync.Mutex
	failures []string
	cleanups []func()
}

func (w *witness) Errorf(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures = append(w.failures, fmt.Sprintf(format, args...))
}

func (w *witness) Fatalf(format string, args ...any) {
	w.Errorf(format, args...)
	runtime.Goexit()
}

func (w *witness) Fatal(args ...any) { w.Fatalf("%s", fmt.Sprint(args...)) }

func (w *witness) Failed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.failures) > 0
}

func (w *witness) Cleanup(f func()) { w.cleanups = append(w.cleanups, f) }

// watch runs a test and its cleanups, and returns its failures.
func watch(t *testing.T, test func(testing.TB)) []string {
	w := &witness{TB: t}
	protect := func(f func()) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			f()
		}()
		<-done
	}
	protect(func() { test(w) })
	for i := len(w.cleanups) - 1; i >= 0; i-- {
		protect(w.cleanups[i])
	}
	return w.failures
}
