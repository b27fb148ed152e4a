package dbclone

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// sweepLocks removes lock files that nobody holds: those of builds, and those of templates
// that are gone.
func (m *Manager) sweepLocks() error {
	paths, err := filepath.Glob(filepath.Join(m.layout.locks(), "*.lock"))
	holds, err2 := filepath.Glob(filepath.Join(m.layout.templates(), "*", "*.hold"))
	errs := []error{err, err2}
	for _, path := range holds {
		if _, err := os.Stat(strings.TrimSuffix(path, ".hold")); absent(err) {
			paths = append(paths, path)
		}
	}
	for _, path := range paths {
		lock, err := tryLock(path, exclusive)
		if lock != nil {
			err = lock.remove()
		}
		errs = append(errs, Storage("remove", path, err))
	}
	return errors.Join(errs...)
}
