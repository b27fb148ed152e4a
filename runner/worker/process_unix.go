//go:build unix

package worker

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const canFork = true

// killGroup ends a process and all that stayed in the process group it leads.
func killGroup(pid int) {
	if pid > 1 {
		_ = unix.Kill(-pid, unix.SIGKILL) // nobody left is what we want
	}
}

// askForStack makes a worker print the stacks of its threads into its capture file; see
// arm_stack in worker.py.
func askForStack(pid int) error { return unix.Kill(pid, unix.SIGUSR2) }

func describeExit(state *os.ProcessState) string {
	if status, ok := state.Sys().(syscall.WaitStatus); ok {
		return describeStatus(int(status))
	}
	return state.String()
}

// describeStatus puts a wait status into words.
func describeStatus(raw int) string {
	status := syscall.WaitStatus(raw)
	switch {
	case status.Signaled():
		return fmt.Sprintf("was killed by signal %d (%s)", status.Signal(), status.Signal())
	case status.Exited():
		return fmt.Sprintf("exited with status %d", status.ExitStatus())
	}
	return fmt.Sprintf("ended with wait status %#x", raw)
}
