package worker

import "golang.org/x/sys/unix"

// Of sys/resource.h: a whole process, in the background or as usual.
const (
	darwinProcess    = 4
	darwinBackground = 0x1000
)

// Lower lets everything else that runs on the machine go before the process, for work that nobody
// waits for.
func (w *Worker) Lower() { _ = unix.Setpriority(darwinProcess, w.PID, darwinBackground) }

// Raise takes Lower back. That a niceness could not be taken back is why it is not one.
func (w *Worker) Raise() { _ = unix.Setpriority(darwinProcess, w.PID, 0) }
