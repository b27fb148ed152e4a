package dbclone

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// Lock files are removed while others wait for them. Whoever then gets the lock of a file that
// has no name any more must not take it for the lock.
func TestOneHolderAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.lock")
	var inside atomic.Int32
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 3000 {
				lock, err := tryLock(path, exclusive)
				if err != nil {
					t.Error(err)
					return
				}
				if lock == nil {
					continue
				}
				if inside.Add(1) > 1 {
					t.Error("two hold the lock")
				}
				inside.Add(-1)
				if i%2 == 0 {
					lock.release()
				} else if err := lock.remove(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestSharedLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.lock")
	one, two := try(t, path, shared), try(t, path, shared)
	if one == nil || two == nil {
		t.Fatal("a shared lock was refused")
	}
	one.release()
	if try(t, path, exclusive) != nil {
		t.Error("an exclusive lock was given beside a shared one")
	}
	two.release()
	if lock := try(t, path, exclusive); lock == nil || try(t, path, shared) != nil {
		t.Error("want an exclusive lock, and no shared one beside it")
	} else {
		lock.release()
	}
}

// Two calls that want the same two templates in different order must not each wait with one
// lock for the other's.
func TestBuildLocksAreOrdered(t *testing.T) {
	m := &Manager{layout: layout{dir: t.TempDir()}, log: slog.New(slog.DiscardHandler)}
	must(t, m.layout.create())
	first := Schema{Project: "p", Alias: "a", Engine: "fake", Key: "1"}
	second := first
	second.Key = "2"
	if m.layout.buildLock(first) > m.layout.buildLock(second) {
		first, second = second, first
	}
	busy := try(t, m.layout.buildLock(first), exclusive)
	defer busy.release()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.lockBuilds(ctx, []Schema{second, first}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if _, err := os.Stat(m.layout.buildLock(second)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the second lock was tried before the first was had")
	}
}

func try(t *testing.T, path string, kind lockKind) *fileLock {
	t.Helper()
	lock, err := tryLock(path, kind)
	must(t, err)
	return lock
}
