package watch

import "golang.org/x/sys/unix"

// remote names the kind of disk whose changes by other machines, or by the host of a virtual
// one, the kernel does not learn; "" for a disk of this machine.
func remote(dir string) string {
	var disk unix.Statfs_t
	if unix.Statfs(dir, &disk) != nil {
		return ""
	}
	return map[uint32]string{
		unix.NFS_SUPER_MAGIC:  "nfs",
		unix.SMB_SUPER_MAGIC:  "smb",
		unix.SMB2_SUPER_MAGIC: "smb",
		unix.CIFS_SUPER_MAGIC: "smb",
		unix.AFS_SUPER_MAGIC:  "afs",
		unix.CEPH_SUPER_MAGIC: "ceph",
		unix.CODA_SUPER_MAGIC: "coda",
		unix.V9FS_MAGIC:       "9p",
		unix.FUSE_SUPER_MAGIC: "fuse",
		0x786f4256:            "vboxsf", // VBOXSF_SUPER_MAGIC of linux/fs/vboxsf
	}[uint32(disk.Type)]
}
