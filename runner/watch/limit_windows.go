package watch

const (
	limitRule       = "512 watches"
	remedyWatches   = "exclude folders that the tests do not need"
	remedyInstances = remedyWatches
)

// mostWatches bounds the memory: each watch has a buffer of 64 KB.
func mostWatches() int { return 512 }

// watchCost is one watch for each directory.
func watchCost(string) int { return 1 }
