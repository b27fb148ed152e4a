package socket

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// retry is how often a lock is tried again that a daemon at its end still holds.
const retry = 10 * time.Millisecond

// ErrRunning says that another daemon of this build listens already.
var ErrRunning = errors.New("a daemon of this build is running already")

// Listener accepts the user's own processes.
type Listener struct {
	*net.UnixListener

	lock *flock.Flock
	log  *slog.Logger
	uid  int
}

// Listen makes the caller the daemon of this place. While one that has stopped listening
// still ends, it waits for that end, until ctx does.
func (p Place) Listen(ctx context.Context, log *slog.Logger) (*Listener, error) {
	lock, err := p.acquire(ctx)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(p.Path()); err != nil && !errors.Is(err, os.ErrNotExist) {
		lock.Unlock()
		return nil, fmt.Errorf("cannot replace the socket that an earlier daemon left: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: p.Path(), Net: "unix"})
	if err != nil {
		lock.Unlock()
		return nil, fmt.Errorf("cannot listen: %w", err)
	}
	return &Listener{UnixListener: l, lock: lock, log: log, uid: os.Getuid()}, nil
}

// acquire takes the daemon's lock, or finds that whoever holds it answers. In between is
// a daemon that does not listen yet, or no more.
func (p Place) acquire(ctx context.Context) (*flock.Flock, error) {
	lock := flock.New(p.lockPath(), flock.SetPermissions(0o600))
	for {
		free, err := lock.TryLock()
		if free || err != nil {
			return lock, wrapLock(err)
		}
		if conn, err := p.Dial(ctx); err == nil {
			conn.Close()
			lock.Close()
			return nil, ErrRunning
		}
		select {
		case <-time.After(retry):
		case <-ctx.Done():
			lock.Close()
			return nil, fmt.Errorf("a daemon of this build holds %s and does not answer: %w; end that process", p.lockPath(), ctx.Err())
		}
	}
}

// Accept waits for the next client of the same user and turns away all others.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.AcceptUnix()
		if err != nil {
			return nil, err
		}
		uid, err := peerUID(conn)
		if err == nil && uid == l.uid {
			return conn, nil
		}
		l.log.Warn("a client was turned away", "uid", uid, "err", err)
		conn.Close()
	}
}

// Release lets the next daemon start. Until then, also after Close, this one is the only
// one, so that it can end in peace.
func (l *Listener) Release() error { return l.lock.Unlock() }

func wrapLock(err error) error {
	if err != nil {
		return fmt.Errorf("cannot lock: %w", err)
	}
	return nil
}
