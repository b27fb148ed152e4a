package lsptest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"sync"
	"testing"
	"time"

	"hotclub/lspserver/lsptest/metamodel"
)

// patience is how long no message may come while a test waits for one. Nothing takes so long, on a machine
// that has much else to do either.
const patience = time.Minute

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
	t    testing.TB
	rwc  io.ReadWriteCloser
	taps []Tap

	mu     sync.Mutex
	change *sync.Cond
	log    []Message
	ended  bool // the other side hung up
	paused bool
	lastID int

	writing sync.Mutex
	done    chan struct{}
}

// Tap sees each message, in the order of the connection: those to the server before they
// are written, those to the client before anybody who waits for them.
type Tap func(way metamodel.Direction, body []byte)

// NewPeer speaks over rwc until the test ends.
func NewPeer(t testing.TB, rwc io.ReadWriteCloser, taps ...Tap) *Peer {
	p := newPeer(t, rwc, taps...)
	p.start()
	return p
}

func newPeer(t testing.TB, rwc io.ReadWriteCloser, taps ...Tap) *Peer {
	p := &Peer{t: t, rwc: rwc, taps: taps, done: make(chan struct{})}
	p.change = sync.NewCond(&p.mu)
	return p
}

func (p *Peer) start() {
	go p.read()
	p.t.Cleanup(p.Close)
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
		body, err := readFrame(in)
		if err != nil {
			return
		}
		var m Message
		if err := json.Unmarshal(body, &m); err != nil {
			p.t.Errorf("no message: %v: %.200s", err, body)
			return
		}
		p.tap(metamodel.ToClient, body)
		p.mu.Lock()
		p.log = append(p.log, m)
		p.change.Broadcast()
		p.mu.Unlock()
	}
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

// Ended reports whether the other side has hung up.
func (p *Peer) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
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
		timer.Reset(patience) // a flood takes long where there is much else to do
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
