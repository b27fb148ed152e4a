package main

import (
	"context"
	"fmt"
	"os"

	"hotclub/runner"
	"hotclub/runner/report"
)

// measures reports whether the run is to tell what it executes.
func (c *runCommand) measures() bool { return c.Coverage || c.CoverageLCOV != "" }

// tellCoverage shows what a run has executed, and writes it to the file that was asked for.
func (c *runCommand) tellCoverage(a *app, server connected, id runner.RunID) error {
	found, err := server.Coverage(context.Background(), id, c.CoverageLCOV != "")
	if err != nil {
		return fmt.Errorf("asking what the run has executed: %w", err)
	}
	root := c.root(a)
	if c.Coverage {
		to := a.stdout
		if c.JSON == "-" {
			to = a.stderr
		}
		if err := report.Coverage(to, root, found); err != nil {
			return err
		}
	}
	if c.CoverageLCOV == "" {
		return nil
	}
	file, err := os.Create(c.CoverageLCOV)
	if err != nil {
		return usage("--coverage-lcov: %w", err)
	}
	err = report.LCOV(file, root, found)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}
