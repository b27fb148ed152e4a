package worker

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// killInstance ends every process that carries the mark of a server instance, wherever its
// tests have moved it, and returns how many there were.
func killInstance(instance string) int {
	mark := []byte(serverVariable + "=" + instance)
	environs, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return 0
	}
	killed := 0
	for _, path := range environs {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, err := os.ReadFile(path)
		if err != nil {
			continue // gone, or not ours to look at
		}
		for _, variable := range bytes.Split(environ, []byte{0}) {
			if bytes.Equal(variable, mark) {
				_ = unix.Kill(pid, unix.SIGKILL)
				killed++
				break
			}
		}
	}
	return killed
}
