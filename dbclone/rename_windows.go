package dbclone

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// rename tries for two seconds: virus scanners open what has just been written, and Windows
// does not rename what is open or holds something open.
func rename(ctx context.Context, from, to string) error {
	deadline := time.Now().Add(2 * time.Second)
	for {
		err := os.Rename(from, to)
		busy := errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
		if !busy || time.Now().After(deadline) {
			return err
		}
		timer := time.NewTimer(10 * time.Millisecond)
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
	}
}
