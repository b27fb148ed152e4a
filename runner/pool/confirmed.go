package pool

import (
	"sync"
	"time"

	"hotclub/runner/worker"
)

// tick is the longest of the file systems' clocks: what is written within one may have one time
// stamp. reads.py has the same.
const tick = 2 * time.Second

// confirmed are files and directories that had to be compared by their contents, because they were
// read within a tick of having been written, and that were the same when that tick was over. From then on every
// change shows in their time stamps: a project that was just checked out is not read at every run.
type confirmed struct {
	mu    sync.Mutex
	files map[sighted]confirmation
}

// sighted is a path, and whether its contents or one kind of its names were read.
type sighted struct{ path, kind string }

type confirmation struct {
	digest string
	stamps known
}

func (c *confirmed) has(read *worker.Read, now known) bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.files[sighted{read.Path, read.Kind}] == confirmation{read.Digest, now}
}

// add keeps that a file had the contents of a read when it had some stamps, if that can be told.
func (c *confirmed) add(read *worker.Read, now known) {
	if c == nil || time.Since(time.Unix(0, max(now.mtime, now.ctime))) <= tick {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files == nil {
		c.files = make(map[sighted]confirmation)
	}
	c.files[sighted{read.Path, read.Kind}] = confirmation{read.Digest, now}
}
