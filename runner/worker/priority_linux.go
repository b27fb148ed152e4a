package worker

import "golang.org/x/sys/unix"

// Lower lets everything else that runs on the machine go before the process, for work that nobody
// waits for. Children inherit it.
func (w *Worker) Lower() { reschedule(w.PID, unix.SCHED_NORMAL, unix.SCHED_BATCH) }

// Raise takes Lower back. That a niceness could not be taken back is why it is not one.
func (w *Worker) Raise() { reschedule(w.PID, unix.SCHED_BATCH, unix.SCHED_NORMAL) }

// reschedule changes the policy of a process that has the one expected: another one is somebody's
// wish. A process that is gone, or a system that forbids it, goes on as it is.
func reschedule(pid int, from, to uint32) {
	now, err := unix.SchedGetAttr(pid, 0)
	if err != nil || now.Policy != from {
		return
	}
	now.Policy = to
	_ = unix.SchedSetAttr(pid, now, 0)
}
