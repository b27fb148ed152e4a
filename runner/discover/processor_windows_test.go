package discover

import (
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// processorTime is what this process has used, which a busy machine makes no longer.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var created, ended, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(windows.CurrentProcess(), &created, &ended, &kernel, &user); err != nil {
		t.Fatal(err)
	}
	return 100 * time.Duration(ticks(kernel)+ticks(user))
}

// ticks are a duration of Windows, in units of 100 ns.
func ticks(t windows.Filetime) int64 { return int64(t.HighDateTime)<<32 | int64(t.LowDateTime) }
