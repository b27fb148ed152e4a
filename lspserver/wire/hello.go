package wire

// ClientParams is what only the client's process knows.
type ClientParams struct {
	CWD         string   `json:"cwd,omitempty"`         // absolute
	Environment []string `json:"environment,omitempty"` // "NAME=value"
}

// InitializationOptions is what a client puts into initialize beside LSP's own.
type InitializationOptions struct {
	ClientParams

	// Trusted allows the daemon to import and start the project. Default: it may not.
	Trusted    bool   `json:"trusted"`
	ClientName string `json:"clientName,omitempty"` // "hotclub run", "VS Code"

	// Detach has commands answered with null at once, for an editor that stands still until it
	// has the answer. What goes wrong is a message to the person.
	Detach bool `json:"detach,omitempty"`

	// The client's choices about its projects; see Configuration.
	Python      string `json:"python,omitempty"`
	Settings    string `json:"settings,omitempty"`
	StartMethod string `json:"startMethod,omitempty"`
}

// Experimental is capabilities.experimental, in both directions.
type Experimental[T any] struct {
	Hotclub T `json:"hotclub"`
}

// ClientCapabilities is what a client can do with hotclub/* notifications.
type ClientCapabilities struct {
	Version int `json:"version"`

	// RunEvents says whose runs the client hears of: "own" (default), or "all" of the
	// projects of its workspace, whoever asked for them.
	RunEvents string `json:"runEvents,omitempty"`

	// PoolEvents asks for hotclub/didChangeStatus, hotclub/didChangeWorkers and hotclub/invalidated.
	PoolEvents bool `json:"poolEvents,omitempty"`

	// Lenses "off" is for clients that show tests in their own way. Default: "on".
	Lenses string `json:"lenses,omitempty"`

	// Commands are those that the client carries out itself when a lens or a code action
	// with one of them is clicked.
	Commands []string `json:"commands,omitempty"`

	// Output says how a test's output travels: "stream" (default) within its event, "pull"
	// only when hotclub/output asks for it, "none" not at all.
	Output string `json:"output,omitempty"`

	// MaxEventBatchMs is how long events may be held back to travel together; the first
	// after a quiet time and the last verdict never are. Default: 50. Negative: every event by itself.
	MaxEventBatchMs int `json:"maxEventBatchMs,omitempty"`
}

// ServerCapabilities is the daemon's answer. A feature that is not listed is absent.
type ServerCapabilities struct {
	Version  int        `json:"version"`
	Features []string   `json:"features"`
	Daemon   DaemonInfo `json:"daemon"`
}

// DaemonInfo says who answers.
type DaemonInfo struct {
	PID     int    `json:"pid"`
	Build   string `json:"build"`
	Version string `json:"version,omitempty"`
	Socket  string `json:"socket,omitempty"` // empty when it runs within the client's process
	Log     string `json:"log,omitempty"`
}
