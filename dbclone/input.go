package dbclone

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// Input is something that a build depended on, and what it held: a file or directory, a part of
// a file, or a fact.
type Input struct {
	Path   string `json:"path,omitempty"`
	Part   string `json:"part,omitempty"`  // of the file, for the manager's Cut; "": all of it
	Fact   string `json:"fact,omitempty"`  // instead of a path: one of [Schema.Facts]
	SHA256 string `json:"sha256"`          // "" when there was nothing; of a fact its value
	Moved  bool   `json:"moved,omitempty"` // changed while the build was on: it serves this once
}

// Cut digests a part of a text, named in words that this package does not know. What else
// changes in the text leaves the digest as it is. False when the text has no such part.
type Cut func(text []byte, part string) (digest string, ok bool)

// InputOf reads a part of a file as it is now; where it can't be told from the rest, all of the
// file. A nil Cut knows no parts.
func (c Cut) InputOf(path, part string) (Input, error) {
	if c == nil || part == "" {
		return InputOf(path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return InputOf(path)
	}
	digest, ok := c(text, part)
	if !ok {
		return InputOf(path)
	}
	return Input{Path: path, Part: part, SHA256: digest}, nil
}

// bytecode is what Python writes next to sources that it has read. It stands for them, so
// that a directory does not count as changed when it appears. Hidden names are what tools and
// editors leave anywhere.
const bytecode = "__pycache__"

// InputOf reads a path as it is now. The digest of a file is that of its contents, as sha256sum
// prints it; that of a directory covers the names in it but for __pycache__ and hidden ones, and
// which of them are directories. What is neither (a device, a pipe) is not read: only its kind counts.
func InputOf(path string) (Input, error) {
	info, err := os.Stat(path)
	if absent(err) {
		return Input{Path: path}, nil
	}
	if err != nil {
		return Input{}, fmt.Errorf("dbclone: reading an input: %w", err)
	}
	var digest string
	switch {
	case info.IsDir():
		digest, err = digestDir(path)
	case info.Mode().IsRegular():
		digest, err = digestFile(path)
	default:
		digest = digestOf("kind " + info.Mode().Type().String())
	}
	if absent(err) {
		return Input{Path: path}, nil
	}
	if err != nil {
		return Input{}, fmt.Errorf("dbclone: reading an input: %w", err)
	}
	return Input{Path: path, SHA256: digest}, nil
}

// absent also holds when a parent of the path is a file.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func digestFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func digestDir(path string) (string, error) {
	entries, err := os.ReadDir(path) // sorted by name
	if err != nil {
		return "", err
	}
	text := "directory\n"
	for _, entry := range entries {
		if entry.Name() != bytecode && !strings.HasPrefix(entry.Name(), ".") {
			text += fmt.Sprintf("%q %t\n", entry.Name(), entry.IsDir())
		}
	}
	return digestOf(text), nil
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
