package dispatch

import (
	"os"

	"hotclub/runner"
)

// compare keeps a verdict of a cold run, and holds it against the last warm one of the test.
func (r *run) compare(test runner.Test, verdict runner.Verdict, output string) {
	if verdict.State == runner.Cancelled || verdict.State == runner.NotRun {
		return
	}
	if r.comparison == nil {
		r.comparison = &runner.Comparison{Differences: []runner.Difference{}}
	}
	warm, ok := r.project.History.RecordCold(test.Label, verdict, output)
	switch {
	case !ok:
		r.comparison.Unknown++
		return
	case warm.State == verdict.State:
		r.comparison.Same++
		return
	}
	difference := runner.Difference{
		ID: test.ID, Label: test.Label, Cold: verdict.State, Warm: warm.State, At: warm.At, Generation: warm.Generation,
	}
	if warm.Generation != verdict.Generation {
		difference.Changed = "what the project loads has changed since"
	} else if info, err := os.Stat(test.File); err == nil && info.ModTime().After(warm.At) {
		difference.Changed = "its file has changed since"
	}
	r.comparison.Differences = append(r.comparison.Differences, difference)
}
