//go:build linux

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotclub/runner"
)

var binary string

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "hotclub-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "hotclub")
	command := exec.Command("go", "build", "-o", binary, "hotclub/cmd/hotclub")
	if output, err := command.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building hotclub: %v\n%s", err, output)
		return 1
	}
	return m.Run()
}

// django is an interpreter with a Django of some version.
type django struct {
	version string
	python  string
}

// djangos are the versions that are tested, oldest first.
func djangos(t *testing.T) []django {
	t.Helper()
	return interpreters(t, "DJANGO_PYTHONS")
}

// interpreters are those that a variable names.
func interpreters(t *testing.T, variable string) (all []django) {
	t.Helper()
	for entry := range strings.SplitSeq(os.Getenv(variable), ",") {
		if version, python, ok := strings.Cut(strings.TrimSpace(entry), "="); ok {
			all = append(all, django{version, python})
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s names no interpreter; see doc.go, or run .ci/test, which sets it", variable)
	}
	return all
}

// eachDjango runs a test on every version.
func eachDjango(t *testing.T, test func(t *testing.T, d django)) {
	for _, d := range djangos(t) {
		t.Run("django"+d.version, func(t *testing.T) { test(t, d) })
	}
}

// unlessEverything is what of all combinations a continuous integration has time for, which have shown
// what the others had; HOTCLUB_EVERYTHING=1 goes through all.
func unlessEverything[T any](few, all T) T {
	if os.Getenv("HOTCLUB_EVERYTHING") == "" {
		return few
	}
	return all
}

// methodsOn are the methods that a test goes through on a version of Django.
func methodsOn(t *testing.T, d django) []string {
	t.Helper()
	both := []string{"fork", "spawn"}
	if d != newest(t) {
		return unlessEverything(both[:1], both)
	}
	return both
}

// eachMethod runs a test with workers that are forked and with workers that are spawned.
func eachMethod(t *testing.T, test func(t *testing.T, method string)) {
	someMethods(t, []string{"fork", "spawn"}, test)
}

// forkAtLeast runs a test with workers that are forked, and with HOTCLUB_EVERYTHING=1 also with those
// that are spawned.
func forkAtLeast(t *testing.T, test func(t *testing.T, method string)) {
	someMethods(t, unlessEverything([]string{"fork"}, []string{"fork", "spawn"}), test)
}

func someMethods(t *testing.T, methods []string, test func(t *testing.T, method string)) {
	for _, method := range methods {
		t.Run(method, func(t *testing.T) { test(t, method) })
	}
}

// club is a hotclub with directories, and so a daemon, of its own, on a copy of a project.
type club struct {
	t       *testing.T
	root    string // of the project
	runtime string
	state   string
	python  string
	env     []string
	editors []*exec.Cmd // `hotclub lsp`
}

// newClub copies the project at from (relative to testdata) and prepares to run it.
func newClub(t *testing.T, python, from string) *club {
	t.Helper()
	root := filepath.Join(t.TempDir(), "project")
	if err := os.CopyFS(root, os.DirFS(filepath.Join("testdata", from))); err != nil {
		t.Fatal(err)
	}
	return newClubAt(t, python, root)
}

// newClubAt prepares to run the project at root, which the test owns.
func newClubAt(t *testing.T, python, root string) *club {
	t.Helper()
	runtime, err := os.MkdirTemp("", "hc") // short: a socket's path has little room
	if err != nil {
		t.Fatal(err)
	}
	c := &club{t: t, root: root, runtime: runtime, state: t.TempDir(), python: python}
	c.env = append(os.Environ(), "HOTCLUB_RUNTIME_DIR="+runtime, "XDG_STATE_HOME="+c.state, markVariable+"="+runtime)
	t.Cleanup(c.end)
	return c
}

// end stops the daemon and sees that nothing is left.
func (c *club) end() {
	c.hotclub("stop", "--all")
	var left []string
	// A daemon has let go of everything a moment before its process ends.
	if !within(patience, func() bool { left = c.processes(); return len(left) == 0 }) {
		c.t.Errorf("left running: %s", strings.Join(left, "; "))
	}
	if left, _ := filepath.Glob(filepath.Join(c.runtime, "w-*")); len(left) > 0 {
		c.t.Errorf("left behind: %v", left)
	}
	os.RemoveAll(c.runtime)
}

// markVariable shows which processes belong to a test: unlike hotclub's own variables it reaches
// the workers.
const markVariable = "CLUB_UNDER_TEST"

// processes lists what this club has running.
func (c *club) processes() []string {
	mark := []byte(markVariable + "=" + c.runtime)
	var found []string
	paths, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range paths {
		environ, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(environ, mark) {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		if len(line) > 0 {
			found = append(found, filepath.Base(filepath.Dir(path))+" "+string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})))
		}
	}
	return found
}

// result is what one call of the binary did.
type result struct {
	status int
	stdout string
	stderr string
}

// command prepares a call; the test may look at it while it runs.
func (c *club) command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, binary, args...)
	command.Dir = c.root
	command.Env = c.env
	return command
}

// hotclub calls the binary in the project and waits for it.
func (c *club) hotclub(args ...string) result {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	command := c.command(ctx, args...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if ctx.Err() != nil {
		c.t.Fatalf("hotclub %s did not end in time\n%s\n%s", strings.Join(args, " "), &stdout, &stderr)
	}
	if err != nil && command.ProcessState == nil {
		c.t.Fatal(err)
	}
	return result{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// line is one line of --json; see PROTOCOL.md, section 3.
type line struct {
	Event      string               `json:"event"`
	ID         runner.TestID        `json:"id"`
	Label      string               `json:"label"`
	Kind       runner.Kind          `json:"kind"`
	State      runner.State         `json:"state"`
	Worker     string               `json:"worker"`
	Generation string               `json:"generation"`
	Messages   []runner.Message     `json:"messages"`
	Reason     string               `json:"reason"`
	Output     string               `json:"output"`
	Outcome    runner.Outcome       `json:"outcome"`
	Counts     map[runner.State]int `json:"counts"`
	Error      string               `json:"error"`
	Total      int                  `json:"total"`
	Start      string               `json:"startMethod"`
}

// story is a run as --json tells it.
type story struct {
	result
	lines    []line
	tests    map[string]line // verdicts of tests by label
	classes  []line          // verdicts of classes and files
	finished line
}

// run runs tests and returns what happened to each.
func (c *club) run(args ...string) story {
	c.t.Helper()
	return c.parse(c.hotclub(append([]string{"run", "--python", c.python, "--json", "-"}, args...)...))
}

func (c *club) parse(r result) story {
	c.t.Helper()
	s := story{result: r, tests: make(map[string]line)}
	scanner := bufio.NewScanner(strings.NewReader(r.stdout))
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		var l line
		if err := json.Unmarshal(scanner.Bytes(), &l); err != nil {
			c.t.Fatalf("not JSON: %q: %v", scanner.Text(), err)
		}
		s.lines = append(s.lines, l)
		switch {
		case l.Event == "runFinished":
			s.finished = l
		case l.Event == "test" && l.Kind == runner.KindTest:
			if _, twice := s.tests[l.Label]; twice {
				c.t.Errorf("two verdicts for %s", l.Label)
			}
			s.tests[l.Label] = l
		case l.Event == "test":
			s.classes = append(s.classes, l)
		}
	}
	if s.finished.Event == "" {
		c.t.Fatalf("the run has no end; status %d\n%s\n%s", r.status, r.stdout, r.stderr)
	}
	return s
}

// states maps labels to states.
func (s story) states() map[string]runner.State {
	states := make(map[string]runner.State, len(s.tests))
	for label, l := range s.tests {
		states[label] = l.State
	}
	return states
}
