package pgtest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// room is what a data directory needs in memory, in bytes: 40 MB to begin with, and as much again
// for each database of a small test many times over.
const room = 1 << 30

// memory is where files cost nothing to write.
const memory = "/dev/shm"

// newFolder makes a private folder for a server, which belongs to the user that it runs as. Its
// path is short: a socket lies in it, and those have 107 bytes.
func newFolder() (string, error) {
	parent := ""
	if free(memory) >= room {
		parent = memory
	}
	dir, err := os.MkdirTemp(parent, "hcpg-")
	if err != nil {
		return "", err
	}
	return dir, entrust(dir)
}

// copyData fills a folder with a fresh data directory. initdb takes a second, a copy of what it
// made a tenth of that.
func copyData(ctx context.Context, bin, to string) error {
	cached, err := cachedData(ctx, bin)
	if err != nil {
		return err
	}
	if err := os.CopyFS(to, os.DirFS(cached)); err != nil {
		return err
	}
	if err := os.Chmod(to, 0o700); err != nil { // or the server refuses it
		return err
	}
	return entrust(to)
}

// cachedData returns what initdb made, for this version of the programs.
func cachedData(ctx context.Context, bin string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	version, err := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return "", fmt.Errorf("pgtest: asking for the version of the server: %w", err)
	}
	key := sha256.Sum256(fmt.Appendf(version, "%s", bin))
	dir := filepath.Join(cache, "hotclub-tests", "postgres", fmt.Sprintf("%x", key[:6]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	// Others may be doing the same: the first rename wins.
	fresh, err := newFolder()
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(fresh)
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata", filepath.Join(fresh, "data"),
		"--username", Superuser, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
	cmd.Dir = fresh
	Unprivileged(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("pgtest: initdb: %w\n%s", err, out)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return "", err
	}
	beside, err := os.MkdirTemp(filepath.Dir(dir), "new-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(beside)
	if err := os.CopyFS(filepath.Join(beside, "data"), os.DirFS(filepath.Join(fresh, "data"))); err != nil {
		return "", err
	}
	err = os.Rename(filepath.Join(beside, "data"), dir)
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return dir, err
}
