package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	json "github.com/go-json-experiment/json"
	"go.lsp.dev/jsonrpc2"
)

// lastBreath is how long a process may take to end once its connection is lost. The end of its
// group waits for it: by then it shall be clear who ended it.
const lastBreath = 100 * time.Millisecond

// Worker is one Python process. Its requests (requests.go) are made one at a time by
// whoever owns it; Kill, Done and the looks at it may be used by anybody.
type Worker struct {
	Name    string
	PID     int
	Started time.Time

	host    *Host
	conn    jsonrpc2.Conn
	stream  io.Closer
	capture *capture
	wait    func() string // waits for the end of the process and says how it ended
	lost    chan struct{} // closed when the connection ends
	done    chan struct{} // closed when the process is gone and how is set
	how     string
	life    context.Context // ends when the connection does

	mu        sync.Mutex
	reads     []Read
	reading   func() // told when reads has grown; nil for nobody
	crowding  func() // told when a database server takes no more connections; nil for nobody
	listener  func(Event)
	databases Databases // nil while it has none on servers
	killed    string    // why we killed it, "" when it died by itself
}

func newWorker(h *Host, name string, pid int, stream io.ReadWriteCloser, capture *capture) *Worker {
	w := &Worker{
		Name: name, PID: pid, Started: time.Now(),
		host: h, capture: capture, stream: stream,
		lost: make(chan struct{}), done: make(chan struct{}),
	}
	life, end := context.WithCancel(context.Background())
	w.life = life
	noticed := &lossNoticed{ReadWriteCloser: stream, lose: func() { close(w.lost); end() }}
	w.conn = jsonrpc2.NewConn(jsonrpc2.NewNDJSONStream(noticed))
	w.conn.Go(context.Background(), w.hear)
	h.done.Go(func() { // jsonrpc2 stops reading at a malformed message
		<-w.conn.Done()
		noticed.once.Do(noticed.lose)
	})
	return w
}

// watch waits for the end of the process, however it comes, and cleans up after it.
func (w *Worker) watch() {
	gone := make(chan string, 1)
	w.host.done.Go(func() { gone <- w.wait() })
	var how string
	select {
	case how = <-gone:
	case <-w.lost:
		how = w.afterLoss(gone)
	}
	killGroup(w.PID) // what its tests started
	w.hearOut()
	w.stream.Close()
	w.mu.Lock()
	if w.killed != "" {
		how = w.killed
	}
	w.mu.Unlock()
	w.how = how
	close(w.done)
}

// hearOut waits until all that the process said before its end has been heard, unless somebody
// else keeps the connection open.
func (w *Worker) hearOut() {
	select {
	case <-w.lost:
	case <-time.After(time.Second):
	}
}

// afterLoss ends a process whose connection was lost, most often because it is at its end. On a busy
// machine it may take long until that is told.
func (w *Worker) afterLoss(gone <-chan string) string {
	select {
	case how := <-gone:
		return how
	case <-time.After(lastBreath):
	}
	if ending(w.PID) {
		return <-gone
	}
	killGroup(w.PID)
	<-gone
	return "closed its connection to hotclub, or became another program, and was stopped"
}

// Done is closed once the process, and all it started in its group, is gone.
func (w *Worker) Done() <-chan struct{} { return w.done }

// Kill ends the process and its whole group at once.
func (w *Worker) Kill() { w.kill("was stopped") }

func (w *Worker) kill(why string) {
	w.Doom("%s", why)
	select {
	case <-w.done:
	default:
		killGroup(w.PID)
		// Whoever else has the other end of the connection must not keep us waiting.
		time.AfterFunc(time.Second, func() { w.stream.Close() })
	}
}

// Doom says beforehand why the process is going to be killed; the first reason stands.
func (w *Worker) Doom(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.killed == "" {
		w.killed = fmt.Sprintf(format, args...)
	}
}

// Discard kills the process, waits for its end and removes its capture file.
func (w *Worker) Discard() {
	w.Kill()
	<-w.done
	if err := w.capture.remove(); err != nil {
		w.host.log.Warn("removing a capture file", "worker", w.Name, "err", err)
	}
}

// Reads is what the process has read so far, in the order in which it was seen. The slice
// is shared; it only ever grows.
func (w *Worker) Reads() []Read {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reads[:len(w.reads):len(w.reads)]
}

// Listen directs the events of units to f, which is called from one goroutine and must not
// block for long: the worker waits for it.
func (w *Worker) Listen(f func(Event)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listener = f
}

// hear handles what the process says on its own account: what it tells, in order, and what it asks,
// which does not keep us from hearing on.
func (w *Worker) hear(ctx context.Context, request *jsonrpc2.Request) (any, error) {
	var err error
	switch request.Method() {
	case "dirty", "accept", "identify", "restore", "capture":
		jsonrpc2.Async(ctx)
		return w.serve(request.Method(), request.Params())
	case "crowded":
		w.heardCrowded()
	case "reads":
		err = w.heardReads(request.Params())
	case "debugger":
		err = hand[DebuggerReady](w, request.Params())
	case "loaded":
		err = hand[Loaded](w, request.Params())
	case "started":
		err = hand[Started](w, request.Params())
	case "finished":
		err = hand[Finished](w, request.Params())
	case "tearing":
		err = hand[TearingDown](w, request.Params())
	case "fixture":
		err = hand[FixtureErrored](w, request.Params())
	}
	if err != nil {
		// jsonrpc2 closes the connection when the handler of a notification fails.
		w.host.log.Error("a worker said something odd", "worker", w.Name, "method", request.Method(), "err", err)
	}
	return nil, nil
}

func (w *Worker) heardReads(params []byte) error {
	var message struct {
		Entries []Read `json:"entries"`
	}
	if err := json.Unmarshal(params, &message); err != nil {
		return err
	}
	w.mu.Lock()
	w.reads = append(w.reads, message.Entries...)
	reading := w.reading
	w.mu.Unlock()
	if reading != nil {
		reading()
	}
	return nil
}

// Reading has f called whenever Reads has grown. It must not block.
func (w *Worker) Reading(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reading = f
}

// Crowding has f called whenever a database server takes no more connections from the process, be they
// its own or those of its tests. It must not block.
func (w *Worker) Crowding(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.crowding = f
}

func (w *Worker) heardCrowded() {
	w.mu.Lock()
	crowding := w.crowding
	w.mu.Unlock()
	if crowding != nil {
		crowding()
	}
}

func hand[E Event](w *Worker, params []byte) error {
	var event E
	if err := json.Unmarshal(params, &event); err != nil {
		return err
	}
	w.mu.Lock()
	listener := w.listener
	w.mu.Unlock()
	if listener != nil {
		listener(event)
	}
	return nil
}

// refusalCode is that of worker.py: all other errors are about what was said, not what was asked.
const refusalCode = -32000

// call makes a request and waits for its answer, for the end of ctx or of the process.
func (w *Worker) call(ctx context.Context, method string, params, result any) error {
	_, err := w.conn.Call(ctx, method, params, result)
	if err == nil {
		return nil
	}
	var refused *jsonrpc2.Error
	if errors.As(err, &refused) && refused.Code == refusalCode {
		return refusal(method, refused.Message, refused.Data)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case <-w.lost:
	case <-time.After(lastBreath): // a write may fail before the end is seen
		w.kill("said something that is no message (" + err.Error() + ") and was stopped")
	}
	return w.died()
}

// died describes the end of the process; only after Done.
func (w *Worker) died() error {
	<-w.done
	return &Died{Worker: w.Name, How: w.how, Output: w.capture.tail(4096)}
}

// lossNoticed tells when nothing can be read any more.
type lossNoticed struct {
	io.ReadWriteCloser
	once sync.Once
	lose func()
}

func (l *lossNoticed) Read(p []byte) (int, error) {
	n, err := l.ReadWriteCloser.Read(p)
	if err != nil {
		l.once.Do(l.lose)
	}
	return n, err
}
