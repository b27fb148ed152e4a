//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// oneTest is a test file whose one test passes where right is true.
func oneTest(right bool) string {
	text := "True"
	if !right {
		text = "False"
	}
	return "from django.test import TestCase\n\nclass Saved(TestCase):\n    def test_it(self):\n        self.assertTrue(" + text + ")\n"
}

// TestWatch saves and sees the verdicts follow.
func TestWatch(t *testing.T) {
	t.Parallel()
	eachMethod(t, func(t *testing.T, method string) {
		c := newFaults(t)
		c.write("tests/test_saved.py", oneTest(true))
		c.write("tests/test_late.py", "# nothing yet\n")
		w := c.watch(nil, "--start-method", method, "tests.test_saved", "tests.test_plain", "tests.test_late")
		mustSay(t, w.waiting(), "OK  4 passed")

		c.write("tests/test_saved.py", oneTest(false))
		mustSay(t, w.waiting(), "tests/test_saved.py changed", "FAILED  1 failed", "AssertionError")

		c.write("README.txt", "nobody reads this")
		c.write("tests/test_saved.py", "def broken(:\n")
		said := w.waiting()
		mustSay(t, said, "tests/test_saved.py changed", "SyntaxError")
		if strings.Contains(said, "README.txt") {
			t.Errorf("what nobody reads started a run:\n%s", said)
		}

		// As Vim saves: the file is another one afterwards.
		c.rename("tests/test_saved.py", "tests/test_saved.py~")
		c.write("tests/test_saved.py", oneTest(true))
		mustSay(t, w.waiting(), "OK  1 passed")

		c.write("tests/test_late.py", strings.ReplaceAll(oneTest(true), "Saved", "Late"))
		mustSay(t, w.waiting(), "tests/test_late.py changed", "OK  1 passed")

		c.write("conf.py", c.read("conf.py")+"\nraise RuntimeError('no settings')\n")
		mustSay(t, w.waiting(), "conf.py changed", "the project could not be started", "no settings")
		c.write("conf.py", strings.ReplaceAll(c.read("conf.py"), "raise RuntimeError", "str"))
		mustSay(t, w.waiting(), "conf.py changed", "OK  5 passed")

		w.interrupt()
		w.end(130)
		c.noRuns()
	})
}

// TestWatchOfNothing ends as a run does that finds no project.
func TestWatchOfNothing(t *testing.T) {
	t.Parallel()
	c := newClubAt(t, newest(t).python, t.TempDir())
	plain, watching := c.hotclub("run"), c.hotclub("run", "--watch")
	if watching.status != plain.status || watching.stdout != plain.stdout || plain.status == 0 {
		t.Errorf("with --watch status %d, else %d\n%s\n%s", watching.status, plain.status, watching.stdout, watching.stderr)
	}
}

// TestWatchSeesNewTests runs everything, so that a new file is a new test.
func TestWatchSeesNewTests(t *testing.T) {
	t.Parallel()
	c := newClub(t, newest(t).python, "small")
	w := c.watch(nil)
	before := w.waiting()
	c.write("fresh/__init__.py", "")
	c.write("fresh/test_fresh.py", oneTest(false))
	after := w.waiting()
	mustSay(t, after, "fresh.test_fresh.Saved.test_it")
	if strings.Contains(before, "test_fresh") {
		t.Errorf("before it was there:\n%s", before)
	}
	w.interrupt()
	w.end(130)
}

// TestWatchSupersedes saves while a run is on, which makes way.
func TestWatchSupersedes(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.write("tests/test_saved.py", oneTest(true))
	w := c.watch(nil, "tests.test_hold", "tests.test_saved")
	c.awaitSign("one")
	c.write("tests/test_saved.py", oneTest(false))
	mustSay(t, w.await("tests/test_saved.py changed"), "CANCELLED")
	c.release()
	mustSay(t, w.waiting(), "FAILED", "1 failed")
	w.interrupt()
	w.end(130)
	c.noRuns()
}

// TestWatchInterrupted cancels the run with the first Ctrl-C and leaves with the second.
func TestWatchInterrupted(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"with a daemon", "--no-daemon"} {
		t.Run(mode, func(t *testing.T) {
			c := newFaults(t)
			args := []string{"tests.test_hold"}
			if mode == "--no-daemon" {
				args = append(args, mode)
			}
			w := c.watch(nil, args...)
			c.awaitSign("one")
			w.interrupt()
			mustSay(t, w.waiting(), "CANCELLED")
			w.interrupt()
			w.end(130)
			if mode == "--no-daemon" {
				if left := c.processes(); len(left) > 0 {
					t.Errorf("left running: %v", left)
				}
			} else {
				c.noRuns()
			}
		})
	}
}

// TestWatchOnATerminal presses the keys, and finds the terminal afterwards as it was.
func TestWatchOnATerminal(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.write("tests/test_saved.py", oneTest(false))
	w, terminal := c.watchOnTerminal("tests.test_saved", "tests.test_plain")
	before, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	mustSay(t, w.waiting(), "FAILED", "3 passed", "1 failed")
	w.await("q: leave")
	w.press("f")
	mustSay(t, w.waiting(), "the failed ones", "FAILED", "1 failed")
	w.press("\n")
	mustSay(t, w.waiting(), "all again", "3 passed", "1 failed")
	c.write("tests/test_saved.py", oneTest(true))
	mustSay(t, w.waiting(), "tests/test_saved.py changed", "OK", "1 passed")
	w.press("f")
	mustSay(t, w.waiting(), "No tests matched")
	w.press("q")
	w.end(0)
	after, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	if after.Lflag != before.Lflag|unix.ICANON|unix.ECHO {
		t.Errorf("the terminal's modes were %#x and are %#x", before.Lflag, after.Lflag)
	}
}

// TestWatchTerminalInterrupt is Ctrl-C as a terminal sends it.
func TestWatchTerminalInterrupt(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	w, _ := c.watchOnTerminal("tests.test_plain")
	w.waiting()
	w.press("\x03")
	w.end(130)
	c.noRuns()
}

// TestWatchOutlivesTheDaemon kills the daemon, while the watch waits and in a run.
func TestWatchOutlivesTheDaemon(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.write("tests/test_saved.py", oneTest(true))
	w := c.watch(nil, "tests.test_saved")
	w.waiting()
	kill(t, c.status().Daemon.PID)
	mustSay(t, w.waiting(), "the daemon was lost", "OK  1 passed")

	c.write("tests/test_saved.py", "import signs\n"+strings.ReplaceAll(oneTest(true), "self.assert", "signs.hold('saved'); self.assert"))
	c.awaitSign("saved")
	kill(t, c.status().Daemon.PID)
	w.await("the daemon was lost")
	c.release()
	mustSay(t, w.waiting(), "OK  1 passed")
	c.write("tests/test_saved.py", oneTest(false))
	mustSay(t, w.waiting(), "tests/test_saved.py changed", "1 failed")
	w.interrupt()
	w.end(130)
}

// TestWatchWithoutAWatcher looks at the disk once a second, and says so.
func TestWatchWithoutAWatcher(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.write("tests/test_saved.py", oneTest(true))
	w := c.watch([]string{"HOTCLUB_WATCH=off"}, "tests.test_saved")
	w.await("HOTCLUB_WATCH=off")
	w.await("once a second")
	c.write("tests/test_saved.py", oneTest(false))
	w.await("1 failed")
	c.write("tests/test_saved.py", oneTest(true))
	w.await("OK  1 passed")
	w.waiting() // while a run is on an interrupt ends only that
	w.interrupt()
	w.end(130)
}

// TestWatchingCostsNothing finds a second in which neither the daemon nor the client has used the
// processor while they wait.
func TestWatchingCostsNothing(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	w := c.watch(nil, "tests.test_plain")
	w.waiting()
	pids := []int{w.command.Process.Pid, c.status().Daemon.PID}
	quiet := within(patience, func() bool {
		before := processorTime(t, pids)
		<-time.After(time.Second)
		return processorTime(t, pids) == before
	})
	if !quiet {
		t.Error("there was no second without work")
	}
	w.interrupt()
	w.end(130)
}

// processorTime is what processes have used, in ticks of 10 ms: fields 14 and 15 of proc(5) stat.
func processorTime(t *testing.T, pids []int) int {
	t.Helper()
	sum := 0
	for _, pid := range pids {
		text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(string(text[strings.LastIndex(string(text), ")")+1:]))
		for _, field := range fields[11:13] {
			n, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			sum += n
		}
	}
	return sum
}

// TestWatchRunsFailuresFirst has the class first that failed last, in the last of many modules.
func TestWatchRunsFailuresFirst(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	for _, name := range []string{"a", "b", "c"} {
		c.write("tests/test_first_"+name+".py", strings.ReplaceAll(oneTest(true), "class Saved", "class "+strings.ToUpper(name)))
	}
	c.write("tests/test_zz.py", oneTest(false))
	w := c.watch(nil, "-n", "1", "-v", "tests.test_first_a", "tests.test_first_b", "tests.test_first_c", "tests.test_zz")
	if said := w.waiting(); strings.Index(said, "tests.test_zz") < strings.Index(said, "tests.test_first_c") {
		t.Errorf("at first in Django's order:\n%s", said)
	}
	c.write("conf.py", c.read("conf.py")+"\nMORE = 1\n") // all depend on it
	said := w.waiting()
	mustSay(t, said, "FAILED  3 passed, 1 failed")
	_, said, _ = strings.Cut(said, "Running")
	if at := strings.Index(said, "test_zz"); at < 0 || at > strings.Index(said, "test_first_a") {
		t.Errorf("what failed does not come first:\n%s", said)
	}
	w.interrupt()
	w.end(130)
}
