//go:build linux

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"hotclub/runner"
)

// Section (b) of the analysis: weaknesses of Django's own runner which are gone.
var weaknesses = []item{
	{"B01", nothingMigratedTwice},
	{"B02", nothingBootedTwice},
	{"B03", deadWorker},
	{"B04", deadWorkersSuccessor},
	{"B05", workerThatCannotBePrepared},
	{"B06", keepdbMigrates},
	{"B07", rowsOfMigrationsStay},
	{"B11", verdictsAsTheyHappen},
	{"B13", modulesOnce},
	{"B14", fixtures},
	{"B15", debugSQL},
	{"B16", nothingIsPickled},
	{"B17", interrupted},
	{"B20", twoRunsAtOnce},
	{"B21", selectedRunner},
	{"B23", memoryStaysInMemory},
	{"B26", workerID},
}

func nothingBootedTwice(t *testing.T, s *stage) {
	c := s.shared(t, "beyond")
	first := c.run("-n", "1", "beyond.test_module_one")
	second := c.run("-n", "1", "beyond.test_module_one")
	wantEqual(t, first.only(t, "OneC").Generation, second.only(t, "OneC").Generation)
}

// dying is a run of which one test takes its worker with it.
func dying(t *testing.T, s *stage) story {
	t.Helper()
	return s.told(t, "beyond", nil, "beyond.test_dying")
}

func deadWorker(t *testing.T, s *stage) {
	told := dying(t, s)
	wantStatus(t, told, 1)
	dead := told.only(t, "test_b_dies")
	wantEqual(t, runner.Errored, dead.State)
	wantEqual(t, runner.PhaseWorker, dead.Messages[0].Phase)
	wantContains(t, "the verdict", dead.Messages[0].Text, "signal 9")
	wantContains(t, "its output", dead.Output, "last words")
	for _, other := range []string{"test_a_before", "test_c_after", "Bystander"} {
		wantEqual(t, runner.Passed, told.only(t, other).State)
	}
}

// deadWorkersSuccessor: the worker that comes instead has a database, and another name.
func deadWorkersSuccessor(t *testing.T, s *stage) {
	told := dying(t, s)
	after := told.only(t, "test_c_after")
	wantEqual(t, runner.Passed, after.State)
	if after.Worker == told.only(t, "test_b_dies").Worker {
		t.Errorf("worker %s ran on after its death", after.Worker)
	}
}

func workerThatCannotBePrepared(t *testing.T, s *stage) {
	told := s.told(t, "flow", []string{"FLOW_BAD_INIT=1"})
	wantStatus(t, told, 3)
	wantContains(t, "the error", told.stderr, "LookupError: this worker cannot be prepared")
	wantContains(t, "the error", told.stderr, "flow/runner.py")
	wantEqual(t, 1, strings.Count(told.stderr, "Traceback"))
}

func rowsOfMigrationsStay(t *testing.T, s *stage) {
	c := s.shared(t, "beyond")
	for range 2 {
		wantStatus(t, c.run("-n", "1", "beyond.test_rows"), 0)
	}
}

// verdictsAsTheyHappen: the second test of a class waits until the verdict of the first has
// been seen outside.
func verdictsAsTheyHappen(t *testing.T, s *stage) {
	live := s.begin(t, "test_waiting")
	live.until("test_a_passes")
	live.say()
	told := live.end()
	wantStatus(t, told, 0)
	wantEqual(t, runner.Passed, told.only(t, "test_b_waits").State)
}

// modulesOnce: once for each worker that has had a part of the module.
func modulesOnce(t *testing.T, s *stage) {
	c := s.shared(t, "beyond")
	before := len(c.journal())
	told := c.run("-n", "2", "beyond.test_module_one", "beyond.test_module_two")
	wantStatus(t, told, 0)
	journal := c.journal()[before-1:]
	for _, module := range []string{"one", "two"} {
		want := len(told.workers("test_module_" + module))
		wantEqual(t, []int{want, want}, []int{count(journal, "setUpModule "+module), count(journal, "tearDownModule "+module)})
	}
	wantStatus(t, c.run("-n", "1", "beyond.test_module_one"), 0)
	wantEqual(t, count(journal, "setUpModule")+1, count(c.journal()[before-1:], "setUpModule"))
}

func nothingIsPickled(t *testing.T, s *stage) {
	likeDjango("Item19", "Item19Made7", "arithmetic")(t, s)
	told := s.told(t, "beyond", nil, "-n", "2", "beyond.test_unpicklable", "beyond.test_rows")
	wantContains(t, "the error", text(told.only(t, "Unpicklable.test_exception_of")), "Local: seen")
	wantEqual(t, runner.Failed, told.only(t, "test_subtest").State)
	wantEqual(t, runner.Completed, told.finished.Outcome)
	wantEqual(t, 6, len(told.tests))
	wantStatus(t, told, 1)
}

// interrupted: what has a verdict keeps it, nothing claims success.
func interrupted(t *testing.T, s *stage) {
	live := s.begin(t, "test_waiting")
	live.until("test_a_passes")
	if err := live.command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	told := live.end()
	wantStatus(t, told, 130)
	wantEqual(t, runner.CancelledRun, told.finished.Outcome)
	want := map[string]runner.State{"a_passes": runner.Passed, "b_waits": runner.Cancelled, "c_follows": runner.Cancelled}
	for test, state := range want {
		wantEqual(t, state, told.only(t, test).State)
	}
	again := live.guest.run("beyond.test_rows")
	wantStatus(t, again, 0)
}

// twoRunsAtOnce: by one server, and by two.
func twoRunsAtOnce(t *testing.T, s *stage) {
	c := s.shared(t, "beyond")
	var runs sync.WaitGroup
	results := make([]result, 3)
	for i, args := range [][]string{{}, {}, {"--no-daemon"}} {
		runs.Go(func() {
			var stdout, stderr bytes.Buffer
			command := c.command(t.Context(), slices.Concat([]string{"run", "--python", c.python, "--start-method", s.method, "beyond.test_rows"}, args)...)
			command.Stdout, command.Stderr = &stdout, &stderr
			_ = command.Run() // its status says it
			results[i] = result{status: command.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
		})
	}
	runs.Wait()
	for i, r := range results {
		if r.status != 0 {
			t.Errorf("run %d: status %d\n%s\n%s", i, r.status, r.stdout, r.stderr)
		}
	}
}

// live is a run that is followed while it goes on.
type live struct {
	t       *testing.T
	guest   *guest
	command *exec.Cmd
	stdout  *bufio.Reader
	seen    strings.Builder
	stderr  bytes.Buffer
	pipe    *os.File
}

// begin starts a run of one module of beyond, in one worker, with the pipe "word".
func (s *stage) begin(t *testing.T, module string) *live {
	t.Helper()
	l := &live{t: t, guest: s.shared(t, "beyond")}
	l.pipe = l.guest.pipe("word")
	l.command = l.guest.command(context.Background(), "run", "--python", s.python, "--start-method", s.method, "--json", "-", "-n", "1", "beyond."+module)
	l.command.Stderr = &l.stderr
	stdout, err := l.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	l.stdout = bufio.NewReader(stdout)
	if err := l.command.Start(); err != nil {
		t.Fatal(err)
	}
	return l
}

// meetingPlace makes a named pipe. Who opens an end of it waits for the other.
func (g *guest) meetingPlace(name string) (path string) {
	g.t.Helper()
	path = filepath.Join(g.root, name+".pipe")
	g.t.Cleanup(func() { os.Remove(path) })
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		g.t.Fatal(err)
	}
	return path
}

// pipe makes one that is open at this end, so that nobody waits by opening the other.
func (g *guest) pipe(name string) *os.File {
	g.t.Helper()
	file, err := os.OpenFile(g.meetingPlace(name), os.O_RDWR, 0)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { file.Close() })
	return file
}

// until reads up to the verdict of a test.
func (l *live) until(test string) {
	l.t.Helper()
	for {
		text, err := l.stdout.ReadString('\n')
		l.seen.WriteString(text)
		if err != nil {
			l.t.Fatalf("the run ended before %s\n%s\n%s", test, &l.seen, &l.stderr)
		}
		var each line
		if err := json.Unmarshal([]byte(text), &each); err != nil {
			l.t.Fatal(err)
		}
		if each.Event == "test" && strings.HasSuffix(each.Label, test) {
			return
		}
	}
}

// say lets the test go on that waits for the word.
func (l *live) say() {
	l.t.Helper()
	if _, err := io.WriteString(l.pipe, "go on\n"); err != nil {
		l.t.Fatal(err)
	}
}

func (l *live) end() story {
	l.t.Helper()
	rest, err := io.ReadAll(l.stdout)
	if err != nil {
		l.t.Fatal(err)
	}
	l.seen.Write(rest)
	_ = l.command.Wait() // its status says it
	return l.guest.parse(result{status: l.command.ProcessState.ExitCode(), stdout: l.seen.String(), stderr: l.stderr.String()})
}
