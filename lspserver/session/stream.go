package session

import (
	"io"
	"log/slog"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// watched ends the session as soon as the peer's side ends, for jsonrpc2 itself does not
// cancel the requests that are still running then; and when the peer stops reading.
type watched struct {
	io.ReadWriteCloser
	gone  func()
	stall time.Duration
	log   *slog.Logger
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadWriteCloser.Read(p)
	if err != nil {
		w.gone()
	}
	return n, err
}

// Write sends one message: jsonrpc2 composes each into a single write, under a lock that
// every other writer of the connection waits for.
func (w *watched) Write(p []byte) (int, error) {
	if w.stall > 0 {
		defer time.AfterFunc(w.stall, w.stalled).Stop()
	}
	n, err := w.ReadWriteCloser.Write(p)
	if err != nil {
		w.gone()
	}
	return n, err
}

// Close is how jsonrpc2 ends a connection by itself: after a frame that is no message.
func (w *watched) Close() error {
	w.gone()
	return w.ReadWriteCloser.Close()
}

// stalled gives up on a peer that does not read. Closing is what frees the writer.
func (w *watched) stalled() {
	w.log.Warn("the client does not read; its connection is closed", "after", w.stall)
	w.Close()
}

// Codec is the union-aware codec that package protocol keeps to itself.
type Codec struct{}

// Marshal encodes v as package protocol does; raw messages pass unchanged.
func (Codec) Marshal(v any) ([]byte, error) {
	if raw, ok := v.(jsonrpc2.RawMessage); ok {
		if raw == nil {
			return []byte("null"), nil
		}
		return raw, nil
	}
	return protocol.Marshal(v)
}

// Unmarshal decodes as package protocol does; raw messages are copied.
func (Codec) Unmarshal(data []byte, v any) error {
	if raw, ok := v.(*jsonrpc2.RawMessage); ok {
		*raw = append((*raw)[:0], data...)
		return nil
	}
	return protocol.Unmarshal(data, v)
}
