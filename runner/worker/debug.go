package worker

import (
	"context"

	"hotclub/runner"
)

// DebuggerReady says where the worker waits for a debugger.
type DebuggerReady struct {
	Host string `json:"host"`
	Port int    `json:"port"`
}

// Debug has the worker import debugpy, listen, and wait until a client has attached and set its
// breakpoints; DebuggerReady says where. [Worker.CancelUnit] ends the waiting.
func (w *Worker) Debug(ctx context.Context, how runner.Debug) error {
	return w.call(ctx, "debug", map[string]any{"folder": how.Debugpy, "stopOnFailure": how.StopOnFailure}, nil)
}
