//go:build unix && !linux

package pgtest

import "syscall"

// dieWithParent has no means here: a killed test leaves its server.
func dieWithParent(*syscall.SysProcAttr) {}
