package dbclone

import (
	"errors"
	"fmt"
	"io/fs"
)

var (
	ErrClosed       = errors.New("dbclone: the manager is closed")
	ErrNoEngine     = errors.New("dbclone: databases of this kind are not cloned")
	ErrNotBuilt     = errors.New("dbclone: the build left no database")
	ErrOwnerTaken   = errors.New("dbclone: another live process has this owner id")
	ErrStaleLease   = errors.New("dbclone: the lease was released")
	ErrCondemned    = errors.New("dbclone: an earlier reset of this clone failed; release the lease and take another")
	ErrTemplateGone = errors.New("dbclone: the template is gone; ask for it again")
	ErrNoImage      = errors.New("dbclone: no image of this name was captured")
	ErrUnmet        = errors.New("dbclone: nobody has said yet how to reach this server")
	ErrNotOurs      = errors.New("dbclone: this database bears no label of ours, so it is left alone")
)

// StorageError is a file operation that failed, with what the user can do about it.
type StorageError struct {
	Op     string // what was tried, as in "copy the template"
	Path   string
	Remedy string // "" when there is none to offer
	Err    error
}

func (e *StorageError) Error() string {
	text := fmt.Sprintf("dbclone: could not %s %s: %v", e.Op, e.Path, cause(e.Err))
	if e.Remedy != "" {
		text += "; " + e.Remedy
	}
	return text
}

func (e *StorageError) Unwrap() error { return e.Err }

// ServerError is something that a database server refused or could not do, with what the user can
// do about it.
type ServerError struct {
	Op     string // what was tried, as in "create the clone hcc_..."
	Server string // [Met.ID], or the part of it that is known
	Remedy string // "" when there is none to offer
	Err    error
}

func (e *ServerError) Error() string {
	text := fmt.Sprintf("dbclone: could not %s on %s: %v", e.Op, e.Server, e.Err)
	if e.Remedy != "" {
		text += "; " + e.Remedy
	}
	return text
}

func (e *ServerError) Unwrap() error { return e.Err }

// Storage wraps the error of a file operation in a [StorageError]; nil stays nil.
func Storage(op, path string, err error) error {
	var already *StorageError
	if err == nil || errors.As(err, &already) {
		return err
	}
	return &StorageError{Op: op, Path: path, Remedy: remedy(err), Err: err}
}

func remedy(err error) string {
	switch {
	case noSpace(err):
		return "free some space on that file system, or give hotclub a state directory on another one"
	case readOnly(err):
		return "that file system is read-only: give hotclub a state directory that can be written to"
	case inUse(err):
		return "a process still has it open: stop the worker that uses it"
	case errors.Is(err, fs.ErrPermission):
		return "give this user the right to write there, or give hotclub another state directory"
	}
	return ""
}

// cause leaves out the path that the os package adds, which Error already names.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
