package watch

import "strings"

// Ignored tells whether a name, without its directory, is one that editors and Python use for
// themselves: swap files and backups of Vim and Emacs (4913 is the file by which Vim tries
// whether it may write), lock files of office programs, and bytecode, which stands for its
// source.
func Ignored(name string) bool {
	if name == "__pycache__" || name == "4913" {
		return true
	}
	for _, suffix := range []string{"~", ".swp", ".swx", ".swo", ".pyc"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	for _, prefix := range []string{".#", "#", ".~"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
