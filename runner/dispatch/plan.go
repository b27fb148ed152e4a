package dispatch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hotclub/runner"
	"hotclub/runner/discover"
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

// treeOf puts a collection into the words of the tree of tests.
func treeOf(key string, labels []string, filtered bool, collection *pool.Collection) discover.Collection {
	told := discover.Collection{
		Labels: labels, Filtered: filtered, Units: unitsOf(key, collection.Collection),
		Errors: make(map[string]runner.Message), Unchanged: collection.Unchanged(),
	}
	for _, unit := range collection.Units {
		for _, test := range unit.Tests {
			if test.Message != nil && test.File != "" {
				told.Errors[test.File] = *test.Message
			}
		}
	}
	return told
}

// unitsOf turns a collection into the words of the domain.
func unitsOf(key string, collection *worker.Collection) []runner.Unit {
	seen := make(map[runner.TestID]int)
	result := make([]runner.Unit, 0, len(collection.Units))
	for i, found := range collection.Units {
		unit := runner.Unit{
			ID: strconv.Itoa(i), Label: found.Label, Module: found.Module, Class: found.Class,
			Bin: runner.Bin(found.Bin), Databases: found.Databases,
			Tests: make([]runner.Test, 0, len(found.Tests)),
		}
		for _, test := range found.Tests {
			id := testID(key, test)
			seen[id]++
			if seen[id] > 1 {
				id += runner.TestID(fmt.Sprintf("#%d", seen[id]))
			}
			unit.Tests = append(unit.Tests, runner.Test{
				ID: id, Label: test.Label, Name: test.Name, File: test.File, Line: test.Line,
				Module: found.Module, Class: test.Class, Tags: test.Tags,
			})
		}
		result = append(result, unit)
	}
	return result
}

// testID builds "<key>//<path>::<class>::<name>"; a module that does not import is its file.
func testID(key string, test worker.CollectedTest) runner.TestID {
	id := key + "//" + test.Path
	if test.Class != "" {
		id += "::" + test.Class + "::" + test.Name
	}
	return runner.TestID(id)
}

// options of the test command that decide which tests are loaded, and in what order.
func selecting(selection runner.Selection, options runner.Options, runnerArgs []string) []string {
	var args []string
	for _, pattern := range selection.Patterns {
		args = append(args, "-k", pattern)
	}
	for _, tag := range selection.Tags {
		args = append(args, "--tag", tag)
	}
	for _, tag := range selection.ExcludeTags {
		args = append(args, "--exclude-tag", tag)
	}
	if options.Reverse {
		args = append(args, "--reverse")
	}
	if options.Shuffle {
		args = append(args, shuffle(options.Seed))
	}
	return append(args, runnerArgs...)
}

func shuffle(seed *int64) string {
	if seed == nil {
		return "--shuffle"
	}
	return "--shuffle=" + strconv.FormatInt(*seed, 10)
}

// running are the options with which workers run what was selected.
func running(selected []string, options runner.Options, seed *int64) []string {
	args := slices.Clone(selected)
	if i := slices.Index(args, "--shuffle"); i >= 0 && seed != nil {
		args[i] = shuffle(seed)
	}
	if options.FailFast {
		args = append(args, "--failfast")
	}
	if options.Buffer {
		args = append(args, "--buffer")
	}
	if options.DebugSQL {
		args = append(args, "--debug-sql")
	}
	if options.Verbosity != 1 {
		args = append(args, "--verbosity="+itoa(options.Verbosity))
	}
	return args
}

// unfound lists the labels that led to nothing: load errors that stand for no file.
func unfound(collection *worker.Collection) []string {
	var missing []string
	for _, unit := range collection.Units {
		for _, test := range unit.Tests {
			if test.Error != "" && test.File == "" {
				missing = append(missing, test.Error)
			}
		}
	}
	return missing
}

func moduleNames(modules []worker.ModelModule) []string {
	names := make([]string, len(modules))
	for i, module := range modules {
		names[i] = module.Module
	}
	return names
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
