package dispatch

import (
	"fmt"
	"strconv"

	"hotclub/runner"
	"hotclub/runner/discover"
	"hotclub/runner/pool"
	"hotclub/runner/worker"
)

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
