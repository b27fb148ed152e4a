package dbclone

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"time"

	"github.com/gofrs/flock"
)

// lockWait is how often a busy lock is tried again. A blocking lock call could not be
// cancelled, and builds take seconds.
const lockWait = 20 * time.Millisecond

// fileLock is a lock on a file that the kernel gives back when its process dies. Two locks in
// one process exclude each other like those of two processes.
type fileLock struct {
	file *flock.Flock
}

type lockKind bool

const (
	exclusive lockKind = true
	shared    lockKind = false
)

// lockFile waits for a lock.
func lockFile(ctx context.Context, path string, kind lockKind) (*fileLock, error) {
	for {
		lock, err := tryLock(path, kind)
		if lock != nil || err != nil {
			return lock, err
		}
		timer := time.NewTimer(lockWait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, context.Cause(ctx)
		case <-timer.C:
		}
	}
}

// tryLock returns nil without an error when somebody else has the lock.
func tryLock(path string, kind lockKind) (*fileLock, error) {
	for {
		lock := &fileLock{file: flock.New(path)}
		try := lock.file.TryLock
		if kind == shared {
			try = lock.file.TryRLock
		}
		ok, err := try()
		if err != nil {
			return nil, Storage("lock", path, err)
		}
		if !ok {
			return nil, nil
		}
		if lock.current() {
			return lock, nil
		}
		// The file was removed between opening and locking, so the lock protects nothing.
		lock.release()
	}
}

// vacant reports whether nobody holds the lock of an existing file. Also a missing file is
// held by nobody.
func vacant(path string) (bool, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	lock, err := tryLock(path, shared)
	if lock == nil || err != nil {
		return false, err
	}
	lock.release()
	return true, nil
}

func (l *fileLock) current() bool {
	locked, err := l.file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(l.file.Path())
	return err == nil && os.SameFile(locked, named)
}

// release can't fail in a way that anybody could act on: the file is closed.
func (l *fileLock) release() { _ = l.file.Close() }

// remove gives the lock back and its file with it. While it is held nobody else can come to
// hold the file of this name; Windows does not remove open files, and there the check in
// tryLock has to do.
func (l *fileLock) remove() error {
	if runtime.GOOS == "windows" {
		l.release()
	}
	err := os.Remove(l.file.Path())
	l.release()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
