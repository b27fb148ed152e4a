package socket

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// maxPath is the longest path that a socket can have on every system: macOS has room for
// 104 bytes with the zero at the end, Linux for 108.
const maxPath = 103

// Place is where the daemon of one build listens.
type Place struct {
	dir   string
	build string
}

// Find chooses the directory, creates it and makes sure that it is private to the user:
// HOTCLUB_RUNTIME_DIR, else hotclub in XDG_RUNTIME_DIR, else hotclub-<uid> in the
// temporary directory; and a short name in the temporary directory where that is too
// long for a socket.
func Find(build string, getenv func(string) string) (Place, error) {
	dir, chosen := directory(getenv)
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Place{}, err
	}
	p := Place{dir, build}
	if len(p.Path()) > maxPath {
		sum := sha256.Sum256([]byte(dir))
		short := Place{userDir("hotclub-") + "-" + hex.EncodeToString(sum[:4]), build}
		if len(short.Path()) > maxPath {
			return Place{}, fmt.Errorf("no room for a socket: both %s and %s are longer than %d bytes; set HOTCLUB_RUNTIME_DIR to a shorter directory", p.Path(), short.Path(), maxPath)
		}
		p, chosen = short, false
	}
	return p, claim(p.dir, chosen)
}

// Path is the socket's.
func (p Place) Path() string { return filepath.Join(p.dir, p.build+".sock") }

// Others are the places in the same directory where daemons of other builds listen, or have listened.
func (p Place) Others() ([]Place, error) {
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return nil, fmt.Errorf("runtime directory: %w", err)
	}
	var all []Place
	for _, entry := range entries {
		if build, is := strings.CutSuffix(entry.Name(), ".sock"); is && build != p.build {
			all = append(all, Place{p.dir, build})
		}
	}
	return all, nil
}

func (p Place) lockPath() string  { return filepath.Join(p.dir, p.build+".lock") }
func (p Place) startPath() string { return filepath.Join(p.dir, p.build+".start") }

// directory also reports whether the user chose it, so that its mode is the user's too.
func directory(getenv func(string) string) (dir string, chosen bool) {
	if dir := getenv("HOTCLUB_RUNTIME_DIR"); dir != "" {
		return dir, true
	}
	if dir := getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "hotclub"), false
	}
	return userDir("hotclub-"), false
}

// userDir is a directory of this user in the temporary directory.
func userDir(prefix string) string {
	return filepath.Join(os.TempDir(), prefix+strconv.Itoa(os.Getuid()))
}

// claim creates the directory and refuses one that others could have prepared or can
// enter. The mode of a directory that the user chose is not ours to change.
func claim(dir string, chosen bool) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return fmt.Errorf("cannot create the runtime directory: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("cannot create the runtime directory: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("runtime directory: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("the runtime directory %s is not a directory; remove it or set HOTCLUB_RUNTIME_DIR", dir)
	}
	return private(dir, info, chosen)
}
