package mysqltest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// freshData makes a private folder with an empty server's files in "data". Those are made once for
// each version, which takes seconds, and copied.
func (b binary) freshData(ctx context.Context) (dir string, err error) {
	installed, err := b.installed(ctx)
	if err != nil {
		return "", err
	}
	if dir, err = os.MkdirTemp(memory(), "hcmy"); err != nil {
		return "", fmt.Errorf("mysqltest: %w", err)
	}
	err = os.CopyFS(filepath.Join(dir, "data"), os.DirFS(installed))
	if err == nil {
		err = giveAway(dir)
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("mysqltest: copy %s: %w", installed, err), os.RemoveAll(dir))
	}
	return dir, nil
}

// memory is a folder on a file system in memory, or "" for the usual temporary folder.
func memory() string {
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); err == nil && info.IsDir() {
		return shm
	}
	return ""
}

// installed is the folder with the files of an empty server of this version.
func (b binary) installed(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("mysqltest: %w", err)
	}
	cache = filepath.Join(cache, "hotclub-tests", "mysqld")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", fmt.Errorf("mysqltest: %w", err)
	}
	lock := flock.New(filepath.Join(cache, b.version+".lock"))
	if err := lock.Lock(); err != nil {
		return "", fmt.Errorf("mysqltest: lock %s: %w", lock.Path(), err)
	}
	defer lock.Unlock()
	done := filepath.Join(cache, b.version)
	if _, err := os.Stat(done); !errors.Is(err, fs.ErrNotExist) {
		return done, err
	}
	half, err := os.MkdirTemp(memory(), "hcmy")
	if err != nil {
		return "", fmt.Errorf("mysqltest: %w", err)
	}
	defer os.RemoveAll(half)
	data := filepath.Join(half, "data")
	if err := errors.Join(os.Mkdir(data, 0o700), giveAway(half)); err != nil {
		return "", fmt.Errorf("mysqltest: %w", err)
	}
	if err := b.install(ctx, data); err != nil {
		return "", err
	}
	// The cache may lie on another file system, so a rename alone can't make it appear whole.
	if err := os.CopyFS(done+".part", os.DirFS(data)); err != nil {
		return "", errors.Join(fmt.Errorf("mysqltest: keep %s: %w", done, err), os.RemoveAll(done+".part"))
	}
	return done, os.Rename(done+".part", done)
}

func (b binary) install(ctx context.Context, data string) error {
	command := exec.CommandContext(ctx, b.path, "--no-defaults", "--initialize-insecure", small, "--datadir="+data)
	if b.mariadb {
		command = exec.CommandContext(ctx, "mariadb-install-db", "--no-defaults", "--datadir="+data,
			"--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=32M")
	}
	unprivileged(command)
	out, err := command.CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%w: %w", ErrNoBinary, err)
	}
	if err != nil {
		return fmt.Errorf("mysqltest: %s: %w\n%s", strings.Join(command.Args, " "), err, out)
	}
	return nil
}
