package dbclone

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// format is the version of everything on disk. Records of another one are left alone until
// they are old: another build of hotclub may be using them.
const format = 2

const (
	templateFile   = "template.json"
	cloneFile      = "clone.json"
	serializedFile = "serialized"
)

// record is what is known of a template. Unfinished ones have it too, so that whoever cleans
// up knows what to drop.
type record struct {
	Format   int       `json:"format"`
	Schema   Schema    `json:"schema"`
	Inputs   []known   `json:"inputs"`
	Coarse   bool      `json:"coarse,omitempty"` // as in [Built]
	Note     string    `json:"note,omitempty"`   // as in [Built]
	Builder  Owner     `json:"builder"`
	Created  time.Time `json:"created"`
	LastUsed time.Time `json:"lastUsed"`
	Sealed   Sealed    `json:"sealed"`
	BuiltAs  string    `json:"builtAs"` // name on the server until it was published
}

// leased is what is known of a clone, written before the clone is made.
type leased struct {
	Format   int       `json:"format"`
	Schema   Schema    `json:"schema"`
	Template string    `json:"template"` // its folder's name
	Name     string    `json:"name"`     // on the server
	Worker   string    `json:"worker"`
	Created  time.Time `json:"created"`
}

func readRecord(dir string) (record, error) {
	var r record
	err := readJSON(filepath.Join(dir, templateFile), &r)
	if err == nil && r.Format != format {
		err = &formatError{Path: filepath.Join(dir, templateFile), Format: r.Format}
	}
	return r, err
}

func readLeased(dir string) (leased, error) {
	var l leased
	err := readJSON(filepath.Join(dir, cloneFile), &l)
	if err == nil && l.Format != format {
		err = &formatError{Path: filepath.Join(dir, cloneFile), Format: l.Format}
	}
	return l, err
}

type formatError struct {
	Path   string
	Format int
}

func (e *formatError) Error() string {
	return fmt.Sprintf("dbclone: %s was written by another version of hotclub (format %d, not %d)", e.Path, e.Format, format)
}

func readJSON(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return Storage("read", path, err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("dbclone: %s is damaged: %w", path, err)
	}
	return nil
}

func writeRecord(ctx context.Context, dir string, r record) error {
	return writeJSON(ctx, filepath.Join(dir, templateFile), r)
}

// writeJSON replaces a file at once, so that no reader sees half of it.
func writeJSON(ctx context.Context, path string, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("dbclone: encoding %s: %w", path, err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return Storage("write", path, err)
	}
	_, err = file.Write(append(data, '\n'))
	err = errors.Join(err, file.Close())
	if err == nil {
		err = rename(ctx, file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return Storage("write", path, err)
}
