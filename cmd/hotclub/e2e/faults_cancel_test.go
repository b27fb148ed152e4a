//go:build linux

package e2e

import (
	"syscall"
	"testing"
	"time"

	"hotclub/runner"
)

// promptly is how soon a cancel takes effect: within a second, and where the machine has other things to
// do later by as much as everything is. A call of the binary takes some hundredths of a second by itself.
func (c *club) promptly() time.Duration {
	c.t.Helper()
	begun := time.Now()
	c.hotclub("version")
	return time.Second + 20*time.Since(begun)
}

// TestCancelWhileTestsRun interrupts a run of which two tests hang and others wait.
func TestCancelWhileTestsRun(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) {
		c := newFaults(t)
		before := c.plain("--start-method", method)
		o := c.begin("--start-method", method, "-n", "2", "tests.test_hold")
		c.awaitSign("one")
		c.awaitSign("two")
		s := o.interrupt()
		s.complete(t)
		if s.finished.Counts[runner.Cancelled] != 6 || s.finished.Counts[runner.Passed] != 2 {
			t.Errorf("states: %v", s.states())
		}
		after := c.plain("--start-method", method)
		if a, b := before.generation(t), after.generation(t); a != b {
			t.Errorf("the pool did not stay warm: generation %s, then %s", a, b)
		}
		c.noStrangers()
	})
}

// interrupt sends Ctrl-C and sees that the run ends soon, as cancelled.
func (o *ongoing) interrupt() story {
	o.c.t.Helper()
	begun := time.Now()
	o.signal(syscall.SIGINT)
	s := o.story()
	if took := time.Since(begun); took > time.Second && took > o.c.promptly() {
		o.c.t.Errorf("it took %v to cancel", took)
	}
	if s.status != 130 || s.finished.Outcome != runner.CancelledRun {
		o.c.t.Errorf("status %d, outcome %q, error %q\n%s", s.status, s.finished.Outcome, s.finished.Error, s.stderr)
	}
	return s
}

// TestCancelOnTheWay interrupts a run before its first test.
func TestCancelOnTheWay(t *testing.T) {
	t.Parallel()
	hold := "import signs; signs.hold('held')\n"
	for _, at := range []struct{ name, label, file, text string }{
		{"boot", "tests.test_plain", "conf.py", "from faults_conf import *\n" + hold},
		{"migration", "tests.test_plain", "shop/migrations/0002_hold.py", `
import signs
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.RunPython(lambda apps, editor: signs.hold("held"))]
`},
		{"collection", "tests.test_slow_import", "tests/test_slow_import.py", hold + `
from django.test import SimpleTestCase

class Slow(SimpleTestCase):
    def test_it(self):
        pass
`},
		{"setUpModule", "tests.test_slow_module", "tests/test_slow_module.py", `
import signs
from django.test import SimpleTestCase

def setUpModule():
    signs.hold("held")

class Slow(SimpleTestCase):
    def test_it(self):
        pass
`},
		{"tearDownModule", "tests.test_slow_module", "tests/test_slow_module.py", `
import signs
from django.test import SimpleTestCase

def tearDownModule():
    signs.hold("held")

class Slow(SimpleTestCase):
    def test_it(self):
        pass
`},
	} {
		t.Run(at.name, func(t *testing.T) {
			forkAtLeast(t, func(t *testing.T, method string) {
				c := newFaults(t)
				c.rename("conf.py", "faults_conf.py")
				c.write("conf.py", "from faults_conf import *\n")
				c.write(at.file, at.text)
				o := c.begin("--start-method", method, "-n", "1", at.label)
				c.awaitSign("held")
				o.interrupt().complete(t)
				c.release()
				c.plain("--start-method", method)
				c.noStrangers()
			})
		})
	}
}

// TestSecondInterruptLeavesAtOnce interrupts a run twice while its daemon can't answer, which ends the run
// when it can.
//
// Case 42 (dbclone/failures_test.go).
func TestSecondInterruptLeavesAtOnce(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	o := c.begin("tests.test_hold")
	c.awaitSign("one")
	daemon := c.status().Daemon.PID
	stop(t, daemon)
	eventually(t, "the end of a run that is interrupted twice", func() bool {
		_ = o.command.Process.Signal(syscall.SIGINT) // two of a kind may arrive as one
		return o.hasEnded()
	})
	if r := o.wait(); r.status != 130 {
		t.Errorf("status %d\n%s", r.status, r.stderr)
	}
	resume(t, daemon)
	c.noRuns()
	c.noStrangers()
}

// stop freezes a process until the end of the test at most.
func stop(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
}

func resume(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

// noRuns waits until the daemon carries no run out.
func (c *club) noRuns() {
	c.t.Helper()
	eventually(c.t, "the end of all runs", func() bool { return len(c.status().Runs) == 0 })
}

// TestVanishedClientCancelsItsRun kills the client; nobody is there any more to be told.
func TestVanishedClientCancelsItsRun(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) {
		c := newFaults(t)
		o := c.begin("--start-method", method, "tests.test_hold")
		c.awaitSign("one")
		o.signal(syscall.SIGKILL)
		c.noRuns()
		c.noStrangers()
		c.plain("--start-method", method)
	})
}

// TestDaemonsOrderlyEndCancels stops the daemon in the middle of a run.
func TestDaemonsOrderlyEndCancels(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	o := c.begin("-n", "2", "tests.test_hold")
	c.awaitSign("one")
	c.awaitSign("two")
	terminate(t, c.status().Daemon.PID)
	s := o.story()
	s.complete(t)
	if s.finished.Outcome != runner.CancelledRun || s.finished.Counts[runner.Cancelled] != 6 {
		t.Errorf("status %d, outcome %s, %v", s.status, s.finished.Outcome, s.states())
	}
	eventually(t, "the end of the daemon and its workers", func() bool { return len(c.processes()) == 0 })
}

func terminate(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}
