//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestDaemonIsKilledInARun kills the daemon while tests run that have started children.
func TestDaemonIsKilledInARun(t *testing.T) {
	t.Parallel()
	eachMethod(t, func(t *testing.T, method string) {
		c := newFaults(t)
		c.write("tests/test_children.py", `
import subprocess
import signs
from django.test import TestCase

class Children(TestCase):
    def test_it(self):
        subprocess.Popen(["sleep", "1000"])
        subprocess.Popen(["sleep", "1000"], start_new_session=True)
        signs.hold("children")
`)
		o := c.begin("--start-method", method, "-n", "2", "tests.test_children", "tests.test_hold")
		c.awaitSign("children")
		c.awaitSign("one")
		first := c.status()
		kill(t, first.Daemon.PID)
		if r := o.wait(); r.status != 4 || !strings.Contains(r.stderr, "daemon was lost") {
			t.Errorf("the client of the dead daemon: status %d\n%s", r.status, r.stderr)
		}
		for _, worker := range first.workers() {
			eventually(t, "the end of worker "+worker.Name, func() bool { return !alive(worker.PID) })
		}
		c.release()
		c.plain("--start-method", method)
		c.noStrangers()
		c.sweptAll(t)
	})
}

// TestDaemonIsKilledInABuild kills the daemon while a database is migrated.
//
// Case 1 (dbclone/failures_test.go).
func TestDaemonIsKilledInABuild(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.write("shop/migrations/0002_hold.py", `
import signs
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.RunPython(lambda apps, editor: signs.hold("migrating"))]
`)
	c.begin("tests.test_plain")
	c.awaitSign("migrating")
	kill(t, c.status().Daemon.PID)
	c.release()
	c.plain()
	c.sweptAll(t)
}

// sweptAll checks that nothing of an earlier daemon is on the disk.
func (c *club) sweptAll(t *testing.T) {
	t.Helper()
	if homes := glob(t, c.runtime, "w-*"); len(homes) != 1 {
		t.Errorf("folders of workers: %v", homes)
	}
	databases := filepath.Join(c.state, "hotclub", "databases")
	owners := glob(t, databases, "owners", "*.lock")
	if len(owners) != 1 {
		t.Fatalf("owners: %v", owners)
	}
	owner := strings.TrimSuffix(filepath.Base(owners[0]), ".lock")
	for _, kind := range []string{"clones", "building"} {
		for _, place := range glob(t, databases, kind, "*") {
			if filepath.Base(place) != owner {
				t.Errorf("left behind: %s", place)
			}
		}
	}
	if unfinished := glob(t, databases, "building", owner, "*"); len(unfinished) > 0 {
		t.Errorf("unfinished: %v", unfinished)
	}
	if left := glob(t, c.root, "*sqlite3*"); len(left) > 0 {
		t.Errorf("in the project: %v", left)
	}
}

func glob(t *testing.T, parts ...string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if pid <= 0 { // these stand for groups, such as our own
		t.Fatalf("there is no process %d", pid)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// alive reports whether a process runs; one that only waits to be collected does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}
