package pool

import "io/fs"

// inode is not to be had here without opening the file; reads.py does not send it either.
func inode(fs.FileInfo) uint64 { return 0 }
