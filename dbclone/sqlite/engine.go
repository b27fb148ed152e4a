package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"hotclub/dbclone"
)

const database = "db.sqlite3"

// Engine implements [dbclone.Engine]. The zero value is ready.
type Engine struct{}

var _ dbclone.Engine = Engine{}

func (Engine) Vendor() string { return "sqlite" }

func (Engine) Locate(at dbclone.Spot) string { return filepath.Join(at.Dir, database) }

func (e Engine) Prepare(ctx context.Context, at dbclone.Spot) error { return e.Drop(ctx, at) }

// Seal refuses a database whose last writes are still in a journal beside it: without SQLite
// they can't be brought in, and whoever has it open could go on writing.
func (e Engine) Seal(ctx context.Context, at dbclone.Spot) (dbclone.Sealed, error) {
	path := e.Locate(at)
	if err := ctx.Err(); err != nil {
		return dbclone.Sealed{}, context.Cause(ctx)
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return dbclone.Sealed{}, fmt.Errorf("%w: %s", dbclone.ErrNotBuilt, path)
	}
	if err == nil {
		err = verify(path, info)
	}
	if err == nil {
		err = closed(path)
	}
	if err == nil {
		err = finish(path)
	}
	if err != nil {
		return dbclone.Sealed{}, dbclone.Storage("seal the template", path, err)
	}
	return sealed(info), nil
}

// finish writes the file out before it gets a name that says it is whole, and makes it
// read-only. Removing what is left beside it is safe once nothing in it counts.
func finish(path string) error {
	if err := removeSidecars(path); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Chmod(path, 0o444)
}

// Publish has nothing to do: the file moves with its folder.
func (Engine) Publish(context.Context, dbclone.Spot, dbclone.Spot) error { return nil }

// sealed recognises a file by its size and modification time, which nobody changes who
// respects that it is read-only.
func sealed(info fs.FileInfo) dbclone.Sealed {
	return dbclone.Sealed{Size: info.Size(), Mark: fmt.Sprintf("modified %d", info.ModTime().UnixNano())}
}

func (e Engine) Check(_ context.Context, at dbclone.Spot, as dbclone.Sealed) error {
	path := e.Locate(at)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s", dbclone.ErrTemplateGone, path)
	}
	if err != nil {
		return dbclone.Storage("look at the template", path, err)
	}
	if sealed(info) != as {
		return fmt.Errorf("sqlite: the template %s was changed after it was sealed", path)
	}
	return nil
}

func (e Engine) Clone(ctx context.Context, template, clone dbclone.Spot) error {
	return e.copy(ctx, e.Locate(template), e.Locate(clone))
}

// Reset copies to a new file first: when that fails the old one is still whole, and a
// connection that somebody left open keeps the file it knows instead of finding pages of
// another one in it.
func (e Engine) Reset(ctx context.Context, template, clone dbclone.Spot) error {
	path := e.Locate(clone)
	fresh := filepath.Join(clone.Dir, "fresh.sqlite3")
	if err := e.copy(ctx, e.Locate(template), fresh); err != nil {
		return err
	}
	// A journal of the old contents would be played into the new ones.
	err := removeSidecars(path)
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		_ = os.Remove(fresh)
	}
	return dbclone.Storage("replace the clone", path, err)
}

func (e Engine) Drop(_ context.Context, at dbclone.Spot) error {
	path := e.Locate(at)
	for _, each := range []string{path, filepath.Join(at.Dir, "fresh.sqlite3")} {
		if err := os.Remove(each); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return dbclone.Storage("remove", each, err)
		}
	}
	return dbclone.Storage("remove the journals of", path, removeSidecars(path))
}

// copy leaves no half file behind.
func (Engine) copy(ctx context.Context, from, to string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	err := copyFile(from, to)
	if err != nil {
		_ = os.Remove(to)
	}
	return dbclone.Storage("copy the template "+from+" to", to, err)
}
