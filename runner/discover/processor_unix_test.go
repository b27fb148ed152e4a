//go:build unix

package discover

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// processorTime is what this process has used, which a busy machine makes no longer.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
