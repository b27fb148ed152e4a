//go:build unix

package affected

import (
	"io/fs"
	"syscall"
)

func inode(info fs.FileInfo) uint64 {
	if status, ok := info.Sys().(*syscall.Stat_t); ok {
		return status.Ino
	}
	return 0
}
