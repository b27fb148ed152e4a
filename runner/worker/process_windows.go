package worker

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

const canFork = false

func ownSession() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// killGroup ends a process and its children; taskkill knows the tree.
func killGroup(pid int) {
	_ = exec.Command("taskkill", "/F", "/T", "/PID", strconv.Itoa(pid)).Run()
}

func askForStack(int) error { return errors.ErrUnsupported }

func describeExit(state *os.ProcessState) string {
	return fmt.Sprintf("exited with status %d", state.ExitCode())
}

func describeStatus(raw int) string { return fmt.Sprintf("exited with status %d", raw) }

// ending cannot be told here.
func ending(int) bool { return false }

func punchHole(*os.File, int64, int64) error { return errors.ErrUnsupported }
