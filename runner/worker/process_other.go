//go:build unix && !linux

package worker

import (
	"errors"
	"os"
	"syscall"
)

// ownSession makes a child the leader of a session and group of its own, out of reach of the
// terminal's Ctrl-C. It notices the end of the server by its closed pipe.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// ending cannot be told here.
func ending(int) bool { return false }

func punchHole(*os.File, int64, int64) error { return errors.ErrUnsupported }
