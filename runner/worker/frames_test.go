package worker

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// Whatever bytes a worker sends, the server neither panics nor hangs: it answers the request
// that waits with an error, and the worker is done for.
func FuzzFrames(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "{}\n", "null\n", `{"jsonrpc":"2.0","id":1,"result":{}}` + "\n",
		`{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no","data":{"phase":"apps","location":{"file":"a","line":1}}}}` + "\n",
		`{"jsonrpc":"2.0","method":"started","params":{"test":0}}` + "\n",
		`{"jsonrpc":"2.0","method":"finished","params":{"test":-1,"state":"odd","ms":1e999,"output":[9,1]}}` + "\n",
		`{"jsonrpc":"2.0","method":"reads","params":{"entries":[["a","file",1,2,3,""]]}}` + "\n",
		`{"jsonrpc":"2.0","method":"reads","params":{"entries":[["a"],[],5]}}` + "\n",
		`{"jsonrpc":"2.0","method":"fixture","params":[]}` + "\n",
		"Content-Length: 2\r\n\r\n{}", "\xff\xfe\x00", `{"jsonrpc":"2.0","id":1,"result":` + "\n",
	} {
		f.Add([]byte(seed))
	}
	h := &Host{log: slog.New(slog.DiscardHandler), workers: make(map[*Worker]struct{})}
	f.Fuzz(func(t *testing.T, frames []byte) {
		ours, theirs := net.Pipe()
		capture, err := newCapture(filepath.Join(t.TempDir(), "out"))
		if err != nil {
			t.Fatal(err)
		}
		w := newWorker(h, "fuzzed", 0, ours, capture)
		w.wait = func() string { <-w.lost; return "was a fuzzer" }
		w.Listen(func(Event) {})
		h.done.Go(w.watch)
		go func() {
			buffer := make([]byte, 4096)
			if _, err := theirs.Read(buffer); err == nil { // the request
				_, _ = theirs.Write(frames)
			}
			theirs.Close()
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if _, err := w.Collect(ctx, nil, nil); ctx.Err() != nil {
			t.Fatalf("hung: %v", err)
		}
		h.done.Wait()
		if err := capture.remove(); err != nil {
			t.Fatal(err)
		}
	})
}
