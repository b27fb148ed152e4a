package worker

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// killInstance ends every process that carries the mark of a server instance, wherever its
// tests have moved it, and returns how many there were.
func killInstance(instance string) int { return killStrays(instance, nil) }

// killStrays spares those that descend from the processes to keep. It looks again until it
// finds no more, since what it ends may just have started another.
func killStrays(instance string, keep []int) (killed int) {
	const rounds = 20
	for range rounds {
		found := strays(instance, keep)
		if len(found) == 0 {
			break
		}
		for _, pid := range found {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		killed += len(found)
	}
	return killed
}

func strays(instance string, keep []int) []int {
	parents := make(map[int]int)
	for _, pid := range marked(instance) {
		if parent, ok := parentOf(pid); ok {
			parents[pid] = parent
		}
	}
	kept := make(map[int]bool, len(keep))
	for _, pid := range keep {
		kept[pid] = true
	}
	var found []int
	for pid := range parents {
		if !descends(pid, parents, kept) {
			found = append(found, pid)
		}
	}
	return found
}

// descends reports whether a process is one of those kept or has one among its ancestors.
func descends(pid int, parents map[int]int, kept map[int]bool) bool {
	for range len(parents) + 1 {
		if kept[pid] {
			return true
		}
		parent, known := parents[pid]
		if !known {
			return false
		}
		pid = parent
	}
	return false
}

// marked lists the processes that carry the mark of a server instance.
func marked(instance string) []int {
	mark := []byte(serverVariable + "=" + instance)
	environs, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return nil
	}
	var pids []int
	for _, path := range environs {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, err := os.ReadFile(path)
		if err != nil {
			continue // gone, or not ours to look at
		}
		for variable := range bytes.SplitSeq(environ, []byte{0}) {
			if bytes.Equal(variable, mark) {
				pids = append(pids, pid)
				break
			}
		}
	}
	return pids
}

// parentOf reads the parent from /proc/pid/stat, whose second field is a name in parentheses
// that may hold anything. A process that has ended already has none.
func parentOf(pid int) (parent int, ok bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	var state byte
	_, err = fmt.Sscanf(string(stat[bytes.LastIndexByte(stat, ')')+1:]), " %c %d", &state, &parent)
	return parent, err == nil && state != 'Z' && state != 'X'
}
