package watch

import (
	"bytes"
	"os"
	"strconv"
)

const (
	limitRule       = "a quarter of fs.inotify.max_user_watches, and at most 4096 watches"
	remedyWatches   = "raise fs.inotify.max_user_watches with sysctl"
	remedyInstances = "raise fs.inotify.max_user_instances with sysctl"
)

// mostWatches leaves most of the system's watches to the editor and its language servers, which
// count among the same user's.
func mostWatches() int {
	const most = 4096
	text, err := os.ReadFile("/proc/sys/fs/inotify/max_user_watches")
	if err != nil {
		return most
	}
	allowed, err := strconv.Atoi(string(bytes.TrimSpace(text)))
	if err != nil {
		return most
	}
	return min(most, allowed/4)
}

// watchCost is one watch for each directory.
func watchCost(string) int { return 1 }
