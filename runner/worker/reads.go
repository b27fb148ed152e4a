package worker

import (
	"encoding/hex"
	"fmt"
	"strings"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Kinds of what a process reads; see reads.py.
const (
	ReadFile     = "file"
	ReadAbsent   = "absent"   // it was asked for and not there
	ReadThere    = "there"    // it was asked whether it is there, and it was
	ReadNames    = "names"    // a directory, by all its names
	ReadPackages = "packages" // a directory, by the names that could be imported
	ReadOther    = "other"    // a device, a pipe: never stale
)

// Read is a file or directory as it was when a process first looked at it.
type Read struct {
	Path   string
	Kind   string
	MTime  int64 // ns since 1970
	Size   int64
	Inode  uint64
	Digest string // SHA-1: of a directory's names; of a file only where its clock might not tell
	CTime  int64  // when the inode changed, in ns since 1970: no program can set it; 0 on Windows, which has none
}

// UnmarshalJSONFrom reads the array form in which reads.py sends an entry.
func (r *Read) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if _, err := dec.ReadToken(); err != nil { // [
		return err
	}
	for _, field := range []any{&r.Path, &r.Kind, &r.MTime, &r.Size, &r.Inode, &r.Digest, &r.CTime} {
		if err := json.UnmarshalDecode(dec, field); err != nil {
			return fmt.Errorf("entry of what a worker read: %w", err)
		}
	}
	// The decoded strings may alias the whole message; the entry lives for hours.
	r.Path, r.Kind, r.Digest = strings.Clone(r.Path), strings.Clone(r.Kind), strings.Clone(r.Digest)
	if spelled, is := strings.CutPrefix(r.Path, "\x00"); is { // a path that is not UTF-8
		path, err := hex.DecodeString(spelled)
		if err != nil {
			return fmt.Errorf("path of what a worker read: %w", err)
		}
		r.Path = string(path)
	}
	_, err := dec.ReadToken() // ]
	return err
}
