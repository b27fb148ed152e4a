//go:build oracle

package main

import (
	"hotclub/dbclone"
	"hotclub/dbclone/oracle"
)

// tagged are the kinds of databases that a build tag adds.
func tagged() []dbclone.Engine { return []dbclone.Engine{oracle.New()} }
