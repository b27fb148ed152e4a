package pool

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // change detection, and what Python has without OpenSSL
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"hotclub/runner"
	"hotclub/runner/watch"
	"hotclub/runner/worker"
)

// Disk is one look at the file system. It asks about each path once, so that everything
// checked against it is checked against the same moment. It belongs to one run, and knows in
// which variables the run's client differs from the one for which the workers were booted.
type Disk struct {
	begun  time.Time
	client difference

	confirmed *confirmed // nil for none

	mu    sync.Mutex // a run takes several workers at a time
	known map[string]known
	texts map[string]string // digests of those that were compared, by path
}

type known struct {
	mtime int64
	ctime int64
	size  int64
	inode uint64
	err   error
}

// Look begins a new look.
func Look() *Disk {
	return &Disk{begun: time.Now(), known: make(map[string]known, 2048), texts: make(map[string]string)}
}

// newLook begins a look at what a pool keeps.
func (p *Pool) newLook() *Disk {
	disk := Look()
	disk.confirmed = &p.confirmed
	return disk
}

// lookFor begins one for a run whose client has an environment.
func (p *Pool) lookFor(env []string) *Disk {
	disk := p.newLook()
	disk.client = differ(p.settings.Env, env)
	return disk
}

// Outdated is why a worker can't be had, or is of no use: it would not run what its run is about.
type Outdated struct{ Cause runner.Cause }

func (o *Outdated) Error() string { return o.Cause.String() + " while the run was on" }

// remember takes the files that a process of the run has just read for part of the look.
func (d *Disk) remember(reads []worker.Read) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, read := range reads {
		if _, asked := d.known[read.Path]; !asked && read.Kind == worker.ReadFile {
			d.known[read.Path] = known{mtime: read.MTime, ctime: read.CTime, size: read.Size, inode: read.Inode}
			d.texts[read.Path] = read.Digest
		}
	}
}

// Since returns the first of some sources that another process of the run has read later, and that
// was another when the look was taken: what that process has loaded is no part of what the run is
// about. nil when there is none. Other files may be the work of the tests themselves.
func (d *Disk) Since(reads []worker.Read) *runner.Cause {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range reads {
		read := &reads[i]
		if read.Kind != worker.ReadFile || filepath.Ext(read.Path) != ".py" {
			continue
		}
		if !d.looksLike(read) {
			return &runner.Cause{File: read.Path, Rule: "changed"}
		}
	}
	return nil
}

// looksLike reports whether a file was, when the look was taken, as it has been read.
func (d *Disk) looksLike(read *worker.Read) bool {
	then, asked := d.known[read.Path]
	if !asked {
		return max(read.MTime, read.CTime) < d.begun.UnixNano()
	}
	if read.MTime != then.mtime || read.Size != then.size || read.Inode != then.inode {
		return false
	}
	// An editor sets owner and mode last, when somebody may have read the text.
	return read.CTime == then.ctime || read.Digest != "" && read.Digest == d.texts[read.Path]
}

// Stale returns the first read that no longer holds, or nil when all do.
func (d *Disk) Stale(reads []worker.Read) *runner.Cause {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lookAhead(reads)
	for i := range reads {
		if cause := d.stale(&reads[i]); cause != nil {
			return cause
		}
	}
	return nil
}

// differing tells of which paths a read no longer holds.
func (d *Disk) differing(reads []worker.Read) func(path string) bool {
	d.lookAhead(reads)
	stale := make(map[string]bool)
	for i := range reads {
		if d.stale(&reads[i]) != nil {
			stale[reads[i].Path] = true
		}
	}
	return func(path string) bool { return stale[path] }
}

// unchanged is [Member.Unchanged] for what was read. Each question is a look of its own.
func unchanged(reads []worker.Read) func(path string) bool {
	at := make(map[string][]*worker.Read, len(reads))
	for i := range reads {
		at[reads[i].Path] = append(at[reads[i].Path], &reads[i])
	}
	return func(path string) bool {
		disk := &Disk{known: make(map[string]known), texts: make(map[string]string)}
		holds := func(read *worker.Read) bool { return disk.stale(read) == nil }
		if own := at[path]; own != nil {
			return every(own, holds)
		}
		for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
			if !every(at[dir], holds) {
				return false
			}
			if dir == filepath.Dir(dir) {
				return true
			}
		}
	}
}

func every[T any](list []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(list, func(one T) bool { return !holds(one) })
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

func (d *Disk) stale(read *worker.Read) *runner.Cause {
	if read.Kind == worker.ReadOther {
		return nil
	}
	now := d.stat(read.Path)
	missing := errors.Is(now.err, fs.ErrNotExist)
	switch {
	case read.Kind == worker.ReadAbsent && now.err == nil:
		return &runner.Cause{File: read.Path, Rule: "is new"}
	case read.Kind == worker.ReadAbsent:
		return nil
	case missing:
		return &runner.Cause{File: read.Path, Rule: "is gone"}
	case now.err != nil:
		return &runner.Cause{File: read.Path, Rule: "cannot be read any more"}
	case read.Kind == worker.ReadThere:
		return nil
	case read.Kind == worker.ReadFile:
		return d.fileChanged(read, now)
	case read.MTime == now.mtime && read.CTime == now.ctime && read.Inode == now.inode:
		return nil
	case d.confirmed.has(read, now):
		return nil
	}
	cause := namesChanged(read)
	if cause == nil {
		d.confirmed.add(read, now)
	}
	return cause
}

func (d *Disk) fileChanged(read *worker.Read, now known) *runner.Cause {
	if read.MTime != now.mtime || read.Size != now.size || read.Inode != now.inode {
		return &runner.Cause{File: read.Path, Rule: "changed"}
	}
	if read.Digest == "" && read.CTime == now.ctime {
		return nil
	}
	// It was written just before it was read, and a second write may share its time stamp; or
	// something has set its time stamp.
	if !d.confirmed.has(read, now) {
		data, err := os.ReadFile(read.Path)
		if err != nil || digest(data) != read.Digest {
			return &runner.Cause{File: read.Path, Rule: "changed"}
		}
		d.confirmed.add(read, now)
	}
	d.texts[read.Path] = read.Digest
	return nil
}

// namesChanged compares the names in a directory, by the rule of reads.py: counts.
func namesChanged(read *worker.Read) *runner.Cause {
	names, err := namesIn(read.Path, read.Kind)
	if err != nil {
		return &runner.Cause{File: read.Path, Rule: "cannot be read any more"}
	}
	if names != read.Digest {
		return &runner.Cause{File: read.Path, Rule: "has other names in it"}
	}
	return nil
}

// namesIn is the digest of the names in a directory, as reads.py makes it.
func namesIn(dir, kind string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		if Counts([]byte(entry.Name()), kind == worker.ReadPackages) {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	var all bytes.Buffer
	for _, name := range names {
		all.WriteString(name)
		all.WriteByte(0)
	}
	return digest(all.Bytes()), nil
}

// Counts reports whether a name in a directory is part of what a listing tells; reads.py has the same
// rule. importing: it is the import system that lists.
func Counts(name []byte, importing bool) bool {
	if watch.Ignored(string(name)) {
		return false
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
