//go:build !windows

package dbclone

import (
	"context"
	"os"
)

func rename(_ context.Context, from, to string) error { return os.Rename(from, to) }
