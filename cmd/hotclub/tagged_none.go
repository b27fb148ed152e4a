//go:build !oracle

package main

import "hotclub/dbclone"

// tagged are the kinds of databases that a build tag adds: none in this build. Without an engine an
// Oracle project runs its tests in one worker, on the database that its own runner makes.
func tagged() []dbclone.Engine { return nil }
