package session

import (
	"io"
	"sync"
)

// duplexSize is how much one side may write ahead of the other, as a socket's buffer
// allows: with none, two sides that write at the same moment wait for each other for ever.
const duplexSize = 1 << 20

// Duplex returns the two ends of a connection within the process.
func Duplex() (a, b io.ReadWriteCloser) {
	there, back := newFlow(), newFlow()
	return &end{in: back, out: there}, &end{in: there, out: back}
}

// end is one side: it closes both directions, as a socket does.
type end struct{ in, out *flow }

func (e *end) Read(p []byte) (int, error)  { return e.in.read(p) }
func (e *end) Write(p []byte) (int, error) { return e.out.write(p) }

// CloseWrite ends what this side has to say; the other may go on.
func (e *end) CloseWrite() error {
	e.out.close()
	return nil
}

func (e *end) Close() error {
	e.in.close()
	e.out.close()
	return nil
}

// flow carries bytes in one direction.
type flow struct {
	mu     sync.Mutex
	change *sync.Cond
	data   []byte
	closed bool
}

func newFlow() *flow {
	f := &flow{}
	f.change = sync.NewCond(&f.mu)
	return f
}

// read delivers what was written before the close, then io.EOF.
func (f *flow) read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.data) == 0 && !f.closed {
		f.change.Wait()
	}
	if len(f.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, f.data)
	f.data = f.data[n:]
	f.change.Broadcast()
	return n, nil
}

func (f *flow) write(p []byte) (n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for n < len(p) {
		for len(f.data) >= duplexSize && !f.closed {
			f.change.Wait()
		}
		if f.closed {
			return n, io.ErrClosedPipe
		}
		part := p[n:min(len(p), n+duplexSize-len(f.data))]
		f.data = append(f.data, part...)
		n += len(part)
		f.change.Broadcast()
	}
	return n, nil
}

func (f *flow) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.change.Broadcast()
}
