package report

import (
	"strings"

	"hotclub/runner"
)

// result is a verdict with what it is about: a test, or a class or file that errored
// outside of its tests.
type result struct {
	id      runner.TestID
	kind    runner.Kind
	label   string // to be shown
	ask     string // what `hotclub run` takes to run it again
	name    string
	module  string
	class   string
	file    string
	line    int
	verdict runner.Verdict
	output  string
}

func resultOfTest(event runner.TestFinished) result {
	r := resultOf(event.Test)
	r.verdict, r.output = event.Verdict, event.Output
	return r
}

// resultOf is a test before it has a verdict.
func resultOf(test runner.Test) result {
	return result{
		id: test.ID, kind: runner.KindTest, label: test.Label, ask: addressable(test.Label),
		name: test.Name, module: test.Module, class: test.Class, file: test.File, line: test.Line,
	}
}

// resultOfClass files the error under the fixture that caused it: no test has its name.
func resultOfClass(event runner.ClassErrored) result {
	r := result{
		id: event.ID, kind: event.Kind, label: event.Label, ask: event.Label,
		name: string(runner.PhaseTearDownClass), verdict: event.Verdict, output: event.Output,
	}
	if event.Kind == runner.KindFile {
		r.name = string(runner.PhaseTearDownModule)
	}
	for _, message := range event.Verdict.Messages {
		if message.Phase != "" {
			r.name = string(message.Phase)
		}
		if message.Location != nil && r.file == "" {
			r.file, r.line = message.Location.File, message.Location.Line
		}
	}
	return r
}

// addressable is the label of a test as a loader takes it. The stand-in that unittest
// makes for a module that can't be imported names the module at its end.
func addressable(label string) string {
	return strings.TrimPrefix(label, "unittest.loader._FailedTest.")
}

// shortName is what the live line has room for.
func shortName(test runner.Test) string {
	class := test.Class[strings.LastIndexByte(test.Class, '.')+1:]
	if class == "" {
		return test.Name
	}
	return class + "." + test.Name
}

// shared are the phases whose one error is the verdict of every test below it.
func shared(phase runner.Phase) bool {
	switch phase {
	case runner.PhaseImport, runner.PhaseSetUpModule, runner.PhaseSetUpClass, runner.PhaseDatabase:
		return true
	}
	return false
}
