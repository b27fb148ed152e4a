package worker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
)

// Host starts workers and owns what they share: the unpacked Python side, the folder of
// their capture files, and the socket that forked ones dial.
type Host struct {
	dir      string // of this server instance; gone after Close
	agent    string
	instance string
	log      *slog.Logger
	listener net.Listener // nil where processes cannot be forked
	starts   chan start
	quit     chan struct{}
	done     sync.WaitGroup
	alive    io.Closer
	ended    chan struct{} // filled when a worker has ended

	mu      sync.Mutex
	waiting map[string]chan net.Conn // forks by token, until they dial
	workers map[*Worker]struct{}
}

type start struct {
	command *exec.Cmd
	started chan<- error
}

// NewHost prepares to start workers below dir, a runtime directory of mode 0700, after
// sweeping what servers that were killed there left behind.
func NewHost(dir string, log *slog.Logger) (*Host, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for workers: %w", err)
	}
	sweep(dir, log)
	agent, err := unpackAgent(dir)
	if err != nil {
		return nil, fmt.Errorf("unpacking the worker's Python code below %s (HOTCLUB_RUNTIME_DIR chooses another place): %w", dir, err)
	}
	instance := rand.Text()[:8]
	h := &Host{
		dir: filepath.Join(dir, "w-"+instance), agent: agent, instance: instance, log: log,
		starts: make(chan start), quit: make(chan struct{}), ended: make(chan struct{}, 1),
		waiting: make(map[string]chan net.Conn), workers: make(map[*Worker]struct{}),
	}
	if err := os.MkdirAll(h.dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for workers: %w", err)
	}
	if h.alive, err = holdAlive(h.dir); err != nil {
		return nil, err
	}
	if canFork {
		if h.listener, err = net.Listen("unix", filepath.Join(h.dir, "s")); err != nil {
			return nil, errors.Join(fmt.Errorf("listening for forked workers: %w", err), h.alive.Close(), os.RemoveAll(h.dir))
		}
		h.done.Go(h.accept)
	}
	h.done.Go(h.startAll)
	h.done.Go(h.sweepStrays)
	return h, nil
}

// Close kills every worker, waits for them and removes what they left.
func (h *Host) Close() error {
	h.mu.Lock()
	workers := make([]*Worker, 0, len(h.workers))
	for w := range h.workers {
		workers = append(workers, w)
	}
	h.mu.Unlock()
	for _, w := range workers {
		w.Kill()
	}
	for _, w := range workers {
		<-w.Done()
	}
	close(h.quit)
	var err error
	if h.listener != nil {
		err = h.listener.Close()
	}
	h.done.Wait()
	killInstance(h.instance) // what tests have started and let go of
	return errors.Join(err, h.alive.Close(), os.RemoveAll(h.dir))
}

// Settings are what a process is started with.
type Settings struct {
	Name      string // of the worker, unique within the host
	Python    string // interpreter
	Directory string // working directory
	Env       []string
}

// Spawn starts a fresh interpreter. It has loaded nothing of the project until Boot.
func (h *Host) Spawn(ctx context.Context, s Settings) (*Worker, error) {
	capture, err := newCapture(filepath.Join(h.dir, s.Name+".out"))
	if err != nil {
		return nil, err
	}
	command := exec.Command(s.Python, "-u", h.agent)
	command.Dir = s.Directory
	command.Env = append(append([]string{}, s.Env...), "HOTCLUB=1", serverVariable+"="+h.instance)
	command.Stderr = capture.file
	command.SysProcAttr = ownSession()
	pipe, theirs, err := pipes(command)
	if err != nil {
		return nil, errors.Join(err, capture.remove())
	}
	err = h.start(ctx, command)
	theirs.Close()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", s.Python, err), pipe.Close(), capture.remove())
	}
	w := newWorker(h, s.Name, command.Process.Pid, pipe, capture)
	w.wait = func() string {
		_ = command.Wait() // the state says more than the error
		return describeExit(command.ProcessState)
	}
	h.adopt(w)
	return w, nil
}

// adopt watches a worker until its end.
func (h *Host) adopt(w *Worker) {
	h.mu.Lock()
	h.workers[w] = struct{}{}
	h.mu.Unlock()
	h.done.Go(func() {
		w.watch()
		h.mu.Lock()
		delete(h.workers, w)
		h.mu.Unlock()
		select {
		case h.ended <- struct{}{}:
		default: // a sweep is due already
		}
	})
}

func (h *Host) start(ctx context.Context, command *exec.Cmd) error {
	started := make(chan error, 1)
	select {
	case h.starts <- start{command, started}:
		return <-started
	case <-ctx.Done():
		return ctx.Err()
	case <-h.quit:
		return errors.New("the server is closing")
	}
}

// startAll starts all processes from one operating system thread: on Linux a child asks to
// be killed when its parent dies, and that parent is the thread, not the process.
func (h *Host) startAll() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for {
		select {
		case s := <-h.starts:
			s.started <- s.command.Start()
		case <-h.quit:
			return
		}
	}
}
