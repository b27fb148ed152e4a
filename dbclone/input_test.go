package dbclone

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestInputOf(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a")
	must(t, os.WriteFile(file, []byte("hello\n"), 0o600))
	for path, want := range map[string]string{
		file:                           "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03", // sha256sum
		filepath.Join(dir, "no"):       "",
		filepath.Join(file, "below"):   "", // a parent is a file
		filepath.Join(dir, "no", "no"): "",
	} {
		got, err := InputOf(path)
		if err != nil || got.SHA256 != want || got.Path != path {
			t.Errorf("%s: got %+v, %v", path, got, err)
		}
	}
}

func TestInputOfDirectory(t *testing.T) {
	dir := t.TempDir()
	digest := func() string {
		t.Helper()
		input, err := InputOf(dir)
		must(t, err)
		return input.SHA256
	}
	empty := digest()
	must(t, os.WriteFile(filepath.Join(dir, "0001.py"), []byte("one"), 0o600))
	one := digest()
	must(t, os.WriteFile(filepath.Join(dir, "0001.py"), []byte("two"), 0o600))
	must(t, os.Mkdir(filepath.Join(dir, bytecode), 0o700))
	if digest() != one {
		t.Error("contents or bytecode changed the digest of the directory")
	}
	must(t, os.Remove(filepath.Join(dir, "0001.py")))
	if digest() != empty || one == empty {
		t.Error("names do not decide the digest of the directory")
	}
	must(t, os.Mkdir(filepath.Join(dir, "0001.py"), 0o700))
	if digest() == one {
		t.Error("a directory counts like a file of its name")
	}
}

// What looks untouched since it was digested long enough after its last change is not read
// again: that is the point of remembering.
func TestUntouchedFilesAreNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	must(t, os.WriteFile(path, []byte("one"), 0o600))
	old := time.Now().Add(-time.Hour)
	must(t, os.Chtimes(path, old, old))
	input, err := InputOf(path)
	must(t, err)
	k := known{Input: input}
	if change := k.changed(nil); change != "" || k.ModTime != old.UnixNano() {
		t.Fatalf("%q, remembered %d", change, k.ModTime)
	}
	must(t, os.WriteFile(path, []byte("two"), 0o600))
	must(t, os.Chtimes(path, old, old))
	if change := k.changed(nil); change != "" {
		t.Errorf("it was read although it looks untouched: %s", change)
	}
	must(t, os.Chtimes(path, old, old.Add(time.Nanosecond)))
	if change := k.changed(nil); change != "has changed" {
		t.Errorf("got %q", change)
	}
}

func TestFreshTimesAreNotTrusted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	must(t, os.WriteFile(path, []byte("one"), 0o600))
	input, err := InputOf(path)
	must(t, err)
	k := known{Input: input}
	if change := k.changed(nil); change != "" || k.ModTime != 0 {
		t.Errorf("%q, remembered %d", change, k.ModTime)
	}
}

func TestMovedDirectory(t *testing.T) {
	dir := t.TempDir()
	began := time.Now().Add(-time.Minute)
	touch := func(name string, at time.Time) { t.Helper(); must(t, os.Chtimes(filepath.Join(dir, name), at, at)) }
	is := func(want bool) {
		t.Helper()
		info, err := os.Stat(dir)
		must(t, err)
		if moved(dir, info, began) != want {
			t.Errorf("moved is %v", !want)
		}
	}
	must(t, os.WriteFile(filepath.Join(dir, "old.py"), nil, 0o600))
	touch("old.py", began.Add(-time.Hour))
	is(true) // something was removed or moved in
	must(t, os.Mkdir(filepath.Join(dir, bytecode), 0o700))
	is(false) // only Python's cache
	must(t, os.WriteFile(filepath.Join(dir, "new.py"), nil, 0o600))
	is(true)
	touch("", began.Add(-time.Hour))
	is(false)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
