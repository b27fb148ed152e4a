package worker

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"
)

// A fork may dial when nobody wants it any more, or while somebody ceases to: it is hung up on, so that
// it ends, and is not left waiting until the garbage collector comes.
func TestForksThatNobodyWantsAreHungUpOn(t *testing.T) {
	h := &Host{log: slog.New(slog.DiscardHandler), waiting: make(map[string]chan net.Conn)}
	greet := func(token string) net.Conn {
		ours, fork := net.Pipe()
		t.Cleanup(func() { fork.Close() })
		h.done.Go(func() { h.welcome(ours) })
		if _, err := fmt.Fprintf(fork, `{"params":{"token":%q}}`+"\n", token); err != nil {
			t.Fatal(err)
		}
		h.done.Wait()
		return fork
	}
	hungUp := func(when string, fork net.Conn) {
		t.Helper()
		_ = fork.SetReadDeadline(time.Now().Add(time.Second))
		if _, err := fork.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("a fork that dialled %s: %v", when, err)
		}
	}

	_, forget := h.expect("early")
	early := greet("early")
	forget()
	hungUp("before it was forgotten", early)

	_, forget = h.expect("late")
	forget()
	hungUp("after it was forgotten", greet("late"))

	hungUp("without being expected", greet("stranger"))

	dialled, forget := h.expect("wanted")
	greet("wanted")
	conn := <-dialled
	forget()
	_ = conn.SetWriteDeadline(time.Now().Add(time.Millisecond))
	if _, err := conn.Write([]byte("x")); err == io.ErrClosedPipe {
		t.Error("a connection that was taken is closed")
	}
	conn.Close()
}
