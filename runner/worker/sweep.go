package worker

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// serverVariable marks every process that a server started, and what those started, with
// the server's instance. It is how a sweep knows ours from other people's.
const serverVariable = "HOTCLUB_SERVER"

// holdAlive takes the lock that shows a server to be alive; the system frees it at its death.
func holdAlive(dir string) (io.Closer, error) {
	lock := flock.New(filepath.Join(dir, "alive"))
	held, err := lock.TryLock()
	if err == nil && !held {
		err = errors.New("it is held already")
	}
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", lock.Path(), err)
	}
	return lock, nil
}

// sweep ends the processes and removes the files of servers that were killed.
func sweep(dir string, log *slog.Logger) {
	homes, err := filepath.Glob(filepath.Join(dir, "w-*"))
	if err != nil {
		return
	}
	for _, home := range homes {
		lock := flock.New(filepath.Join(home, "alive"))
		free, err := lock.TryLock()
		if err != nil || !free {
			continue
		}
		instance := strings.TrimPrefix(filepath.Base(home), "w-")
		killed := killInstance(instance)
		_ = lock.Close()
		if err := os.RemoveAll(home); err != nil {
			log.Warn("removing what a dead server left", "folder", home, "err", err)
			continue
		}
		log.Info("swept after a dead server", "instance", instance, "processes", killed)
	}
}

// sweepStrays ends, whenever a worker has ended, what its tests have let go of: processes that
// carry our mark and that no worker is responsible for any more. (A worker adopts its orphans
// while it lives; see worker.py.)
func (h *Host) sweepStrays() {
	for {
		select {
		case <-h.ended:
		case <-h.quit:
			return
		}
		keep := []int{os.Getpid()} // what it has started a moment ago is not among the workers yet
		h.mu.Lock()
		for w := range h.workers {
			keep = append(keep, w.PID)
		}
		h.mu.Unlock()
		if n := killStrays(h.instance, keep); n > 0 {
			h.log.Info("ended processes that tests had left behind", "processes", n)
		}
	}
}
