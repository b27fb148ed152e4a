//go:build unix && !linux

package watch

import (
	"os"

	"golang.org/x/sys/unix"
)

const (
	limitRule       = "a quarter of the files that may be open (ulimit -n), and at most 4096 files"
	remedyWatches   = "raise the number of open files (ulimit -n)"
	remedyInstances = remedyWatches
)

// mostWatches is counted in open files.
func mostWatches() int {
	const most = 4096
	var allowed unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &allowed); err != nil || uint64(allowed.Cur) > 4*most {
		return most
	}
	return int(allowed.Cur) / 4
}

// watchCost is what kqueue needs: the directory and every file in it are held open.
func watchCost(dir string) int {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 1
	}
	return 1 + len(entries)
}
