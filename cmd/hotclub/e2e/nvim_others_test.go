//go:build linux

package e2e

import (
	"os"
	"strings"
	"testing"
)

// TestNeotestAdapter asks of the adapter what neotest does: positions, results while they come, errors at
// lines, outputs, stop. What it waits with, and the tree, are stubs.
func TestNeotestAdapter(t *testing.T) {
	eachNeovim(t, func(t *testing.T, nvim string) {
		c := newClub(t, steady(t).python, "small")
		t.Log(strings.TrimSpace(c.plugin(nvim, "neotest.lua")))
	})
}

// TestNeotest has neotest's own runner run the adapter. No registry has neotest and nvim-nio, so it runs
// where somebody has put them.
func TestNeotest(t *testing.T) {
	if os.Getenv("NEOTEST_DIR") == "" || os.Getenv("NIO_DIR") == "" {
		t.Skip("NEOTEST_DIR and NIO_DIR do not name neotest and nvim-nio, which no package registry has; TestNeotestAdapter has stubs of both")
	}
	eachNeovim(t, func(t *testing.T, nvim string) {
		c := newClub(t, steady(t).python, "small")
		t.Log(strings.TrimSpace(c.plugin(nvim, "neotest_real.lua")))
	})
}

// TestNvimDap debugs a test with the real debugpy: a breakpoint, a value, a cancel, and where a test fails. What
// speaks with debugpy is a stub of nvim-dap, which no registry has.
func TestNvimDap(t *testing.T) {
	all := debuggers(t)
	eachNeovim(t, func(t *testing.T, nvim string) {
		c := newClub(t, all[0].python, "small")
		t.Log(strings.TrimSpace(c.plugin(nvim, "dap.lua")))
	})
}
