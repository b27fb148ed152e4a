package lsptest

import (
	"cmp"
	"encoding/json"
	"io"
	"sync"
	"testing"
	"time"

	"hotclub/lspserver/lsptest/metamodel"
)

// Options of an Editor. The zero value is a modern editor that trusts its workspace, knows
// hotclub/* and has no folder open.
type Options struct {
	Name      string   // default: "test"
	Folders   []string // directories; URIs are made of them
	Encodings []string // offered, best first; default: utf-8, utf-16
	Untrusted bool
	Plain     bool // no hotclub/* at all: an editor without our client

	// Hotclub is laid over capabilities.experimental.hotclub, Capabilities over the rest of
	// the capabilities, member by member. A nil takes a member away.
	Hotclub, Capabilities map[string]any

	// Initialization is laid over initializationOptions.
	Initialization map[string]any

	// Configuration answers workspace/configuration by section; null for what it lacks.
	Configuration map[string]any

	// Answers replace what the editor answers to a request of the server. An answer of
	// type error is sent as one.
	Answers map[string]func(params json.RawMessage) any

	// Commands are carried out by the editor itself when a lens or an action has them, and
	// are declared in experimental.hotclub.commands.
	Commands map[string]func(arguments []json.RawMessage)

	Patience time.Duration // how long nothing may be heard while something is waited for; default: a minute
}

// Editor is a whole editor for tests of LSP features. It answers the server's requests,
// keeps what the server publishes, and holds every message of both sides to the meta model,
// to the capabilities that both sides declared, and hotclub/* to the guarantees of a run. Its
// waits are woken by messages.
type Editor struct {
	*Peer

	t            testing.TB
	options      Options
	conversation *metamodel.Conversation
	offered      map[string]any // our capabilities
	server       map[string]any // the server's
	encoding     string

	mu         sync.Mutex
	change     *sync.Cond // after each message
	kept       kept
	runs       runbook
	transcript []line
	documents  map[string]*document
	over       bool // the session has ended
}

// NewEditor initializes a session over rwc. At the end of the test it shuts the session
// down, unless the test has done so or hung up, and looks at what was left undone. Do not
// serve it with t.Context(), which ends before that.
func NewEditor(t testing.TB, rwc io.ReadWriteCloser, options Options) *Editor {
	t.Helper()
	e := &Editor{
		t: t, options: options, conversation: metamodel.NewConversation(metamodel.LSP()),
		documents: make(map[string]*document), kept: newKept(), runs: newRunbook(),
	}
	e.change = sync.NewCond(&e.mu)
	e.offered = options.capabilities()
	e.Peer = newPeer(t, rwc, e.hear)
	e.start()
	go e.hearTheEnd()
	t.Cleanup(e.Quit)
	e.initialize()
	return e
}

// hear is told every message of both sides, in their order.
func (e *Editor) hear(way metamodel.Direction, body []byte) {
	frame, err := e.conversation.Note(way, body)
	if err != nil {
		e.t.Errorf("%s: %v\n%.500s", way, err, body)
	}
	e.mu.Lock()
	e.transcript = append(e.transcript, line{way, frame})
	errs := e.runs.note(way, frame)
	if way == metamodel.ToClient {
		errs = append(errs, e.allowed(frame)...)
		errs = append(errs, e.kept.note(frame)...)
	}
	e.change.Broadcast()
	e.mu.Unlock()
	for _, err := range errs {
		e.t.Errorf("%s: %v\n%.500s", way, err, body)
	}
	if way == metamodel.ToClient && frame.Kind == metamodel.Request {
		e.answer(frame)
	}
}

// hearTheEnd wakes whoever waits for messages that will not come.
func (e *Editor) hearTheEnd() {
	<-e.done
	e.mu.Lock()
	defer e.mu.Unlock()
	e.change.Broadcast()
}

// Quit ends the session as an editor does, with shutdown and exit. Runs that still go on
// must come to their end before exit.
func (e *Editor) Quit() {
	e.t.Helper()
	if !e.end() {
		return
	}
	if e.t.Failed() || e.Ended() { // there is nothing left to find out
		e.Peer.Close()
		return
	}
	e.Call("shutdown", nil)
	e.await("the end of all runs", func() bool { return len(e.runs.unfinished()) == 0 })
	e.Notify("exit", nil)
	e.WaitEnd()
	e.Peer.Close()
	if left := e.conversation.Waiting(metamodel.ToServer); len(left) > 0 {
		e.t.Errorf("requests without an answer: %v", left)
	}
	if left := e.conversation.Unfinished(); len(left) > 0 {
		e.t.Errorf("progress without an end: %v", left)
	}
}

// HangUp ends the session as a killed editor does.
func (e *Editor) HangUp() {
	if e.end() {
		e.Peer.Close()
	}
}

// end reports whether the session was still on.
func (e *Editor) end() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	was := !e.over
	e.over = true
	return was
}

// await waits until a condition on what was heard holds. The condition must not lock.
func (e *Editor) await(what string, holds func() bool) {
	e.t.Helper()
	late := false
	limit := cmp.Or(e.options.Patience, patience)
	timer := time.AfterFunc(limit, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		late = true
		e.change.Broadcast()
	})
	defer timer.Stop()
	e.mu.Lock()
	defer e.mu.Unlock()
	for !holds() {
		if late || e.Ended() {
			e.t.Fatalf("%s did not come (connection ended: %v)", what, !late)
		}
		e.change.Wait()
		timer.Reset(limit) // a flood takes long where there is much else to do
	}
}

// request asks what the server must have offered, and returns the result.
func (e *Editor) request(method string, params any) json.RawMessage {
	e.t.Helper()
	if !e.Offers(method) {
		e.t.Fatalf("the server does not offer %s", method)
	}
	m := e.Call(method, params)
	if m.Error != nil {
		e.t.Fatalf("%s: %d %s", method, m.Error.Code, m.Error.Message)
	}
	return m.Result
}

// into decodes a result.
func (e *Editor) into(data json.RawMessage, value any) {
	e.t.Helper()
	if err := json.Unmarshal(data, value); err != nil {
		e.t.Fatalf("%v in %s", err, data)
	}
}
