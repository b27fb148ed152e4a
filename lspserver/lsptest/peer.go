package lsptest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for a message before it fails. Nothing takes so long.
const patience = 20 * time.Second

// Message is one JSON-RPC message as it came.
type Message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// Code is that of the error, 0 for a result.
func (m Message) Code() int {
	if m.Error == nil {
		return 0
	}
	return m.Error.Code
}

// Peer is the other end of a connection, down to the frames. It keeps every message that
// it gets in the order of arrival, so that a test can look at the order of an answer and
// a notification, which clients cannot. It leaves nothing to the packages under test.
type Peer struct {
	t   testing.TB
	rwc io.ReadWriteCloser

	mu     sync.Mutex
	change *sync.Cond
	log    []Message
	ended  bool // the other side hung up
	paused bool
	lastID int

	writing sync.Mutex
	done    chan struct{}
}

// NewPeer speaks over rwc until the test ends.
func NewPeer(t testing.TB, rwc io.ReadWriteCloser) *Peer {
	p := &Peer{t: t, rwc: rwc, done: make(chan struct{})}
	p.change = sync.NewCond(&p.mu)
	go p.read()
	t.Cleanup(p.Close)
	return p
}

// Close hangs up.
func (p *Peer) Close() {
	p.Resume()
	p.rwc.Close()
	<-p.done
}

// Pause stops reading: what the other side sends stays in the connection.
func (p *Peer) Pause() { p.setPaused(true) }

// Resume reads on.
func (p *Peer) Resume() { p.setPaused(false) }

func (p *Peer) setPaused(paused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused = paused
	p.change.Broadcast()
}

func (p *Peer) read() {
	defer close(p.done)
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ended = true
		p.change.Broadcast()
	}()
	in := bufio.NewReader(p.rwc)
	for {
		p.mu.Lock()
		for p.paused {
			p.change.Wait()
		}
		p.mu.Unlock()
		m, err := readFrame(in)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.log = append(p.log, m)
		p.change.Broadcast()
		p.mu.Unlock()
	}
}

func readFrame(in *bufio.Reader) (m Message, err error) {
	header, err := textproto.NewReader(in).ReadMIMEHeader()
	if err != nil {
		return m, err
	}
	length, err := strconv.Atoi(header.Get("Content-Length"))
	if err != nil {
		return m, err
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(in, body); err != nil {
		return m, err
	}
	return m, json.Unmarshal(body, &m)
}

// Send sends a frame with any body.
func (p *Peer) Send(body string) {
	p.t.Helper()
	p.Raw(fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body))
}

// Raw sends what need not be a frame.
func (p *Peer) Raw(text string) {
	p.t.Helper()
	p.writing.Lock()
	defer p.writing.Unlock()
	if _, err := io.WriteString(p.rwc, text); err != nil {
		p.t.Errorf("send: %v", err)
	}
}

// Notify sends a notification; nil params are left out.
func (p *Peer) Notify(method string, params any) {
	p.t.Helper()
	p.Send(envelope(p.t, 0, method, params))
}

// Request sends a request and returns its id without waiting.
func (p *Peer) Request(method string, params any) (id int) {
	p.t.Helper()
	p.mu.Lock()
	p.lastID++
	id = p.lastID
	p.mu.Unlock()
	p.Send(envelope(p.t, id, method, params))
	return id
}

func envelope(t testing.TB, id int, method string, params any) string {
	t.Helper()
	m := map[string]any{"jsonrpc": "2.0", "method": method}
	if id != 0 {
		m["id"] = id
	}
	if params != nil {
		m["params"] = params
	}
	body, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// Call sends a request and waits for its answer.
func (p *Peer) Call(method string, params any) Message {
	p.t.Helper()
	return p.Answer(p.Request(method, params))
}

// Answer waits for the answer to a request.
func (p *Peer) Answer(id int) Message {
	p.t.Helper()
	return p.Wait(fmt.Sprintf("the answer to request %d", id), func(m Message) bool {
		return m.Method == "" && string(m.ID) == strconv.Itoa(id)
	})
}

// Wait waits for the first message that matches, among those that came already too.
func (p *Peer) Wait(what string, match func(Message) bool) Message {
	p.t.Helper()
	return p.await(what, match)
}

// WaitMethod waits for the n-th (from 1) notification of a method.
func (p *Peer) WaitMethod(method string, n int) Message {
	p.t.Helper()
	return p.await(fmt.Sprintf("%d × %s", n, method), func(m Message) bool {
		if m.Method == method {
			n--
		}
		return n == 0
	})
}

// WaitEnd waits until the other side hangs up.
func (p *Peer) WaitEnd() {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		p.t.Fatal("the connection did not end")
	}
}

// Log is every message so far.
func (p *Peer) Log() []Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Message(nil), p.log...)
}

// await shows each message once to match.
func (p *Peer) await(what string, match func(Message) bool) Message {
	p.t.Helper()
	late := false
	timer := time.AfterFunc(patience, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		late = true
		p.change.Broadcast()
	})
	defer timer.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for seen := 0; ; seen++ {
		for seen == len(p.log) {
			if late || p.ended {
				p.t.Fatalf("%s did not come (connection ended: %v)", what, p.ended)
			}
			p.change.Wait()
		}
		if match(p.log[seen]) {
			return p.log[seen]
		}
	}
}
