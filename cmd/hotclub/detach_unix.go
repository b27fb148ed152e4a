//go:build unix

package main

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// detached gives the daemon a session of its own: no terminal ends it.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// redirect makes a file the standard output and error, also for what the Go runtime says
// when it crashes. The pipe to the starter closes by it.
func redirect(file *os.File) error {
	if err := unix.Dup2(int(file.Fd()), 1); err != nil {
		return err
	}
	return unix.Dup2(int(file.Fd()), 2)
}
