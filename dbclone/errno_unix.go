//go:build !windows

package dbclone

import (
	"errors"
	"syscall"
)

func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// inUse never happens: files that are open can be replaced and removed.
func inUse(error) bool { return false }

func readOnly(err error) bool { return errors.Is(err, syscall.EROFS) }
