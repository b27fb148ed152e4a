package wire

import "hotclub/runner"

// StatusAnswer answers hotclub/status.
type StatusAnswer struct {
	Daemon   DaemonInfo             `json:"daemon"`
	Clients  []string               `json:"clients"` // names of those connected, this one included
	Runs     []RunInfo              `json:"runs"`
	Projects []runner.ProjectStatus `json:"projects"`

	Goroutines int `json:"goroutines"` // of the daemon
}

// RunInfo is a run that goes on.
type RunInfo struct {
	RunID  runner.RunID `json:"runId"`
	Client string       `json:"client"`
	Total  int          `json:"total"`
	Done   int          `json:"done"`
	Failed int          `json:"failed"`
}

// StopParams ends one project's pool, or the daemon.
type StopParams struct {
	Dir string `json:"dir,omitempty"` // inside the project; default: the client's directory
	All bool   `json:"all,omitempty"` // all projects and the daemon itself
}

// RestartParams replaces a project's workers.
type RestartParams struct {
	Dir string `json:"dir,omitempty"` // inside the project; default: the client's directory
}

// SavesParams waits for a change of what the project's tests depend on.
type SavesParams struct {
	Project runner.Overrides `json:"project,omitzero"`
	Begin   bool             `json:"begin,omitempty"` // answer at once: changes count from now on
}

// RootsAnswer lists the projects that were stopped or restarted.
type RootsAnswer struct {
	Roots []string `json:"roots"`
}

// DatabaseParams carries out an action of `hotclub db`.
type DatabaseParams struct {
	Action  runner.DatabaseAction `json:"action"`
	Project runner.Overrides      `json:"project,omitzero"`
}

// DatabaseAnswer lists what there is, or what was dropped.
type DatabaseAnswer struct {
	Databases []runner.DatabaseStatus `json:"databases"`
}
