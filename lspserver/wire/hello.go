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
}

// Experimental is capabilities.experimental, in both directions.
type Experimental[T any] struct {
	Hotclub T `json:"hotclub"`
}

// ClientCapabilities is what a client can do with hotclub/* notifications.
type ClientCapabilities struct {
	Version int `json:"version"`

	// Output says how a test's output travels: "stream" (default) within its event,
	// "none" not at all.
	Output string `json:"output,omitempty"`

	// MaxEventBatchMs is how long events may be held back to travel together; the first
	// after a quiet time never is. Default: 50. Negative: every event by itself.
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
