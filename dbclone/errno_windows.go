package dbclone

import (
	"errors"

	"golang.org/x/sys/windows"
)

func noSpace(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

func inUse(err error) bool { return errors.Is(err, windows.ERROR_SHARING_VIOLATION) }

func readOnly(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }
