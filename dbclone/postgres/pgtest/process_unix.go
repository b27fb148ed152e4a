//go:build unix

package pgtest

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// nobody is who a server runs as when the tests run as root: it refuses to be root.
const nobody = 65534

// Unprivileged makes a command run as nobody rather than as root.
func Unprivileged(cmd *exec.Cmd) {
	attr := &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the test, which stops the server
	if os.Getuid() == 0 {
		attr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	dieWithParent(attr)
	cmd.SysProcAttr = attr
}

// entrust gives a tree of files to the user that servers run as.
func entrust(dir string) error {
	if os.Getuid() != 0 {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, nobody, nobody)
	})
}

// How a server ends, see pg_ctl.
var (
	fast      os.Signal = syscall.SIGINT
	immediate os.Signal = syscall.SIGQUIT
)
