//go:build unix

package pool

import (
	"io/fs"
	"syscall"
)

func inode(info fs.FileInfo) uint64 {
	if status, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(status.Ino)
	}
	return 0
}
