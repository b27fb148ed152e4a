package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"hotclub/runner"
	"hotclub/runner/config"
	"hotclub/runner/worker"
)

// Debuggable returns why the interpreter of a client's project can't run a debugger, nil when it can.
func (e *Engine) Debuggable(ctx context.Context, client runner.Client, overrides runner.Overrides, debug runner.Debug) error {
	if debug.Debugpy != "" {
		return holdsDebugpy(debug.Debugpy)
	}
	found, err := config.Load(client, overrides)
	if err != nil {
		return err
	}
	place, err := worker.ProbeDebugger(ctx, found.Python, found.Environ(client), found.Dir)
	if err != nil {
		return fmt.Errorf("looking for debugpy: %w", err)
	}
	if place == "" {
		return fmt.Errorf("debugpy is not installed in %s: %[1]s -m pip install debugpy, "+
			"or name a folder that holds it (an editor's own, say) with the member debugpy of the request", found.Python)
	}
	return nil
}

// holdsDebugpy returns why a folder is not one that debugpy can be imported from.
func holdsDebugpy(folder string) error {
	if !filepath.IsAbs(folder) {
		return fmt.Errorf("debugpy: %s is not the absolute path of a folder", folder)
	}
	if _, err := os.Stat(filepath.Join(folder, "debugpy", "__init__.py")); err != nil {
		return fmt.Errorf("debugpy: %s holds no package debugpy: %w", folder, err)
	}
	return nil
}
