package dbclone

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// settled is how old a file's modification time has to be when it is digested for the time to
// be trusted afterwards: the clocks of file systems tick, FAT's every two seconds, and a
// second write within one tick does not show.
const settled = 2 * time.Second

// known is an input with what its file looked like when it was digested, so that files that
// have not been touched are not read again.
type known struct {
	Input
	Size    int64 `json:"size,omitempty"`
	ModTime int64 `json:"modTime,omitempty"` // nanoseconds since 1970; 0: digest it
}

// remember turns what a build read into what later calls hold against the disk.
func (m *Manager) remember(ctx context.Context, inputs []Input, began time.Time) ([]known, error) {
	result := make([]known, len(inputs))
	for i, input := range inputs {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		if input.Fact != "" {
			result[i] = known{Input: input}
			continue
		}
		if !filepath.IsAbs(input.Path) {
			return nil, fmt.Errorf("dbclone: the build reports the input %q: want an absolute path", input.Path)
		}
		k := known{Input: input}
		info, err := os.Stat(input.Path)
		// What changed after the build began may have been read before it changed, whatever
		// the digest says. Such a template serves this call and is not used again.
		k.Moved = k.Moved || err == nil && moved(input.Path, info, began)
		if !k.Moved {
			k.changed(m.cut)
		}
		result[i] = k
	}
	return result, nil
}

// differs says how an input is not as it was when a template was built, or "". It notes what it
// learned about files.
func (k *known) differs(cut Cut, facts map[string]string) string {
	switch {
	case k.Fact == "":
		if change := k.changed(cut); change != "" {
			return k.Path + " " + change
		}
	case facts[k.Fact] != k.SHA256:
		return k.Fact + " has changed"
	}
	return ""
}

// changed says how the input differs from the disk, or "".
func (k *known) changed(cut Cut) string {
	if k.Moved {
		return "changed while the template was built"
	}
	now := time.Now()
	info, err := os.Stat(k.Path)
	switch {
	case absent(err) && k.SHA256 == "":
		return ""
	case absent(err):
		return "is gone"
	case err != nil:
		return "can't be read"
	case k.SHA256 == "":
		return "was not there"
	case k.ModTime != 0 && k.ModTime == info.ModTime().UnixNano() && k.Size == info.Size():
		return ""
	}
	// Looked at before it is read: a change in between then shows the next time.
	input, err := cut.InputOf(k.Path, k.Part)
	if err != nil {
		return "can't be read"
	}
	if input.Part != k.Part || input.SHA256 != k.SHA256 {
		return "has changed"
	}
	k.Size, k.ModTime = 0, 0
	if now.Sub(info.ModTime()) > settled {
		k.Size, k.ModTime = info.Size(), info.ModTime().UnixNano()
	}
	return ""
}

// moved reports whether an input was modified after a point in time. Python's bytecode may
// have been written to a directory without that being a change.
func moved(path string, info fs.FileInfo, since time.Time) bool {
	if !info.ModTime().After(since) {
		return false
	}
	cache, err := os.Stat(filepath.Join(path, bytecode))
	if !info.IsDir() || err != nil || !cache.ModTime().After(since) {
		return true
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return true
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || entry.Name() != bytecode && info.ModTime().After(since) {
			return true
		}
	}
	return false
}
