//go:build linux

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hotclub/runner"
)

// patience is how long an event may take on a machine that has other things to do.
const patience = time.Minute

// within waits until a condition holds, and reports whether it came to that in time. To look often may
// take the processor from what is waited for: many looks start a process.
func within(limit time.Duration, holds func() bool) bool {
	deadline := time.After(limit)
	for pause := 5 * time.Millisecond; !holds(); pause = min(2*pause, 80*time.Millisecond) {
		select {
		case <-time.After(pause):
		case <-deadline:
			return false
		}
	}
	return true
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	if !within(patience, holds) {
		t.Fatalf("it did not come to pass within %v: %s", patience, what)
	}
}

// ongoing is a run that has been started and is being listened to.
type ongoing struct {
	c       *club
	command *exec.Cmd
	ended   chan struct{}
	stderr  bytes.Buffer

	mu    sync.Mutex
	lines []line
	raw   bytes.Buffer
}

// begin starts a run without waiting for it.
func (c *club) begin(args ...string) *ongoing {
	c.t.Helper()
	o := &ongoing{c: c, ended: make(chan struct{})}
	o.command = c.command(context.Background(), append([]string{"run", "--python", c.python, "--json", "-"}, args...)...)
	o.command.Stderr = &o.stderr
	stdout, err := o.command.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := o.command.Start(); err != nil {
		c.t.Fatal(err)
	}
	go o.listen(stdout)
	c.t.Cleanup(func() {
		_ = o.command.Process.Kill()
		<-o.ended
	})
	return o
}

func (o *ongoing) listen(stdout io.Reader) {
	defer close(o.ended)
	reader := bufio.NewReader(stdout)
	for {
		text, err := reader.ReadBytes('\n')
		o.mu.Lock()
		o.raw.Write(text)
		var l line
		if json.Unmarshal(text, &l) == nil {
			o.lines = append(o.lines, l)
		}
		o.mu.Unlock()
		if err != nil {
			break
		}
	}
	_ = o.command.Wait() // its status says more
}

// heard reports whether the run has said something so far.
func (o *ongoing) heard(matches func(line) bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.ContainsFunc(o.lines, matches)
}

// await waits until the run says something.
func (o *ongoing) await(what string, matches func(line) bool) {
	o.c.t.Helper()
	eventually(o.c.t, what, func() bool {
		if o.hasEnded() && !o.heard(matches) {
			o.c.t.Fatalf("the run ended before: %s\n%s\n%s", what, &o.raw, &o.stderr)
		}
		return o.heard(matches)
	})
}

func (o *ongoing) hasEnded() bool {
	select {
	case <-o.ended:
		return true
	default:
		return false
	}
}

func (o *ongoing) signal(s syscall.Signal) {
	o.c.t.Helper()
	if err := o.command.Process.Signal(s); err != nil {
		o.c.t.Fatal(err)
	}
}

// wait waits for the end of the run.
func (o *ongoing) wait() result {
	o.c.t.Helper()
	eventually(o.c.t, "the end of the run", o.hasEnded)
	return result{status: o.command.ProcessState.ExitCode(), stdout: o.raw.String(), stderr: o.stderr.String()}
}

// story waits for the end of the run and tells it.
func (o *ongoing) story() story {
	o.c.t.Helper()
	return o.c.parse(o.wait())
}

// awaitSign waits until the project has reached something: it then makes a file in the folder signs.
func (c *club) awaitSign(name string) {
	c.t.Helper()
	eventually(c.t, "the sign of "+name, func() bool { return exists(filepath.Join(c.root, "signs", name)) })
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// write puts a file into the project. One that is there is written over and cut behind that, so that
// nobody finds it empty: what a boot makes of that would be one generation more.
func (c *club) write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		c.t.Fatal(err)
	}
	_, err = file.WriteString(text)
	if info, _ := file.Stat(); err == nil && info.Size() > int64(len(text)) {
		err = file.Truncate(int64(len(text)))
	}
	if err := errors.Join(err, file.Close()); err != nil {
		c.t.Fatal(err)
	}
}

// status is what `hotclub status --json` says.
type status struct {
	Daemon struct{ PID int }
	Runs   []struct{ RunID string }
	// Projects are those with a pool.
	Projects   []runner.ProjectStatus
	Goroutines int
}

func (c *club) status() status {
	c.t.Helper()
	r := c.hotclub("status", "--json")
	var s status
	if err := json.Unmarshal([]byte(r.stdout), &s); err != nil {
		c.t.Fatalf("status %d: %v\n%s\n%s", r.status, err, r.stdout, r.stderr)
	}
	return s
}

// workers lists the processes of the pools, layers included.
func (s status) workers() []runner.WorkerStatus {
	var all []runner.WorkerStatus
	for _, project := range s.Projects {
		all = append(all, project.Workers...)
	}
	return all
}

// noStrangers waits until nothing of the club runs but the daemon, the workers of its pools and its
// editors' servers.
// A test may have taken our mark off its children, but they were born in the project.
func (c *club) noStrangers() {
	c.t.Helper()
	var strangers []string
	ended := within(patience, func() bool {
		found := append(c.processes(), c.inProject()...)
		if len(found) == 0 {
			return true
		}
		s := c.status()
		known := []int{s.Daemon.PID}
		for _, w := range s.workers() {
			known = append(known, w.PID)
		}
		for _, editor := range c.editors {
			known = append(known, editor.Process.Pid)
		}
		strangers = slices.DeleteFunc(found, func(process string) bool {
			return slices.Contains(known, pidOf(process))
		})
		return len(strangers) == 0
	})
	if !ended {
		c.t.Errorf("left running: %s", strings.Join(strangers, "; "))
	}
}

// inProject lists the processes whose working directory is the project's.
func (c *club) inProject() []string {
	var found []string
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if dir, err := os.Readlink(link); err == nil && dir == c.root {
			command, _ := os.ReadFile(filepath.Join(filepath.Dir(link), "cmdline"))
			found = append(found, fmt.Sprintf("%s %s", filepath.Base(filepath.Dir(link)), bytes.ReplaceAll(command, []byte{0}, []byte{' '})))
		}
	}
	return found
}

func pidOf(process string) int {
	text, _, _ := strings.Cut(process, " ")
	pid, _ := strconv.Atoi(text)
	return pid
}

// newest is the interpreter for what does not depend on Django's version.
func newest(t *testing.T) django {
	t.Helper()
	all := djangos(t)
	return all[len(all)-1]
}

// newFaults is a club on testdata/faults, whose tests wait for signs.
func newFaults(t *testing.T) *club {
	t.Helper()
	c := newClub(t, newest(t).python, "faults")
	c.prepareSigns()
	return c
}

// prepareSigns makes the folder of the signs, which would else be new to a process that has
// listed the project's folder.
func (c *club) prepareSigns() {
	c.t.Helper()
	if err := os.MkdirAll(filepath.Join(c.root, "signs"), 0o755); err != nil {
		c.t.Fatal(err)
	}
}

// release lets all that hold go on, now and later.
func (c *club) release() { c.write("signs/go", "") }

// hold makes them hold again, and forgets all signs.
func (c *club) hold() {
	c.t.Helper()
	signs, _ := filepath.Glob(filepath.Join(c.root, "signs", "*"))
	for _, sign := range signs {
		if err := os.Remove(sign); err != nil {
			c.t.Fatal(err)
		}
	}
}

// plain runs a few tests that pass whenever the right code meets the right database.
func (c *club) plain(args ...string) story {
	c.t.Helper()
	s := c.run(append(args, "tests.test_plain")...)
	if s.status != 0 || len(s.tests) != 3 || s.finished.Counts[runner.Passed] != 3 {
		c.t.Errorf("a plain run: status %d\n%s\n%s", s.status, s.stdout, s.stderr)
	}
	return s
}

// generation is what the verdicts of a run say that they come from.
func (s story) generation(t *testing.T) string {
	t.Helper()
	generation := ""
	for label, l := range s.tests {
		if generation == "" {
			generation = l.Generation
		}
		if l.Generation != generation || generation == "" {
			t.Errorf("%s is of generation %q, others of %q", label, l.Generation, generation)
		}
	}
	return generation
}

// complete checks that each test of a run has exactly one terminal state.
func (s story) complete(t *testing.T) {
	t.Helper()
	total := -1
	for _, l := range s.lines {
		if l.Event == "runStarted" {
			total = l.Total
		}
	}
	if total >= 0 && len(s.tests) != total {
		t.Errorf("%d verdicts for %d tests", len(s.tests), total)
	}
	for label, l := range s.tests {
		if !l.State.Terminal() {
			t.Errorf("%s ended as %s", label, l.State)
		}
	}
}

// rename moves a file within the project.
func (c *club) rename(from, to string) {
	c.t.Helper()
	if err := os.Rename(filepath.Join(c.root, from), filepath.Join(c.root, to)); err != nil {
		c.t.Fatal(err)
	}
}
