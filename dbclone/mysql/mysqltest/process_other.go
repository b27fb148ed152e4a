//go:build !linux

package mysqltest

import (
	"os"
	"os/exec"
)

// Servers for tests are run on Linux; elsewhere this only has to compile.
var (
	terminate = os.Interrupt
	pause     = os.Interrupt
	resume    = os.Interrupt
)

func unprivileged(*exec.Cmd) {}

func giveAway(string) error { return nil }
