package pool

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"

	"hotclub/runner"
	"hotclub/runner/worker"
)

// readingOf is what was read: a directory may have been listed in two ways.
type readingOf struct{ path, kind string }

// readings are what processes have read that may have ended since.
type readings map[readingOf]worker.Read

func (r readings) add(reads []worker.Read) {
	for _, read := range reads {
		r[readingOf{read.Path, read.Kind}] = read
	}
}

// note keeps what a process has read beyond its end.
func (p *Pool) note(reads []worker.Read) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read.add(reads)
}

// Known is what the processes of the pool have read since the last boot: those that there are,
// those that have ended, and one that starts or failed to. The same path may come more than once.
func (p *Pool) Known() []worker.Read {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := slices.Clone(p.broken)
	for _, read := range p.read {
		all = append(all, read)
	}
	if p.booting != nil && p.booting.process != nil {
		all = append(all, p.booting.process.Reads()...)
	}
	if p.current == nil {
		return all
	}
	all = append(all, p.current.reads()...)
	for m := range p.current.members {
		if m.Worker != nil {
			all = append(all, m.Reads()...)
		}
	}
	return all
}

// Changes returns all reads that no longer hold; see [Disk.Stale].
func (d *Disk) Changes(reads []worker.Read) []runner.Cause {
	d.lookAhead(reads)
	var causes []runner.Cause
	for i := range reads {
		if cause := d.stale(&reads[i]); cause != nil {
			causes = append(causes, *cause)
		}
	}
	return causes
}

// racy is how recently a file must have been written for its time to say little: it may be
// written again within the same tick of the clock (reads.py: _RACY_NS, and its limit).
const (
	racy      = 2 * time.Second
	racyLimit = 16 << 20
)

// Observe reads a path anew as a process would that read it as old says.
func Observe(old worker.Read) worker.Read {
	info, err := os.Stat(old.Path)
	now := stat(old.Path)
	read := worker.Read{Path: old.Path, Kind: old.Kind, MTime: now.mtime, CTime: now.ctime, Size: now.size, Inode: now.inode}
	recent := err == nil && time.Since(info.ModTime()) < racy
	switch {
	case old.Kind == worker.ReadOther:
		return old
	case errors.Is(err, fs.ErrNotExist) || now.err != nil:
		return worker.Read{Path: old.Path, Kind: worker.ReadAbsent}
	case info.IsDir():
		if read.Kind != worker.ReadPackages {
			read.Kind = worker.ReadNames
		}
		if recent {
			read.MTime = 0
		}
		read.Size = 0
		read.Digest, _ = namesIn(read.Path, read.Kind)
	case !info.Mode().IsRegular():
		return worker.Read{Path: old.Path, Kind: worker.ReadOther}
	default:
		read.Kind = worker.ReadFile
		if recent && now.size < racyLimit {
			if data, err := os.ReadFile(old.Path); err == nil {
				read.Digest = digest(data)
			}
		}
	}
	return read
}
