//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"hotclub/runner"
)

// TestReadyWorkersAreKilled kills workers that wait, and runs tests at once.
func TestReadyWorkersAreKilled(t *testing.T) {
	t.Parallel()
	eachMethod(t, func(t *testing.T, method string) {
		c := newFaults(t)
		c.plain("--start-method", method)
		c.killReady(2)
		c.plain("--start-method", method)
		c.noStrangers()
	})
}

// killReady kills so many workers that wait; one that the daemon replaced in that moment is no loss.
func (c *club) killReady(n int) {
	c.t.Helper()
	killed := make(map[int]bool)
	eventually(c.t, "ready workers to be killed", func() bool {
		for _, w := range c.readyWorkers(1) {
			if len(killed) < n && syscall.Kill(w.PID, syscall.SIGKILL) == nil {
				killed[w.PID] = true
			}
		}
		return len(killed) >= n
	})
}

// readyWorkers waits until there are some.
func (c *club) readyWorkers(atLeast int) []runner.WorkerStatus {
	c.t.Helper()
	var ready []runner.WorkerStatus
	eventually(c.t, "ready workers", func() bool {
		ready = slices.DeleteFunc(c.status().workers(), func(w runner.WorkerStatus) bool {
			return w.State != "ready" || w.Kind == "layer"
		})
		return len(ready) >= atLeast
	})
	return ready
}

// TestRunningWorkerIsKilled kills a worker in the middle of a test.
func TestRunningWorkerIsKilled(t *testing.T) {
	t.Parallel()
	eachMethod(t, func(t *testing.T, method string) {
		c := newFaults(t)
		o := c.begin("--start-method", method, "-n", "1", "tests.test_hold.Holds", "tests.test_hold.Later")
		c.awaitSign("one")
		kill(t, c.runningWorker().PID)
		c.release()
		s := o.story()
		s.complete(t)
		dead := s.tests["tests.test_hold.Holds.test_2_holds"]
		if dead.State != runner.Errored || len(dead.Messages) != 1 || dead.Messages[0].Phase != runner.PhaseWorker ||
			!strings.Contains(dead.Messages[0].Text, "killed by signal 9") {
			t.Errorf("the test of the killed worker: %s %v", dead.State, dead.Messages)
		}
		if s.finished.Counts[runner.Passed] != 4 || s.status != 1 {
			t.Errorf("status %d, %v", s.status, s.states())
		}
		c.noStrangers()
	})
}

// TestLastWordsAreHeard has a worker run many tests and die while its daemon cannot listen: each
// test has run once and has its verdict.
func TestLastWordsAreHeard(t *testing.T) {
	t.Parallel()
	eachMethod(t, func(t *testing.T, method string) {
		c := newFaults(t)
		c.write("tests/test_hasty.py", `
import os
import unittest
import signs

class Hasty(unittest.TestCase):
    def test_000(self):
        signs.hold("first")

    def test_dies(self):
        signs.give("ran")
        os._exit(6)

for number in range(1, 80):
    setattr(Hasty, f"test_{number:03}", lambda self: signs.give("ran"))
`)
		o := c.begin("--start-method", method, "-n", "1", "tests.test_hasty")
		c.awaitSign("first")
		worker, daemon := c.runningWorker().PID, c.status().Daemon.PID
		stop(t, daemon)
		c.release()
		eventually(t, "the worker's end", func() bool { return !alive(worker) })
		resume(t, daemon)
		s := o.story()
		s.complete(t)
		if s.finished.Counts[runner.Passed] != 80 || s.tests["tests.test_hasty.Hasty.test_dies"].State != runner.Errored {
			t.Errorf("status %d, %v", s.status, s.finished.Counts)
		}
		ran, err := os.ReadFile(filepath.Join(c.root, "signs", "ran"))
		if n := strings.Count(string(ran), "\n"); err != nil || n != 80 {
			t.Errorf("%d tests were run beside the first, %v", n, err)
		}
	})
}

func (c *club) runningWorker() runner.WorkerStatus {
	c.t.Helper()
	var running []runner.WorkerStatus
	eventually(c.t, "a running worker", func() bool {
		running = slices.DeleteFunc(c.status().workers(), func(w runner.WorkerStatus) bool { return w.State != "running" })
		return len(running) > 0
	})
	return running[0]
}

// TestBootingWorkerIsKilled kills a process that is still starting the project, for which a run
// waits.
func TestBootingWorkerIsKilled(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.rename("conf.py", "faults_conf.py")
	c.write("conf.py", "from faults_conf import *\nimport signs, os\nsigns.hold('boot-%d' % os.getpid())\n")
	c.release()
	c.plain("--start-method", "spawn")
	c.readyWorkers(3)
	c.hold()
	c.killReady(3)
	o := c.begin("--start-method", "spawn", "-n", "1", "tests.test_plain")
	var booting []runner.WorkerStatus
	eventually(t, "a worker that boots", func() bool {
		booting = slices.DeleteFunc(c.status().workers(), func(w runner.WorkerStatus) bool {
			return w.State != "booting" || !exists(c.root+"/signs/boot-"+strconv.Itoa(w.PID))
		})
		return len(booting) > 0
	})
	for _, worker := range booting {
		kill(t, worker.PID)
	}
	c.release()
	if s := o.story(); s.finished.Counts[runner.Passed] != 3 {
		t.Errorf("status %d %s %v\n%s\n%s", s.status, s.finished.Error, s.states(), s.stdout, s.stderr)
	}
	c.noStrangers()
}

// TestRestartDuringABoot restarts the project while it starts: of the two that start then, one stays.
func TestRestartDuringABoot(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) {
		c := newFaults(t)
		c.rename("conf.py", "faults_conf.py")
		c.write("conf.py", "from faults_conf import *\nimport signs, os\nsigns.hold('boot-%d' % os.getpid())\n")
		booting := func() int { return len(glob(t, c.root, "signs", "boot-*")) }
		first := c.begin("--start-method", method, "tests.test_plain")
		eventually(t, "the first boot", func() bool { return booting() == 1 })
		c.hotclub("restart")
		second := c.begin("--start-method", method, "tests.test_plain")
		eventually(t, "the second boot", func() bool { return booting() >= 2 })
		c.release()
		for _, o := range []*ongoing{first, second} {
			if s := o.story(); s.finished.Counts[runner.Passed] != 3 {
				t.Errorf("status %d, %v\n%s", s.status, s.states(), s.stderr)
			}
		}
		c.noStrangers()
	})
}

// TestReadyLayerIsKilled kills the process that all workers are forked from, between runs.
func TestReadyLayerIsKilled(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.plain("--start-method", "fork")
	c.readyWorkers(1)
	workers := c.status().workers()
	kill(t, c.layer().PID)
	for _, worker := range workers {
		eventually(t, "the end of worker "+worker.Name, func() bool { return !alive(worker.PID) })
	}
	c.plain("--start-method", "fork")
	c.noStrangers()
}

// TestLayerIsKilledInARun kills it while a worker of its own runs a test and others will be
// needed.
func TestLayerIsKilledInARun(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	o := c.begin("--start-method", "fork", "-n", "1", "tests.test_hold")
	c.awaitSign("one")
	running := c.runningWorker().PID
	kill(t, c.layer().PID)
	eventually(t, "the end of the layer's worker", func() bool { return !alive(running) })
	c.release()
	s := o.story()
	s.complete(t)
	if s.finished.Counts[runner.Passed] != 7 || s.finished.Counts[runner.Errored] != 1 || s.status != 1 {
		t.Errorf("status %d, %v %s", s.status, s.states(), s.finished.Error)
	}
	c.plain("--start-method", "fork")
	c.noStrangers()
}

func (c *club) layer() runner.WorkerStatus {
	c.t.Helper()
	for _, worker := range c.status().workers() {
		if worker.Kind == "layer" {
			return worker
		}
	}
	c.t.Fatal("there is no layer")
	return runner.WorkerStatus{}
}
