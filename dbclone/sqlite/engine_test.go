package sqlite

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"hotclub/dbclone/clonetest"
)

// page is the page size of the databases that tests make up.
const page = 4096

// madeUp is a database of one page as far as its header goes. No SQLite ever opens it.
func madeUp(text string) []byte {
	data := make([]byte, page)
	copy(data, magic)
	binary.BigEndian.PutUint16(data[pageSizeAt:], page)
	binary.BigEndian.PutUint32(data[pagesAt:], 1)
	binary.BigEndian.PutUint32(data[headerSize:], uint32(len(text)))
	copy(data[headerSize+4:], text)
	return data
}

// bytesHarness plays Django with made-up databases, which is quick and needs no Python.
func bytesHarness() clonetest.Harness {
	return clonetest.Harness{
		Engine: Engine{},
		Write:  func(t testing.TB, location, text string) { put(t, location, madeUp(text)) },
		Tear: func(t testing.TB, location string) {
			put(t, location, madeUp("torn")[:page/2])
			put(t, location+"-journal", append(bytes.Clone(hot), "rest"...))
		},
		Read: func(t testing.TB, location string) string {
			for _, suffix := range []string{"-journal", "-wal", "-mj0123"} {
				if data, err := os.ReadFile(location + suffix); err == nil {
					return string(data) // what SQLite would bring in
				}
			}
			data, err := os.ReadFile(location)
			if err != nil {
				t.Fatal(err)
			}
			size := binary.BigEndian.Uint32(data[headerSize:])
			return string(data[headerSize+4:][:size])
		},
		Dirty: func(t testing.TB, location, text string) {
			put(t, location, append(madeUp(text), make([]byte, page)...))
			for _, suffix := range []string{"-journal", "-wal", "-shm", "-mj0123"} {
				put(t, location+suffix, []byte(text))
			}
		},
		Exists: exists,
		Lose: func(t testing.TB, location string) {
			if err := os.Remove(location); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func exists(t testing.TB, location string) bool {
	found, err := filepath.Glob(location + "*")
	if err != nil {
		t.Fatal(err)
	}
	return len(found) > 0
}

func put(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestEngine(t *testing.T) { clonetest.Run(t, bytesHarness()) }
