package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// copyFile makes a writable copy, sharing blocks where the file system can.
func copyFile(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if reflink(source, target) == nil {
		return nil
	}
	// A refused reflink has written nothing, so both are at their beginning.
	n, err := io.Copy(target, source)
	if err == nil && n != info.Size() {
		err = fmt.Errorf("%d bytes were copied of %d", n, info.Size())
	}
	return err
}
