package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
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

// tick is the unit of time in /proc: USER_HZ, 100 wherever Go runs.
const tick = 10 * time.Millisecond

// cpuOf is the processor time that a process has used so far, without that of its children.
func cpuOf(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The second field is the name, in parentheses; it may hold anything.
	_, rest, _ := bytes.Cut(text[bytes.LastIndexByte(text, ')'):], []byte(" "))
	fields := bytes.Fields(rest)
	const utime, stime = 14 - 3, 15 - 3
	if len(fields) <= stime {
		return 0, fmt.Errorf("/proc/%d/stat reads %q", pid, text)
	}
	var used time.Duration
	for _, field := range [][]byte{fields[utime], fields[stime]} {
		ticks, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			return 0, err
		}
		used += time.Duration(ticks) * tick
	}
	return used, nil
}
