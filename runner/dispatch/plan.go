package dispatch

import (
	"strconv"
	"strings"

	"hotclub/runner"
	"hotclub/runner/pool"
	"hotclub/runner/worker"
)

// plan is what the conductor found out: which tests, on which workers, how.
type plan struct {
	units       []runner.Unit
	workers     int
	aliases     []string
	rung        worker.Rung
	startMethod string
	generation  string
	seed        *int64
	inOrder     bool
	judges      bool     // the project's runner decides whether the run has failed
	labels      []string // that the run was asked for, resolved
	options     []string // of the test command, for the workers
	models      []string // test modules that define models
}

func (p *plan) started(id runner.RunID) runner.RunStarted {
	var tests []runner.Test
	for _, unit := range p.units {
		tests = append(tests, unit.Tests...)
	}
	return runner.RunStarted{
		Run: id, Tests: tests, Workers: p.workers, StartMethod: p.startMethod,
		Generation: p.generation, ShuffleSeed: p.seed, Aliases: p.aliases,
	}
}

// makePlan decides how the tests that were found are run, and tells why where that is not the usual way.
func (c *conductor) makePlan(found []runner.Unit, collection *worker.Collection, labels, options []string) *plan {
	p := &plan{
		units: found, aliases: collection.Databases, seed: collection.Seed, labels: labels,
		generation: c.generation.ID,
		options:    running(options, c.request.Options, collection.Seed), models: moduleNames(collection.Models),
	}
	var reason string
	p.rung, reason = c.rung(p.aliases)
	p.judges = c.generation.Report.Judges && p.rung != worker.Cold
	p.workers = c.project.Parallel
	if c.request.Options.Parallel > 0 {
		p.workers = c.request.Options.Parallel
	}
	p.workers = min(p.workers, len(p.units))
	if c.request.Options.Debug != nil {
		p.workers = 1
	}
	switch p.rung {
	case worker.Own:
		p.workers = 1
		c.warn("one worker on the databases that the project's own runner sets up, because " + reason)
	case worker.Cold:
		p.workers = 1
		if reason != "" {
			c.warn("a cold manage.py test, because " + reason)
		}
		p.units = []runner.Unit{together(p.units)}
	case worker.Suite, worker.Replay:
		c.say("tests run class by class through the project's own code, because " + reason)
	}
	p.startMethod = startMethod(p.rung, c.generation)
	// One worker gains nothing by another order than Django's.
	p.inOrder = p.workers == 1 || c.request.Options.Shuffle || c.request.Options.Reverse
	return p
}

// rung finds the step of the ladder on which the run stands, and why it is not the first; ""
// when the client has chosen it.
func (c *conductor) rung(aliases []string) (rung worker.Rung, reason string) {
	if c.request.Options.Cold {
		return worker.Cold, ""
	}
	report := c.generation.Report
	reason = "the project overrides " + report.Reason
	unclonable := c.generation.Unclonable(aliases)
	switch {
	case unclonable == "" || report.Rung == worker.Cold:
		return report.Rung, reason
	case report.Rung == worker.Stream:
		return worker.Own, unclonable
	}
	return worker.Cold, reason + ", and " + unclonable
}

// together makes one unit of all.
func together(all []runner.Unit) runner.Unit {
	var one runner.Unit
	for _, unit := range all {
		one.Tests = append(one.Tests, unit.Tests...)
	}
	return one
}

// startMethod names how the workers of a generation begin.
func startMethod(rung worker.Rung, g *pool.Generation) string {
	if rung == worker.Cold {
		return "cold"
	}
	return g.Method
}

// lastWords picks what to say of a traceback in one line.
func lastWords(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

func itoa(n int) string { return strconv.Itoa(n) }
