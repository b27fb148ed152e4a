package wire

// Version of this protocol, as negotiated in initialize.
const Version = 1

// Requests.
const (
	MethodRun       = "hotclub/run"
	MethodCancelRun = "hotclub/cancelRun"
	MethodStatus    = "hotclub/status"
	MethodRestart   = "hotclub/restart"
	MethodStop      = "hotclub/stop"
	MethodDatabase  = "hotclub/database"

	MethodDiscover  = "hotclub/discover"
	MethodTestsAt   = "hotclub/testsAt"
	MethodResults   = "hotclub/results"
	MethodOutput    = "hotclub/output"
	MethodExplain   = "hotclub/explain"
	MethodCommand   = "hotclub/command"
	MethodConfigure = "hotclub/configure"
	MethodDiagnose  = "hotclub/diagnose"
	MethodWatch     = "hotclub/watch"
	MethodUnwatch   = "hotclub/unwatch"
	MethodSaves     = "hotclub/saves"
	MethodCoverage  = "hotclub/coverage"
	MethodDebug     = "hotclub/debug"
)

// Notifications from the daemon.
const (
	MethodNotice      = "hotclub/notice"
	MethodRunStarted  = "hotclub/runStarted"
	MethodTestEvents  = "hotclub/testEvents"
	MethodRunFinished = "hotclub/runFinished"

	MethodDebuggerReady = "hotclub/debuggerReady"

	MethodDidChangeTests = "hotclub/didChangeTests"

	MethodDidChangeStatus  = "hotclub/didChangeStatus"
	MethodDidChangeWorkers = "hotclub/didChangeWorkers"
	MethodInvalidated      = "hotclub/invalidated"
)

// MethodClient is the one notification to the daemon that may come before initialize: the
// stdio forwarder tells with it where and in which environment the editor started it.
const MethodClient = "hotclub/client"
