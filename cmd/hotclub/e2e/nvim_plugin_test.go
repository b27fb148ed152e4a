//go:build linux

package e2e

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// plugin runs a script of editors/nvim/tests in a Neovim that has the plugin and no configuration.
func (c *club) plugin(nvim, script string, args ...string) string {
	c.t.Helper()
	path, err := filepath.Abs(filepath.Join("../../../editors/nvim/tests", script))
	if err != nil {
		c.t.Fatal(err)
	}
	return c.neovim(nvim, append(args, "-S", path)...)
}

// TestNvimPlugin goes through a day: runs of the nearest test, the file, what failed and what is
// affected; signs, texts, diagnostics, quickfix and logs; watching, cancelling, and the runs of others.
func TestNvimPlugin(t *testing.T) {
	eachNeovim(t, func(t *testing.T, nvim string) {
		c := newClub(t, steady(t).python, "small")
		t.Log(strings.TrimSpace(c.plugin(nvim, "journey.lua")))
	})
}

// TestNvimPluginFaults has everything go wrong that can: the person is told what, and what to do.
func TestNvimPluginFaults(t *testing.T) {
	eachNeovim(t, func(t *testing.T, nvim string) {
		c := newClub(t, steady(t).python, "small")
		c.env = append(c.env, "BARE_PYTHON="+bare(t))
		t.Log(strings.TrimSpace(c.plugin(nvim, "faults.lua")))
	})
}

// bare is an interpreter without Django.
func bare(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if output, err := exec.Command(steady(t).python, "-m", "venv", "--without-pip", dir).CombinedOutput(); err != nil {
		t.Fatalf("making a virtual environment: %v\n%s", err, output)
	}
	return filepath.Join(dir, "bin", "python")
}

// TestNvimPluginScreen draws what a person sees, for docs/neovim-plugin-VERSION.txt; HOTCLUB_UPDATE_GOLDEN=1 writes them anew.
func TestNvimPluginScreen(t *testing.T) {
	eachNeovim(t, func(t *testing.T, nvim string) {
		c := newClub(t, steady(t).python, "small")
		_, drawn, _ := strings.Cut(c.plugin(nvim, "screen.lua"), "SCREEN of Neovim ")
		version, screen, _ := strings.Cut(drawn, "\n")
		sameScreen(t, version, filepath.Join("../../../docs", "neovim-plugin-"+version+".txt"), strings.TrimRight(screen, "\n")+"\n")
	})
}

// sameScreen holds a screen against the one that is kept for a version of Neovim, but for durations.
func sameScreen(t *testing.T, version, path, screen string) {
	t.Helper()
	if os.Getenv("HOTCLUB_UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(screen), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Logf("of Neovim %s, which is newer than this test, there is no screen to compare with", version)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(timeless(string(want)), timeless(screen)); diff != "" {
		t.Error(diff)
	}
}

// TestNvimPluginCoverage marks the lines that a run has executed.
func TestNvimPluginCoverage(t *testing.T) {
	eachNeovim(t, func(t *testing.T, nvim string) {
		c := newClub(t, debuggers(t)[0].python, "small")
		t.Log(strings.TrimSpace(c.plugin(nvim, "coverage.lua")))
	})
}
