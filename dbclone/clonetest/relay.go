package clonetest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Relay passes on what clients and a server say to each other.
type Relay struct {
	listener net.Listener

	mu               sync.Mutex
	clients, servers []net.Conn
}

// NewRelay stands between its own port of 127.0.0.1 and a server until the test ends.
func NewRelay(t testing.TB, to string) *Relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &Relay{listener: listener}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { r.pass(client, to) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		r.Cut()
		r.mu.Lock()
		for _, client := range r.clients { // one that was given up is not closed at once
			_ = client.Close()
		}
		r.mu.Unlock()
		running.Wait()
	})
	return r
}

// pass serves a client until it leaves. What it says after the server's end was cut is lost.
func (r *Relay) pass(client net.Conn, to string) {
	defer client.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	r.mu.Lock()
	r.clients, r.servers = append(r.clients, client), append(r.servers, server)
	r.mu.Unlock()
	go func() { _, _ = io.Copy(client, server) }()
	_, _ = io.Copy(server, client)
	_, _ = io.Copy(io.Discard, client)
	_ = server.Close()
}

// Cut ends all connections so that only the server notices: clients hear nothing any more. New ones can
// be made.
func (r *Relay) Cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, server := range r.servers {
		_ = server.Close()
	}
	r.servers = nil
}

// Port is where clients connect to.
func (r *Relay) Port(t testing.TB) string {
	t.Helper()
	_, port, err := net.SplitHostPort(r.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
