package wire

import "hotclub/runner"

// DebugParams asks for a run under a debugger. It has one worker and no time limit, and a run that
// goes on is no reason to wait.
type DebugParams struct {
	RunParams
	runner.Debug
}

// DebuggerReady is hotclub/debuggerReady, for the client alone that asked for the run: a DAP server
// listens there. Tests begin once a client of it has attached and sent configurationDone.
type DebuggerReady struct {
	RunID runner.RunID `json:"runId"`
	runner.DebuggerReady
}
