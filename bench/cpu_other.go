//go:build !linux

package main

import (
	"errors"
	"time"
)

// cpuOf asks the kernel; only Linux can tell.
func cpuOf(int) (time.Duration, error) { return 0, errors.ErrUnsupported }
