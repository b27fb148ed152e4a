//go:build linux

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// watcher is a `hotclub run --watch` that goes on.
type watcher struct {
	t       *testing.T
	command *exec.Cmd
	keys    io.Writer // the terminal; nil where there is none
	ended   chan struct{}

	mu     sync.Mutex
	screen []byte // all that it has printed
	read   int    // of that, what the test has waited for
}

// watch starts it with plain pipes.
func (c *club) watch(env []string, args ...string) *watcher {
	c.t.Helper()
	w := c.watchCommand(env, args)
	output, err := w.command.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	w.command.Stderr = w.command.Stdout
	w.start(output)
	return w
}

// watchOnTerminal starts it on a terminal of its own, which it returns as the child sees it.
func (c *club) watchOnTerminal(args ...string) (*watcher, *os.File) {
	c.t.Helper()
	person, terminal := openTerminal(c.t)
	w := c.watchCommand([]string{"TERM=xterm", "CI="}, args)
	w.command.Stdin, w.command.Stdout, w.command.Stderr = terminal, terminal, terminal
	w.command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	w.keys = person
	w.start(person)
	return w, terminal
}

func (c *club) watchCommand(env, args []string) *watcher {
	w := &watcher{t: c.t, ended: make(chan struct{})}
	w.command = c.command(context.Background(), append([]string{"run", "--watch", "--python", c.python, "-n", "2"}, args...)...)
	w.command.Env = append(w.command.Env, env...)
	return w
}

func (w *watcher) start(output io.Reader) {
	w.t.Helper()
	if err := w.command.Start(); err != nil {
		w.t.Fatal(err)
	}
	go w.listen(output)
	w.t.Cleanup(func() {
		_ = w.command.Process.Kill()
		<-w.ended
	})
}

func (w *watcher) listen(output io.Reader) {
	defer close(w.ended)
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 4096)
		for {
			n, err := output.Read(buffer)
			w.mu.Lock()
			w.screen = append(w.screen, buffer[:n]...)
			w.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	if w.keys == nil {
		<-done // Wait would close the pipe
	}
	_ = w.command.Wait() // its status says more
}

// await waits until something is printed, and returns all up to it since the last time.
func (w *watcher) await(text string) string {
	w.t.Helper()
	var found string
	seen := within(patience, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		at := bytes.Index(w.screen[w.read:], []byte(text))
		if at >= 0 {
			found = string(w.screen[w.read : w.read+at+len(text)])
			w.read += at + len(text)
		}
		return at >= 0
	})
	if !seen {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.t.Fatalf("%q was not printed in time; since the last time:\n%s", text, w.screen[w.read:])
	}
	return found
}

// waiting waits until a save is waited for and returns what was printed before.
func (w *watcher) waiting() string {
	w.t.Helper()
	return w.await("waiting for a save")
}

// press presses a key.
func (w *watcher) press(key string) {
	w.t.Helper()
	if _, err := io.WriteString(w.keys, key); err != nil {
		w.t.Fatal(err)
	}
}

// end waits for the end and checks the exit status.
func (w *watcher) end(status int) {
	w.t.Helper()
	eventually(w.t, "the end of the watch", func() bool {
		select {
		case <-w.ended:
			return true
		default:
			return false
		}
	})
	if got := w.command.ProcessState.ExitCode(); got != status {
		w.t.Errorf("exit status %d, want %d; it printed\n%s", got, status, w.screen)
	}
}

func (w *watcher) interrupt() {
	w.t.Helper()
	if err := w.command.Process.Signal(syscall.SIGINT); err != nil {
		w.t.Fatal(err)
	}
}

// openTerminal opens a pseudo-terminal: a person's end and a program's.
func openTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { person.Close() })
	fd := int(person.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}); err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

// mustSay checks what was printed.
func mustSay(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
}

// read is what a file of the project has in it.
func (c *club) read(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.root, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}
