package pgtest

import "syscall"

// dieWithParent stops a server whose test was killed.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }

// free is the room on the file system of a folder, in bytes; 0 when there is no such folder.
func free(dir string) uint64 {
	var stat syscall.Statfs_t
	if syscall.Statfs(dir, &stat) != nil {
		return 0
	}
	return stat.Bavail * uint64(stat.Bsize)
}
