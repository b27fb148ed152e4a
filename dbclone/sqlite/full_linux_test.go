package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"hotclub/dbclone"
)

// tiny mounts a file system of one megabyte.
func tiny(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("needs the right to mount a tmpfs (be root): %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// big is a build of 300 kB for each database; with records three fit on the tiny disk.
func big(_ context.Context, places []dbclone.Place) (dbclone.Built, error) {
	for _, place := range places {
		if err := os.WriteFile(place.Path, append(madeUp("big"), make([]byte, 72*page)...), 0o600); err != nil {
			return dbclone.Built{}, err
		}
	}
	return dbclone.Built{}, nil
}

// Case 10.
func TestDiskFull(t *testing.T) {
	dir := tiny(t)
	m := open(t, dir)
	templates, err := m.Templates(t.Context(), []dbclone.Schema{schema}, big)
	if err != nil {
		t.Fatal(err)
	}
	one, two := lease(t, m, templates[0]), lease(t, m, templates[0])
	before := databases(t, dir, "*")
	_, err = m.Lease(t.Context(), templates[0], "w3")
	wantStorageError(t, err, unix.ENOSPC, "copy the template", "free some space")
	wantFiles(t, before, databases(t, dir, "*"))

	other := schema
	other.Key = "k2"
	_, err = m.Templates(t.Context(), []dbclone.Schema{other}, big)
	if !errors.Is(err, unix.ENOSPC) {
		t.Errorf("build: %v", err)
	}
	wantFiles(t, before, databases(t, dir, "*"))

	filler := filepath.Join(dir, "filler")
	_ = os.WriteFile(filler, make([]byte, 1<<20), 0o600)
	err = two.Reset(t.Context())
	wantStorageError(t, err, unix.ENOSPC, "copy the template", "free some space")
	wantFiles(t, before, databases(t, dir, "*"))
	if two.State() != dbclone.Condemned {
		t.Errorf("state %s", two.State())
	}
	if err := errors.Join(two.Release(t.Context()), os.Remove(filler), one.Reset(t.Context())); err != nil {
		t.Errorf("after there is space again: %v", err)
	}
	lease(t, m, templates[0])
}

// Case 46.
func TestReadOnlyDisk(t *testing.T) {
	dir := tiny(t)
	m := open(t, dir)
	templates, err := m.Templates(t.Context(), []dbclone.Schema{schema}, big)
	if err != nil {
		t.Fatal(err)
	}
	held := lease(t, m, templates[0])
	if err := held.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, "size=1m"); err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{dir, filepath.Join(dir, "new")} {
		_, err := dbclone.Open(t.Context(), state, dbclone.NewOwner("test"), discard, nil, Engine{})
		wantStorageError(t, err, unix.EROFS, state, "can be written to")
	}
}

// Case 46: a copy to another file system can't be a reflink, and is made all the same.
func TestCopyAcrossFileSystems(t *testing.T) {
	from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(tiny(t), "to")
	put(t, from, madeUp("far"))
	if err := copyFile(from, to); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(to); err != nil || string(data) != string(madeUp("far")) {
		t.Errorf("read %d bytes, %v", len(data), err)
	}
}

func lease(t *testing.T, m *dbclone.Manager, template *dbclone.Template) *dbclone.Lease {
	t.Helper()
	l, err := m.Lease(t.Context(), template, "w")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func wantStorageError(t *testing.T, err error, cause error, op, remedy string) {
	t.Helper()
	var storage *dbclone.StorageError
	if !errors.As(err, &storage) || !errors.Is(err, cause) || errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("got %v, want a StorageError of %v", err, cause)
	}
	for _, part := range []string{op, remedy} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func wantFiles(t *testing.T, want, got []string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("files were\n%s\nand are\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
}
