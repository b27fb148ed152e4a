package worker

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"time"
)

// hello is the first message of a forked worker.
type hello struct {
	Params struct {
		Token string `json:"token"`
	} `json:"params"`
}

func (h *Host) accept() {
	for {
		conn, err := h.listener.Accept()
		if err != nil {
			return
		}
		h.done.Go(func() { h.welcome(conn) })
	}
}

// expect waits for the connection of the fork that is given a token. Who calls forget wants no
// connection any more: one that has come and was not taken is closed.
func (h *Host) expect(token string) (dialled <-chan net.Conn, forget func()) {
	waiting := make(chan net.Conn, 1)
	h.mu.Lock()
	h.waiting[token] = waiting
	h.mu.Unlock()
	return waiting, func() {
		h.mu.Lock()
		delete(h.waiting, token)
		h.mu.Unlock()
		select {
		case conn := <-waiting:
			conn.Close()
		default:
		}
	}
}

// hand gives a connection to who waits for its token. There is room for it, so that the lock is held
// over both: nobody forgets the token in between.
func (h *Host) hand(token string, conn net.Conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	waiting := h.waiting[token]
	if waiting == nil {
		return false
	}
	delete(h.waiting, token)
	waiting <- conn
	return true
}

// welcome reads who dials and hands the connection to the fork that waits for it.
func (h *Host) welcome(conn net.Conn) {
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	line, err := readLine(conn)
	var greeting hello
	if err == nil {
		err = json.Unmarshal(line, &greeting)
	}
	_ = conn.SetDeadline(time.Time{})
	if err != nil || !h.hand(greeting.Params.Token, conn) {
		h.log.Warn("a stranger dialled the socket of the workers", "err", err)
		conn.Close()
	}
}

// readLine reads up to the first newline and not a byte further.
func readLine(r io.Reader) ([]byte, error) {
	var line []byte
	one := bufio.NewReaderSize(io.LimitReader(r, 4096), 1)
	for {
		b, err := one.ReadByte()
		if err != nil {
			return nil, err
		}
		if b == '\n' {
			return line, nil
		}
		line = append(line, b)
	}
}

// fork asks a booted layer for a worker.
func (h *Host) fork(ctx context.Context, layer *Worker, name string) (*Worker, error) {
	capture, err := newCapture(filepath.Join(h.dir, name+".out"))
	if err != nil {
		return nil, err
	}
	token := rand.Text()
	dialled, forget := h.expect(token)
	defer forget()
	params := map[string]string{"token": token, "address": h.listener.Addr().String(), "capture": capture.path}
	var child struct {
		PID int `json:"pid"`
	}
	if err := layer.call(ctx, "fork", params, &child); err != nil {
		return nil, errors.Join(err, capture.remove())
	}
	select {
	case conn := <-dialled:
		w := newWorker(h, name, child.PID, conn, capture)
		w.wait = func() string {
			<-w.lost // it may live on; the layer waits for its end
			return layer.reap(child.PID)
		}
		h.adopt(w)
		return w, nil
	case <-layer.Done():
		err = layer.died()
	case <-ctx.Done():
		err = ctx.Err()
	case <-time.After(30 * time.Second):
		err = fmt.Errorf("worker %s was forked from %s as process %d but never reported", name, layer.Name, child.PID)
	}
	killGroup(child.PID)
	return nil, errors.Join(err, capture.remove())
}
