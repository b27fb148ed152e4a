package worker

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownSession makes a child the leader of a session and group of its own, out of reach of the
// terminal's Ctrl-C, that dies with the server however that ends.
func ownSession() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}

// exiting is the flag of a task that is on its way out, which it has before its files are closed:
// PF_EXITING of the kernel's sched.h.
const exiting = 0x4

// ending reports whether a process has ended, or is about to. A zombie has ended.
func ending(pid int) bool {
	if errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
		return true
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	// proc(5): the name of the program is in parentheses, and may have some itself.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 7 {
		return false
	}
	flags, _ := strconv.ParseUint(string(fields[6]), 10, 64)
	return flags&exiting != 0 || fields[0][0] == 'Z' || fields[0][0] == 'X'
}

// punchHole gives back the disk blocks of a part of a file; its length stays.
func punchHole(file *os.File, offset, length int64) error {
	err := unix.Fallocate(int(file.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, offset, length)
	if errors.Is(err, unix.EOPNOTSUPP) {
		return errors.ErrUnsupported
	}
	return err
}
