package pool

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // change detection, and what Python has without OpenSSL
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"sort"
	"sync"

	"hotclub/runner/worker"
)

// Cause is why something is stale.
type Cause struct {
	Path string
	Rule string // "changed", "is gone", "is new"
}

func (c Cause) String() string { return c.Path + " " + c.Rule }

// Disk is one look at the file system. It asks about each path once, so that everything
// checked against it is checked against the same moment. It belongs to one run, and knows in
// which variables the run's client differs from the one for which the workers were booted.
type Disk struct {
	known  map[string]known
	client difference
}

type known struct {
	mtime int64
	size  int64
	inode uint64
	err   error
}

// Look begins a new look.
func Look() *Disk { return &Disk{known: make(map[string]known, 2048)} }

// Stale returns the first read that no longer holds, or nil when all do.
func (d *Disk) Stale(reads []worker.Read) *Cause {
	d.lookAhead(reads)
	for i := range reads {
		if cause := d.stale(&reads[i]); cause != nil {
			return cause
		}
	}
	return nil
}

// worthSharing is from how many paths on several processors look faster than one.
const worthSharing = 128

// lookAhead asks about all paths at once, on all processors: the run waits for the answers.
func (d *Disk) lookAhead(reads []worker.Read) {
	if len(reads) < worthSharing {
		return
	}
	found := make([]known, len(reads))
	share := (len(reads) + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0)
	var lookers sync.WaitGroup
	for from := 0; from < len(reads); from += share {
		lookers.Go(func() {
			for i := from; i < min(from+share, len(reads)); i++ {
				if _, asked := d.known[reads[i].Path]; !asked && reads[i].Kind != worker.ReadOther {
					found[i] = stat(reads[i].Path)
				}
			}
		})
	}
	lookers.Wait()
	for i, read := range reads {
		if _, asked := d.known[read.Path]; !asked && read.Kind != worker.ReadOther {
			d.known[read.Path] = found[i]
		}
	}
}

func (d *Disk) stale(read *worker.Read) *Cause {
	if read.Kind == worker.ReadOther {
		return nil
	}
	now := d.stat(read.Path)
	missing := errors.Is(now.err, fs.ErrNotExist)
	switch {
	case read.Kind == worker.ReadAbsent && now.err == nil:
		return &Cause{read.Path, "is new"}
	case read.Kind == worker.ReadAbsent:
		return nil
	case missing:
		return &Cause{read.Path, "is gone"}
	case now.err != nil:
		return &Cause{read.Path, "cannot be read any more"}
	case read.Kind == worker.ReadFile:
		return fileChanged(read, now)
	case read.MTime == now.mtime && read.Inode == now.inode:
		return nil
	default:
		return namesChanged(read)
	}
}

func fileChanged(read *worker.Read, now known) *Cause {
	if read.MTime != now.mtime || read.Size != now.size || read.Inode != now.inode {
		return &Cause{read.Path, "changed"}
	}
	if read.Digest == "" {
		return nil
	}
	// It was written just before it was read: a second write may share its time stamp.
	data, err := os.ReadFile(read.Path)
	if err != nil || digest(data) != read.Digest {
		return &Cause{read.Path, "changed"}
	}
	return nil
}

// namesChanged compares the names in a directory, by the rule of reads.py: counts.
func namesChanged(read *worker.Read) *Cause {
	entries, err := os.ReadDir(read.Path)
	if err != nil {
		return &Cause{read.Path, "cannot be read any more"}
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		if Counts([]byte(entry.Name()), read.Kind == worker.ReadPackages) {
			names = append(names, entry.Name())
		}
	}
	sort.Strings(names)
	var all bytes.Buffer
	for _, name := range names {
		all.WriteString(name)
		all.WriteByte(0)
	}
	if digest(all.Bytes()) != read.Digest {
		return &Cause{read.Path, "has other names in it"}
	}
	return nil
}

// Counts reports whether a name in a directory is part of what a listing tells; reads.py has the same
// rule. importing: it is the import system that lists.
func Counts(name []byte, importing bool) bool {
	if string(name) == "__pycache__" || string(name) == "4913" {
		return false
	}
	for _, suffix := range []string{"~", ".swp", ".swx", ".swo", ".pyc"} {
		if bytes.HasSuffix(name, []byte(suffix)) {
			return false
		}
	}
	for _, prefix := range []string{".#", "#", ".~"} {
		if bytes.HasPrefix(name, []byte(prefix)) {
			return false
		}
	}
	if !importing {
		return true
	}
	for _, suffix := range []string{".py", ".so", ".pyd"} {
		if bytes.HasSuffix(name, []byte(suffix)) {
			return true
		}
	}
	return !bytes.ContainsRune(name, '.')
}

func digest(data []byte) string {
	sum := sha1.Sum(data) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}

func (d *Disk) stat(path string) known {
	if seen, ok := d.known[path]; ok {
		return seen
	}
	seen := stat(path)
	d.known[path] = seen
	return seen
}
