package report

import (
	"errors"

	"hotclub/runner"
)

// Reporter consumes the events of one run. Handle is called from one goroutine at a
// time, in the order of the run. Close ends the report, also of a run whose last event
// never came, and returns the first error in writing it; a second Close does nothing.
type Reporter interface {
	Handle(event runner.Event)
	Close() error
}

// Multi hands every event to each of its reporters, in their order.
type Multi []Reporter

// Handle passes the event on.
func (m Multi) Handle(event runner.Event) {
	for _, reporter := range m {
		reporter.Handle(event)
	}
}

// Close closes all reporters, whatever becomes of one of them.
func (m Multi) Close() error {
	var errs []error
	for _, reporter := range m {
		errs = append(errs, reporter.Close())
	}
	return errors.Join(errs...)
}
