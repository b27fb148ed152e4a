package report

import (
	"time"

	"hotclub/runner"
)

// JUnit keeps the verdicts of a run and writes them as a JUnit XML file at Close.
//
// Jenkins and GitLab agree on little more than names, so the file has what both read: a
// suite for each class, the class and the method of each test, failures apart from
// errors, and what was printed. A test without a verdict is skipped with the reason;
// and a run that was cancelled or could not be carried out has an error of its own
// beside them, so that no such file looks green.
type JUnit struct {
	path, root string
	now        func() time.Time

	closed   bool
	err      error
	started  *runner.RunStarted
	finished *runner.RunFinished
	began    time.Time
	order    []result // as RunStarted announced them, then those that it did not
	place    map[runner.TestID]int
	classes  []result
}

// NewJUnit reports to the file at path. Paths of tests below root are written relative
// to it, as build servers want them.
func NewJUnit(path, root string) *JUnit {
	return &JUnit{path: path, root: root, now: time.Now, place: map[runner.TestID]int{}}
}

// Handle keeps what the file will need.
func (j *JUnit) Handle(event runner.Event) {
	switch event := event.(type) {
	case runner.RunStarted:
		j.started, j.began = &event, j.now()
		for _, test := range event.Tests {
			j.keep(unknown(test))
		}
	case runner.TestFinished:
		j.keep(resultOfTest(event))
	case runner.ClassErrored:
		j.classes = append(j.classes, resultOfClass(event))
	case runner.RunFinished:
		j.finished = &event
	}
}

// keep puts a result into the place of its test.
func (j *JUnit) keep(r result) {
	if at, ok := j.place[r.id]; ok {
		j.order[at] = r
		return
	}
	j.place[r.id] = len(j.order)
	j.order = append(j.order, r)
}

// unknown is what is written of a test whose verdict never comes.
func unknown(test runner.Test) result {
	r := resultOf(test)
	r.verdict = runner.Verdict{State: runner.NotRun, Reason: "the run ended before this test had a verdict"}
	return r
}

// Close writes the file, also for a run that broke off: a file of the run before must
// not be taken for the result of this one.
func (j *JUnit) Close() error {
	if !j.closed {
		j.closed = true
		j.err = writeFile(j.path, encode(j.document()))
	}
	return j.err
}
