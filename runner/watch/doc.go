// Package watch tells which files changed, soon after they did, so that stale workers are
// replaced before the next run asks for them.
//
// It is a head start and nothing more. Whether a process is stale is decided by the barrier of
// runner/pool, which looks at the disk; where nothing can be watched (too many directories, a
// network disk, a container), everything stays right and only takes place later. [Watcher.Fault]
// says why there is none, or only a part of one. The end of a directory that is removed while it
// is about to be watched can go untold, too.
//
// Directories are watched, never single files: editors replace a file by another of its name.
// One goroutine gathers what the system tells into bursts (gather.go); another keeps the watches
// in place while directories come and go (keep.go). The two are apart because the system's
// events must be taken while a watch is being added. Neither does anything while nothing
// happens: there is no ticker.
package watch
