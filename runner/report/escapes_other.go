//go:build !windows

package report

import "os"

// enableEscapes reports whether the terminal understands escape sequences: outside of
// Windows all of them do, but for TERM=dumb, which Detect looks at itself.
func enableEscapes(*os.File) bool { return true }
