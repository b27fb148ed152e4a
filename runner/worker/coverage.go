package worker

import (
	"context"
	"path/filepath"

	"hotclub/runner"
)

// Measured has the process write what it, and its layer before it, has executed so far. It returns
// the file, which is gone with the host at the latest. Only for one that was booted to measure.
func (w *Worker) Measured(ctx context.Context) (path string, err error) {
	path = filepath.Join(w.host.dir, w.Name+".measured")
	return path, w.call(ctx, "measured", map[string]string{"path": path}, nil)
}

// Coverage puts together what some processes have Measured, in one that was booted like them.
func (w *Worker) Coverage(ctx context.Context, paths []string) (*runner.Coverage, error) {
	var coverage runner.Coverage
	if err := w.call(ctx, "coverage", map[string][]string{"paths": paths}, &coverage); err != nil {
		return nil, err
	}
	return &coverage, nil
}
