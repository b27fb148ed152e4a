package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuOf is the processor time that all threads of a process have used so far, without that of its
// children. Its clock counts nanoseconds, where /proc/<pid>/stat counts hundredths of a second.
func cpuOf(pid int) (time.Duration, error) {
	const scheduler = 2 // CPUCLOCK_SCHED of a process; see clock_getcpuclockid(3)
	var used unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|scheduler), &used); err != nil {
		return 0, err
	}
	return time.Duration(used.Nano()), nil
}
