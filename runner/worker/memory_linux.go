package worker

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// MemoryMB is a process's own share of memory in MB: its private pages and its part of those
// that it shares with its layer (PSS). 0 when it cannot be told.
func MemoryMB(pid int) float64 {
	file, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "Pss:"); ok {
			var kb float64
			if _, err := fmt.Sscan(rest, &kb); err == nil {
				return kb / 1024
			}
		}
	}
	return 0
}
