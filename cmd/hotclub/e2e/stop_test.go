//go:build linux

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
)

// TestStopEndsOtherBuilds has an update take the place of a binary whose daemon goes on.
func TestStopEndsOtherBuilds(t *testing.T) {
	t.Parallel()
	c := newFaults(t)
	c.plain()
	text, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	update := filepath.Join(t.TempDir(), "hotclub")
	if err := os.WriteFile(update, append(text, "another build"...), 0o755); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(update, "stop", "--all")
	command.Dir, command.Env = c.root, c.env
	out, err := command.CombinedOutput()
	if err != nil || strings.Count(string(out), "Stopped the daemon") != 1 {
		t.Errorf("%v\n%s", err, out)
	}
	eventually(t, "the end of the old daemon", func() bool { return len(c.processes()) == 0 })
	if r := c.hotclub("stop", "--all"); r.status != 0 || !strings.Contains(r.stdout, "No daemon is running") {
		t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
}

// TestStopEndsALook stops a project while one of its workers imports a test module for an editor: when
// stop has answered, nothing of the project is executed any more.
func TestStopEndsALook(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) {
		c := newFaults(t)
		reached := filepath.Join(t.TempDir(), "reached")
		c.env = append(c.env, "REACHED="+reached)
		c.write("tests/test_endless.py", `import os
import time

open(os.environ["REACHED"], "w").close()
while True:
    time.sleep(1)
`)
		c.editor(lsptest.Options{Initialization: map[string]any{"startMethod": method}})
		eventually(t, "a worker imports the module", func() bool { _, err := os.Stat(reached); return err == nil })
		r := c.hotclub("stop")
		if r.status != 0 || !strings.Contains(r.stdout, "Stopped "+c.root) {
			t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
		}
		for _, process := range c.processes() {
			if strings.Contains(process, filepath.Base(c.python)) {
				t.Errorf("still there: %s", process)
			}
		}
	})
}
