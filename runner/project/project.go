// Package project holds what is known of a project without starting it: where it is, which tests
// it has, what became of them.
package project

import (
	"hotclub/runner/discover"
	"hotclub/runner/history"
)

// Project is shared by all who look at the project: runs, editors, the shell.
type Project struct {
	Key     string // of its ids
	Root    string // absolute, symbolic links resolved
	Dir     string // absolute: where manage.py runs, and what Django imports from
	Tests   *discover.Catalog
	History *history.Project
}
