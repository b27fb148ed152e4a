package main

import (
	"crypto/rand"
	"path/filepath"
	"time"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// projectFlags choose the project.
type projectFlags struct {
	Dir      string `short:"C" name:"directory" placeholder:"DIR" help:"Work as if started in DIR."`
	Python   string `placeholder:"PATH" help:"Interpreter of the project."`
	Settings string `placeholder:"MOD" help:"Settings module."`
}

// runCommand is "hotclub run". What a flag of Django's is called, and takes, is Django's.
type runCommand struct {
	Labels []string `arg:"" optional:"" name:"labels" help:"Tests to run: dotted names or directories as manage.py test takes them, path/to/test_x.py, path::Class::method, path:line. Default: all."`

	Patterns    []string `short:"k" name:"match" sep:"none" placeholder:"PAT" help:"Only tests that match the pattern or substring; may be repeated."`
	Tags        []string `name:"tag" sep:"none" placeholder:"TAG" help:"Only tests with the tag; may be repeated."`
	ExcludeTags []string `name:"exclude-tag" sep:"none" placeholder:"TAG" help:"No tests with the tag; may be repeated."`
	Failed      bool     `help:"Only those that failed when last run."`
	Last        bool     `help:"The same selection as last time."`

	Affected revisionFlag `help:"[=REV] Only those that edits can have changed since they last ran, or that differ from a revision of git; -v says why."`

	Parallel    parallelFlag  `short:"n" help:"[=N|auto] Workers at most; without a number, one for each processor."`
	FailFast    bool          `name:"failfast" help:"Stop at the first failure."`
	Shuffle     shuffleFlag   `help:"[=SEED] Shuffle the order of tests."`
	Reverse     bool          `short:"r" help:"Reverse the order of tests."`
	Timeout     *durationFlag `placeholder:"D" help:"End a test that takes longer, e.g. 90, 90s or 2m; 0 for never."`
	StartMethod methodFlag    `placeholder:"HOW" help:"How workers are started: auto, fork or spawn."`
	Cold        bool          `help:"Once without anything warm, to settle a doubt."`
	Watch       bool          `help:"Run, and again at each save, what failed first; Ctrl-C leaves."`
	NoDaemon    bool          `help:"Everything in this process; nothing stays behind."`

	JUnit        string `name:"junit" placeholder:"FILE" help:"Write a JUnit XML report."`
	JSON         string `name:"json" placeholder:"FILE" help:"Write one JSON object a line; - for standard output."`
	Coverage     bool   `help:"Show how many lines were executed, by the project's coverage or by Python itself."`
	CoverageLCOV string `name:"coverage-lcov" placeholder:"FILE" help:"Write which lines, as LCOV has it."`

	Durations *int          `placeholder:"N" help:"Show the N slowest tests; 0 for all."`
	DebugSQL  bool          `name:"debug-sql" help:"Print the SQL of failing tests."`
	Buffer    bool          `short:"b" help:"Drop what passing tests print."`
	Verbosity verbosityFlag `short:"v" help:"[=0-3] Say more; may be repeated."`
	Quiet     bool          `short:"q" help:"Only failures and the result."`
	NoColor   bool          `help:"No colours."`

	projectFlags
	djangoFlags
}

// Help shows what people ask for most.
func (runCommand) Help() string {
	return `Examples:
  hotclub run                                 all tests of the project around here
  hotclub run shop.tests.test_cart            a module, as manage.py test takes it
  hotclub run shop/tests/test_cart.py:42      the test around line 42
  hotclub run shop/tests/test_cart.py::CartTests::test_total
  hotclub run --failed                        what failed last time
  hotclub run --affected -v                   what edits can have changed, and why
  hotclub run --watch shop                    again at each save
  hotclub run -k total --failfast -v
  hotclub run --junit report.xml -n 4
  hotclub run -- --my-runner-option           options of the project's own test runner

Exit status: 0 all passed, 1 a test failed, 2 wrong usage or no such test, 3 the project
could not be started, 4 hotclub itself failed, 130 interrupted.`
}

// Run runs the tests.
func (c *runCommand) Run(a *app) error {
	if err := c.check(); err != nil {
		return err
	}
	carryOut := c.once
	if c.Watch {
		carryOut = c.watch
	}
	status, err := carryOut(a)
	if err == nil && status != exitPassed {
		err = &exit{status: status}
	}
	return err
}

// once runs the selection and returns the exit status.
func (c *runCommand) once(a *app) (status int, err error) {
	out, err := c.reporters(a)
	if err != nil {
		return 0, err
	}
	finished, err := c.follow(a, out)
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	return statusOf(finished), err
}

// check refuses what cannot be asked for.
func (c *runCommand) check() error {
	switch {
	case c.Watch && (c.Cold || c.Last):
		return usage("--watch repeats its own selection on warm workers: leave out --cold and --last")
	case c.Watch && c.measures():
		return usage("--watch measures nothing: leave out --coverage")
	case c.PDB:
		return usage("--pdb needs a process with a terminal: use manage.py test --pdb")
	case c.Quiet && c.Verbosity > 0:
		return usage("--quiet and --verbosity contradict each other")
	}
	return nil
}

func (c *runCommand) verbosity() int {
	if c.Quiet {
		return 0
	}
	return min(1+int(c.Verbosity), 3)
}

// params is the request.
func (c *runCommand) params(a *app) wire.RunParams {
	verbosity := c.verbosity()
	p := wire.RunParams{
		RunID: runner.RunID(rand.Text()),
		Select: wire.Select{
			Labels: c.Labels, Patterns: c.Patterns, Tags: c.Tags, ExcludeTags: c.ExcludeTags, Failed: c.Failed, Last: c.Last, Affected: string(c.Affected),
		},
		Project:  c.overrides(),
		Parallel: wire.Parallel(c.Parallel), FailFast: c.FailFast, Shuffle: c.Shuffle.on, Seed: c.Shuffle.seed, Reverse: c.Reverse,
		Buffer: c.Buffer, DebugSQL: c.DebugSQL, Verbosity: &verbosity, Cold: c.Cold,
		RunnerArgs: append(c.djangoFlags.args(), a.runnerArgs...),
	}
	p.Project.StartMethod = string(c.StartMethod)
	if c.measures() {
		p.Coverage = &runner.Measure{}
	}
	if c.Timeout != nil {
		if p.TimeoutMs = time.Duration(*c.Timeout).Milliseconds(); p.TimeoutMs == 0 {
			p.TimeoutMs = -1
		}
	}
	return p
}

// overrides is the project as chosen.
func (p projectFlags) overrides() runner.Overrides {
	return runner.Overrides{Root: p.Dir, Python: p.Python, Settings: p.Settings}
}

// directory is where the command works.
func (p projectFlags) directory(a *app) string {
	if filepath.IsAbs(p.Dir) {
		return p.Dir
	}
	return filepath.Join(a.dir, p.Dir)
}
