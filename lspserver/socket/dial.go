package socket

import (
	"context"
	"errors"
	"net"

	"github.com/gofrs/flock"
)

// ErrNoDaemon says that nobody listens.
var ErrNoDaemon = errors.New("no daemon is running")

// Dial connects to the daemon.
func (p Place) Dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", p.Path())
	if err != nil {
		return nil, errors.Join(ErrNoDaemon, err)
	}
	return conn, nil
}

// Starting waits until no other client starts a daemon here, and keeps others from doing
// so until release is called.
func (p Place) Starting(ctx context.Context) (release func(), err error) {
	lock := flock.New(p.startPath(), flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, retry); err != nil {
		return nil, wrapLock(err)
	}
	return func() { lock.Unlock() }, nil
}

// Ended waits until the daemon that has stopped listening has let go of everything. A next one that
// listens already shows it: the two share a lock.
func (p Place) Ended(ctx context.Context) error {
	lock, err := p.acquire(ctx)
	if errors.Is(err, ErrRunning) {
		return nil
	}
	if err != nil {
		return err
	}
	return lock.Unlock()
}
