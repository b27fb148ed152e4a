//go:build !linux

package worker

// MemoryMB is not told on this platform.
func MemoryMB(int) float64 { return 0 }
