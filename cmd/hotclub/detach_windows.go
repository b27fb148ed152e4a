package main

import (
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// detached gives the daemon neither the console nor its Ctrl-C.
func detached() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP}
}

// redirect makes a file the standard output and error, also for what the Go runtime says
// when it crashes. The pipe to the starter closes by it.
func redirect(file *os.File) error {
	os.Stdout.Close()
	os.Stderr.Close()
	os.Stdout, os.Stderr = file, file
	if err := windows.SetStdHandle(windows.STD_OUTPUT_HANDLE, windows.Handle(file.Fd())); err != nil {
		return err
	}
	return windows.SetStdHandle(windows.STD_ERROR_HANDLE, windows.Handle(file.Fd()))
}
