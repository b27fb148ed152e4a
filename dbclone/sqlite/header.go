package sqlite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// The file format is documented at sqlite.org/fileformat2.html; numbers are big-endian.
const (
	headerSize   = 100
	pageSizeAt   = 16
	changeAt     = 24
	pagesAt      = 28
	validForAt   = 92
	biggestPage  = 65536 // written as 1
	smallestPage = 512
)

var (
	magic = []byte("SQLite format 3\x00")
	// hot begins a rollback journal that still counts; SQLite zeroes it or cuts the file.
	hot = []byte{0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7}
)

// verify finds files that are no database, or only the first part of one.
func verify(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	header, err := head(path, headerSize)
	if err != nil {
		return err
	}
	if len(header) < headerSize || !bytes.HasPrefix(header, magic) {
		return errors.New("it is not a SQLite database")
	}
	page := int64(binary.BigEndian.Uint16(header[pageSizeAt:]))
	if page == 1 {
		page = biggestPage
	}
	if page < smallestPage || info.Size()%page != 0 {
		return fmt.Errorf("its size %d is no multiple of its page size %d", info.Size(), page)
	}
	// Very old versions of SQLite do not keep the count up to date; then the two differ.
	counted := bytes.Equal(header[changeAt:changeAt+4], header[validForAt:validForAt+4])
	pages := int64(binary.BigEndian.Uint32(header[pagesAt:]))
	if counted && pages*page > info.Size() {
		return fmt.Errorf("it has %d bytes of %d", info.Size(), pages*page)
	}
	return nil
}

// closed finds out that nothing which belongs to the database is in a file beside it.
func closed(path string) error {
	wal, err := os.Stat(path + "-wal")
	if err == nil && wal.Size() > 0 {
		return errors.New("its -wal file was not checkpointed: the build has to close its connections")
	}
	journal, err2 := head(path+"-journal", len(hot))
	if err2 == nil && bytes.Equal(journal, hot) {
		return errors.New("a transaction was not finished: its -journal is hot")
	}
	for _, err := range []error{err, err2} {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// head reads the first bytes of a file, or what there is.
func head(path string, size int) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data := make([]byte, size)
	n, err := io.ReadFull(file, data)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return data[:n], err
}

// removeSidecars removes the journal, the write-ahead log and its index, and the journals of
// transactions over several files, whose names SQLite makes up after "-mj".
func removeSidecars(path string) error {
	paths := []string{path + "-journal", path + "-wal", path + "-shm"}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, entry := range entries {
		if ok, _ := filepath.Match(filepath.Base(path)+"-mj*", entry.Name()); ok {
			paths = append(paths, filepath.Join(filepath.Dir(path), entry.Name()))
		}
	}
	for _, each := range paths {
		if err := os.Remove(each); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
