//go:build !linux

package postgres

import "net"

// dialer leaves it to the system when a connection is given up.
func dialer() *net.Dialer { return &net.Dialer{} }
