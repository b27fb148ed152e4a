package pgtest

import (
	"os"
	"os/exec"
)

func Unprivileged(*exec.Cmd) {}

func entrust(string) error { return nil }

// Windows knows no signals; a killed server recovers at its next start.
var (
	fast      = os.Kill
	immediate = os.Kill
)
