package clonetest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func fails(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want one that is: %v", err, want)
	}
}

func same[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

func mkdir(t testing.TB, dir string) {
	t.Helper()
	ok(t, os.MkdirAll(dir, 0o700))
}

func write(t testing.TB, path, text string) {
	t.Helper()
	ok(t, os.WriteFile(path, []byte(text), 0o600))
}

// files lists the files under a folder but for locks, relative and with slashes.
func files(t testing.TB, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if !strings.HasSuffix(name, ".lock") && !strings.HasSuffix(name, ".hold") {
			list = append(list, filepath.ToSlash(name))
		}
		return err
	})
	if !errors.Is(err, fs.ErrNotExist) {
		ok(t, err)
	}
	return list
}

// later gives a file the modification time of something saved a moment from now, which is
// what it would get if the clock of the file system did not lag.
func later(t testing.TB, path string) {
	t.Helper()
	soon := time.Now().Add(time.Second)
	ok(t, os.Chtimes(path, soon, soon))
}
