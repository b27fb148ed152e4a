package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hotclub/runner"
	"hotclub/runner/affected"
	"hotclub/runner/pool"
	"hotclub/runner/worker"
)

// unaffected says that nothing is to be run because nothing can have changed.
type unaffected struct{}

func (unaffected) Error() string {
	return "nothing that any of the tests depends on has changed since it last ran"
}

// affected leaves the tests that edits can have changed, and those that failed before.
func (c *conductor) affected(ctx context.Context, units []runner.Unit) ([]runner.Unit, error) {
	decision := c.project.Footprints.Decide()
	if revision := c.request.Selection.Affected; revision != runner.SinceLastRun {
		if err := decision.Since(ctx, revision); err != nil {
			return nil, err
		}
	}
	reasons := c.reasons(decision, units)
	for i := range units {
		units[i].Tests = slices.DeleteFunc(slices.Clone(units[i].Tests), func(test runner.Test) bool { return reasons[test.ID] == "" })
	}
	total := len(reasons)
	units = slices.DeleteFunc(units, func(unit runner.Unit) bool { return len(unit.Tests) == 0 })
	if len(units) == 0 {
		return nil, unaffected{}
	}
	c.explain(reasons, units, total)
	return units, nil
}

// reasons says for each test why it is affected, "" for one that is not.
func (c *conductor) reasons(decision *affected.Decision, units []runner.Unit) map[runner.TestID]string {
	failed := make(map[string]bool)
	for _, label := range c.project.History.Failed() {
		failed[label] = true
	}
	reasons := make(map[runner.TestID]string)
	for _, unit := range units {
		for _, test := range unit.Tests {
			reasons[test.ID] = decision.Reason(test.Label)
			if failed[test.Label] {
				reasons[test.ID] = affected.FailedBefore
			}
		}
	}
	return reasons
}

// explain says how many tests are affected; asked to say more, why each of them is.
func (c *conductor) explain(reasons map[runner.TestID]string, units []runner.Unit, total int) {
	chosen := 0
	var lines strings.Builder
	for _, unit := range units {
		for _, test := range unit.Tests {
			chosen++
			fmt.Fprintf(&lines, "\n  %s: %s", test.Label, reasons[test.ID])
		}
	}
	text := fmt.Sprintf("%d of %d tests are affected", chosen, total)
	if c.request.Options.Verbosity > 1 {
		text += ":" + lines.String()
	}
	c.say(text)
}

// unobserved notes that a test has run: its footprint, if there is one, comes with the end of its
// worker's part in the run.
func (r *run) unobserved(label string, verdict runner.Verdict) {
	if verdict.State == runner.Cancelled || verdict.State == runner.NotRun {
		return
	}
	why := "it was not observed when it last ran"
	switch r.plan.rung {
	case worker.Cold:
		why = "it ran cold"
	case worker.Suite, worker.Replay:
		why = "the project's own code ran it"
	}
	if r.request.Options.Debug != nil {
		why = "it ran under a debugger"
	}
	r.project.Footprints.Ran(label, why)
}

// observed brings the footprints of what a worker has run.
type observed struct{ process *affected.Process }

func (o observed) apply(r *run) { r.project.Footprints.Record(o.process) }

// observe begins to collect the footprints of a worker that stand on a base.
func (e *executor) observe(ctx context.Context, m *pool.Member, token string) error {
	if token == "" {
		return nil
	}
	base := e.project.Footprints.Base(token)
	if base == nil {
		var err error
		if base, err = m.Footprint(ctx); err != nil {
			return fmt.Errorf("asking for what a worker has executed so far: %w", err)
		}
		e.project.Footprints.Learn(base)
	}
	e.process = affected.NewProcess(base, m.Inputs())
	return nil
}

// observed hands over what has been collected.
func (e *executor) observed(m *pool.Member) {
	if e.process == nil {
		return
	}
	reads := slices.Concat(m.Inherited(), m.Reads())
	e.project.Footprints.Look(reads) // before the run is over, and the next edit comes
	e.process.End(reads)
	e.run.send(observed{e.process})
	e.process = nil
}
