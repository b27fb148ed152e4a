package postgres_test

import (
	"fmt"
	"testing"

	"hotclub/dbclone/postgres"
)

// Case 36: the versions differ in how they copy.
func TestStrategy(t *testing.T) {
	for name, test := range map[string]struct {
		version  int
		fsync    bool
		wal, fil int // milliseconds
		used     string
		best     string
	}{
		"36 there was one way":           {14, true, 1, 1, "[     ]", ""},
		"the disk decides":               {15, true, 136, 397, "[WAL_LOG FILE_COPY WAL_LOG FILE_COPY WAL_LOG WAL_LOG]", "WAL_LOG"},
		"nothing waits for the disk":     {15, false, 66, 43, "[FILE_COPY WAL_LOG FILE_COPY WAL_LOG FILE_COPY FILE_COPY]", "FILE_COPY"},
		"large, and files share blocks":  {18, true, 1618, 63, "[WAL_LOG FILE_COPY WAL_LOG FILE_COPY FILE_COPY FILE_COPY]", "FILE_COPY"},
		"a little faster is not clearly": {18, true, 100, 90, "[WAL_LOG FILE_COPY WAL_LOG FILE_COPY WAL_LOG WAL_LOG]", "WAL_LOG"},
	} {
		t.Run(name, func(t *testing.T) {
			used, best := postgres.Strategies(test.version, test.fsync, map[string]int{"WAL_LOG": test.wal, "FILE_COPY": test.fil})
			if fmt.Sprint(used) != test.used || best != test.best {
				t.Errorf("got %q, then %q", used, best)
			}
		})
	}
}
