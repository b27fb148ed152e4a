package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// share is how much memory a process takes, in MB.
type share struct {
	proportional float64 // PSS: its own, and its part of what it shares
	private      float64 // its own
	resident     float64 // RSS: its own, and all of what it shares
}

// memoryOf asks the kernel; only Linux can tell.
func memoryOf(pid int) (share, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return share{}, err
	}
	var s share
	for entry := range strings.Lines(string(text)) {
		fields := strings.Fields(entry)
		if len(fields) < 2 {
			continue
		}
		kb, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			continue // the head line names addresses
		}
		switch fields[0] {
		case "Pss:":
			s.proportional = kb / 1024
		case "Rss:":
			s.resident = kb / 1024
		case "Private_Clean:", "Private_Dirty:":
			s.private += kb / 1024
		}
	}
	return s, nil
}
