// Package project holds what is known of a project without starting it: where it is, which tests
// it has, what became of them. It is what the parts that tell people about tests share (lspserver,
// runner/explain); the pools of a project are for runner/engine.
package project

import (
	"hotclub/runner/affected"
	"hotclub/runner/discover"
	"hotclub/runner/history"
)

// Project is shared by all who look at the project: runs, editors, the shell.
type Project struct {
	Key     string            // of its ids
	Root    string            // absolute, symbolic links resolved
	Dir     string            // absolute: where manage.py runs, and what Django imports from
	Python  string            // absolute path of its interpreter
	Manage  string            // absolute path of manage.py, "" for a project without one
	Env     map[string]string // that the plain command needs beside the client's
	Tests   *discover.Catalog
	History *history.Project

	Footprints *affected.Store // what its tests depend on
}

// Command is the beginning of the plain command that runs tests without hotclub.
func (p *Project) Command() []string {
	if p.Manage == "" {
		return []string{p.Python, "-m", "django", "test"}
	}
	return []string{p.Python, p.Manage, "test"}
}
