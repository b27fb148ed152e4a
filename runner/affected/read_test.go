package affected

import (
	"crypto/sha1"
	"encoding/hex"
	"os"
	"slices"
	"strings"
	"testing"

	"hotclub/runner/pool"
	"hotclub/runner/worker"
)

// see is what reads.py tells of a path that was written just now.
func see(t testing.TB, path string) worker.Read {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	read := worker.Read{Path: strings.TrimSuffix(path, "/")}
	var text []byte
	if info.IsDir() {
		read.Kind = worker.ReadPackages
		entries, err := os.ReadDir(path)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, entry := range entries {
			if pool.Counts([]byte(entry.Name()), true) {
				names = append(names, entry.Name()+"\x00")
			}
		}
		slices.Sort(names)
		text = []byte(strings.Join(names, ""))
	} else {
		read.Kind, read.MTime, read.Size, read.Inode = worker.ReadFile, info.ModTime().UnixNano(), info.Size(), inode(info)
		if text, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	sum := sha1.Sum(text)
	read.Digest = hex.EncodeToString(sum[:])
	return read
}
