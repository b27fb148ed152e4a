package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"
)

// maxFile is far more than anybody writes by hand; the time of the TOML decoder grows with
// the square of the number of keys.
const maxFile = 256 << 10

// text reads a small text file; nil when it does not exist.
func (s *search) text(path string) ([]byte, *Error) {
	data, err := slurp(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && !utf8.Valid(data) {
		err = errors.New("it is not UTF-8 text")
	}
	if err != nil {
		return nil, &Error{
			What: "cannot be read: " + reason(err), Where: s.where(path, 0), Remedy: "make it a readable UTF-8 text file",
			File: path, about: "configuration", cause: err,
		}
	}
	// A byte order mark is an editor's habit on Windows and means nothing in UTF-8.
	return bytes.TrimPrefix(data, []byte("\ufeff")), nil
}

// slurp refuses what is not a plain file before it opens it: a pipe would block.
func slurp(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("it is a directory")
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if len(data) > maxFile {
		return nil, errors.New("it is larger than 256 KB")
	}
	return data, err
}

func (s *search) where(path string, line int) string {
	if line == 0 {
		return s.show(path)
	}
	return fmt.Sprintf("%s:%d", s.show(path), line)
}

// tables reads hotclub's configuration in dir: none, one or two tables.
func (s *search) tables(dir string) ([]*table, *Error) {
	var found []*table
	for _, read := range []func(string) (*table, *Error){s.hotclubTOML, s.pyprojectTOML} {
		t, fault := read(dir)
		if fault != nil {
			return nil, fault
		}
		if t != nil {
			found = append(found, t)
		}
	}
	return found, nil
}

func (s *search) hotclubTOML(dir string) (*table, *Error) {
	path := filepath.Join(dir, "hotclub.toml")
	text, fault := s.text(path)
	if fault != nil || text == nil {
		return nil, fault
	}
	doc, fault := s.parse(path, text)
	if fault != nil {
		return nil, fault
	}
	t, _ := doc.table()
	return t, nil
}

// pyprojectTOML leaves a file alone that does not speak of hotclub: whether it is in
// order is then for others to say.
func (s *search) pyprojectTOML(dir string) (*table, *Error) {
	path := filepath.Join(dir, "pyproject.toml")
	if data, err := slurp(path); err == nil && !bytes.Contains(data, []byte("hotclub")) {
		return nil, nil
	}
	text, fault := s.text(path)
	if fault != nil || text == nil {
		return nil, fault
	}
	doc, fault := s.parse(path, text)
	if fault != nil {
		return nil, fault
	}
	t, ok := doc.table("tool", "hotclub")
	if !ok {
		line := max(doc.line("tool", "hotclub"), doc.line("tool"))
		return nil, &Error{
			What: "tool.hotclub is not a table", Where: s.where(path, line), Remedy: "write a line [tool.hotclub] and the keys below it",
			Usage: true, File: path, Line: line, about: "configuration",
		}
	}
	return t, nil
}
