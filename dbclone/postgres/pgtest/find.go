package pgtest

import (
	"cmp"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// errNoServer means that there are no programs of PostgreSQL on this machine.
var errNoServer = errors.New("no PostgreSQL server programs (postgres, initdb) in HOTCLUB_POSTGRES_BIN, PATH or /usr/lib/postgresql: apt-get install postgresql")

// find returns the folder with the programs of the newest PostgreSQL.
func find() (string, error) {
	if dir := os.Getenv("HOTCLUB_POSTGRES_BIN"); dir != "" {
		return dir, nil
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return "", errNoServer
	}
	major := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return cmp.Compare(major(a), major(b)) })
	return filepath.Dir(newest), nil
}

// give skips a test for lack of a server, and fails it for anything else.
func give(t testing.TB, err error) {
	t.Helper()
	switch {
	case err == nil:
	case errors.Is(err, errNoServer) && os.Getenv("HOTCLUB_NO_SKIP") != "1":
		t.Skip(err)
	default:
		t.Fatal(err)
	}
}
