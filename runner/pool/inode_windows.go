package pool

import "io/fs"

// inode is not to be had without opening the file; reads.py sends it, so that both sides
// must agree: see worker.Read on this platform.
func inode(fs.FileInfo) uint64 { return 0 }
