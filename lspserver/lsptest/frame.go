package lsptest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
	"testing"

	"hotclub/lspserver/lsptest/metamodel"
)

func (p *Peer) tap(way metamodel.Direction, body []byte) {
	for _, tap := range p.taps {
		tap(way, body)
	}
}

func readFrame(in *bufio.Reader) (body []byte, err error) {
	header, err := textproto.NewReader(in).ReadMIMEHeader()
	if err != nil {
		return nil, err
	}
	length, err := strconv.Atoi(header.Get("Content-Length"))
	if err != nil {
		return nil, err
	}
	body = make([]byte, length)
	_, err = io.ReadFull(in, body)
	return body, err
}

// Send sends a frame with any body.
func (p *Peer) Send(body string) {
	p.t.Helper()
	if err := p.write(body); err != nil {
		p.t.Errorf("send: %v", err)
	}
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

func (p *Peer) write(body string) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	p.tap(metamodel.ToServer, []byte(body))
	_, err := fmt.Fprintf(p.rwc, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return err
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
