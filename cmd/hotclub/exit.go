package main

import (
	"errors"
	"fmt"

	"hotclub/lspserver/client"
	"hotclub/runner"
	"hotclub/runner/config"
)

// The exit statuses.
const (
	exitPassed      = 0
	exitFailed      = 1   // a test failed or errored
	exitUsage       = 2   // wrong usage, or nothing matched
	exitProject     = 3   // the project could not be started
	exitOwn         = 4   // hotclub's own failure
	exitInterrupted = 130 // as shells report a process that Ctrl-C ended
)

// exit is an error that chooses the exit status. Without err it says nothing more.
type exit struct {
	status int
	err    error
}

func (e *exit) Error() string { return fmt.Sprint(e.err) }
func (e *exit) Unwrap() error { return e.err }

func usage(format string, args ...any) error {
	return &exit{exitUsage, fmt.Errorf(format, args...)}
}

// exitStatus finds the exit status of an error and what is to be said about it.
func exitStatus(err error) (status int, text string) {
	if err == nil {
		return exitPassed, ""
	}
	if chosen, ok := errors.AsType[*exit](err); ok {
		if chosen.err == nil {
			return chosen.status, ""
		}
		return chosen.status, chosen.err.Error()
	}
	if answer, ok := errors.AsType[*client.Error](err); ok && answer.Usage {
		return exitUsage, err.Error()
	}
	if fault, ok := errors.AsType[*config.Error](err); ok {
		if fault.Usage {
			return exitUsage, err.Error()
		}
		return exitProject, err.Error()
	}
	return exitOwn, err.Error()
}

// statusOf is the exit status of a run. The reporters have said the rest.
func statusOf(f runner.RunFinished) int {
	switch {
	case f.Unaffected:
		return exitPassed
	case f.Outcome == runner.NothingSelected:
		return exitUsage
	case f.Outcome == runner.CancelledRun:
		return exitInterrupted
	case f.Outcome == runner.ErrorRun && f.ProjectError:
		return exitProject
	case f.Outcome == runner.ErrorRun:
		return exitOwn
	case f.Failed:
		return exitFailed
	}
	return exitPassed
}
