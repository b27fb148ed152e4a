package dbclone

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Input is a file or directory that something read, and what it held.
type Input struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"` // "" when there was nothing
}

// bytecode is what Python writes next to sources that it has read. It stands for them, so
// that a directory does not count as changed when it appears.
const bytecode = "__pycache__"

// InputOf reads a path as it is now. The digest of a file is that of its contents, as sha256sum
// prints it; that of a directory covers the names in it but for __pycache__, and which of them
// are directories. What is neither (a device, a pipe) is not read: only its kind counts.
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
		if entry.Name() != bytecode {
			text += fmt.Sprintf("%q %t\n", entry.Name(), entry.IsDir())
		}
	}
	return digestOf(text), nil
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
