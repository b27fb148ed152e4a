//go:build linux

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
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
