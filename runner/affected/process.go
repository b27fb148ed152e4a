package affected

import (
	"slices"

	"hotclub/runner"
	"hotclub/runner/worker"
)

// Process collects the footprints of the tests that one worker runs in one run. It belongs to
// whoever runs them until it is handed to [Store.Record].
type Process struct {
	base     *worker.Base
	lasting  worker.Lasting // since the base
	called   bool           // the process tells of calls
	reads    []worker.Read
	inputs   map[string]string // files behind its databases, with the SHA-256 of what was in them
	observed []observed
}

// observed is the footprint of one test on its way to the store.
type observed struct {
	label     string
	databases bool
	file      string
	marks     []*worker.Mark
	table     []worker.Function
}

// NewProcess begins with what had happened before, in the process and to its databases.
func NewProcess(base *worker.Base, inputs map[string]string) *Process {
	return &Process{base: base, inputs: inputs, called: true}
}

// Add takes the footprints of a unit; with no tests, what has happened since the last.
func (p *Process) Add(footprint *worker.Footprint, unit runner.Unit) {
	if footprint == nil || !footprint.Valid() {
		return // its tests stay unknown
	}
	p.called = p.called && footprint.Functions
	p.lasting.Add(footprint.Process)
	for _, steps := range footprint.Tests {
		if steps.Test < 0 || steps.Test >= len(unit.Tests) {
			continue
		}
		test := unit.Tests[steps.Test]
		one := observed{label: test.Label, file: test.File, databases: len(unit.Databases) > 0, table: footprint.Table}
		for _, at := range steps.Marks {
			one.marks = append(one.marks, &footprint.Marks[at])
		}
		p.observed = append(p.observed, one)
	}
}

// End takes all that the process has read, its layer included, now that it will run no more of the run's tests.
func (p *Process) End(reads []worker.Read) { p.reads = slices.Clip(reads) }
