package postgres

import (
	"errors"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// deaf is how long the other end's system may acknowledge nothing of what was sent to it. Where the network is
// cut so that nobody notices, a connection would be given up after a quarter of an hour else. A server
// that is busy has nothing to do with it.
const deaf = 30 * time.Second

// dialer makes connections that are given up in time.
func dialer() *net.Dialer {
	return &net.Dialer{Control: func(network, _ string, raw syscall.RawConn) error {
		if network == "unix" {
			return nil
		}
		var refused error
		err := raw.Control(func(fd uintptr) {
			refused = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(deaf.Milliseconds()))
		})
		return errors.Join(err, refused)
	}}
}
