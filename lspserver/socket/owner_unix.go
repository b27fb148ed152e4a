//go:build unix

package socket

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// private makes sure that the directory is the user's and closed to others.
func private(dir string, info fs.FileInfo, chosen bool) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Getuid() {
		return fmt.Errorf("the runtime directory %s belongs to user %d, not to you (%d); set HOTCLUB_RUNTIME_DIR to one of your own", dir, stat.Uid, os.Getuid())
	}
	switch {
	case info.Mode().Perm()&0o077 == 0:
		return nil
	case chosen:
		return fmt.Errorf("the runtime directory %s is open to other users (mode %04o); run: chmod 700 %s", dir, info.Mode().Perm(), dir)
	}
	return os.Chmod(dir, 0o700)
}
