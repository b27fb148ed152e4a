package dispatch

import (
	"errors"

	"hotclub/runner"
	"hotclub/runner/pool"
	"hotclub/runner/worker"
)

// nothing is why no test was selected.
type nothing struct{ why string }

func (n nothing) Error() string { return n.why }

func outcome(fault error) (result runner.Outcome, text string, project bool) {
	var none nothing
	if errors.As(fault, &none) || errors.As(fault, new(unaffected)) {
		return runner.NothingSelected, fault.Error(), false
	}
	var refused *worker.Refusal
	if errors.As(fault, &refused) {
		if refused.Usage {
			return runner.NothingSelected, refused.Message, false
		}
		return runner.ErrorRun, explain(refused), true
	}
	var complaint checksFailed
	var database *pool.DatabaseError
	return runner.ErrorRun, fault.Error(), errors.As(fault, &complaint) || errors.As(fault, &database) || worker.IsDied(fault)
}

// failures are what a refusal of a request means for a person.
var failures = map[string]string{
	"boot":    "the project does not start",
	"build":   "the test databases could not be migrated",
	"own":     "the test databases could not be set up by the project's own runner",
	"collect": "the tests could not be collected",
	"check":   "the system checks could not be made",
	"debug":   "the debugger could not be started",
}

// stages are those of a boot in which the project's own code runs.
var stages = map[string]string{
	"settings":    " while it loads its settings",
	"apps":        " while it loads its apps",
	"environment": " while it sets up its test environment",
}

// explain puts a project that does not start into words.
func explain(refused *worker.Refusal) string {
	if refused.Phase == "coverage" {
		return refused.Message // nothing of the project has been looked at
	}
	text, known := failures[refused.Request]
	if !known {
		text = "the project cannot be tested"
	}
	text += stages[refused.Phase] + ": " + refused.Message
	if refused.Location != nil {
		text += "\n  at " + refused.Location.File + ":" + itoa(refused.Location.Line)
	}
	if refused.Traceback != "" {
		text += "\n\n" + refused.Traceback
	}
	return text
}
