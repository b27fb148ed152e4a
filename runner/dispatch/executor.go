package dispatch

import (
	"context"
	"errors"
	"sync"
	"time"

	"hotclub/runner"
	"hotclub/runner/affected"
	"hotclub/runner/pool"
	"hotclub/runner/worker"
)

// executor runs units on one worker at a time, and replaces the worker when it is lost.
type executor struct {
	name       string // for module affinity: it outlives its workers
	run        *run
	project    Project
	generation *pool.Generation
	disk       *pool.Disk
	plan       *plan
	timeout    time.Duration
	say        func(string)
	deal       chan *deal        // the owner's answer to an ask; closed at the end
	debug      *runner.Debug     // nil where no debugger is to be waited for, or no more
	process    *affected.Process // nil where no footprints are made
	coverage   *coverage

	mu       sync.Mutex
	member   *pool.Member // nil between workers
	opened   bool         // the worker has begun its part in the run
	waiting  bool         // the worker waits for a debugger
	running  int64        // size of the capture file when the current test or tear-down began
	tearing  *worker.TearingDown
	stopping bool
	alarm    *time.Timer
	overtime string        // the stack of a test that ran out of time
	outdated *runner.Cause // why the unit is not what the run is about
}

// deal is a unit in the hands of an executor. Only the owner changes it.
type deal struct {
	unit    runner.Unit
	done    []bool
	current int // index of the test that runs, -1 for none
	since   time.Time
	again   bool // part of it has been dealt before
	last    bool // no other is left, unless a worker dies
}

// work runs units until none is left. ctx ends with the run.
func (e *executor) work(ctx context.Context) {
	e.alarm = time.AfterFunc(time.Hour, e.outOfTime)
	e.alarm.Stop()
	e.run.send(hired{e})
	quiet := false
	for {
		e.run.send(ask{e})
		dealt, ok := <-e.deal
		if !ok {
			break
		}
		report, err := e.perform(ctx, dealt)
		e.alarm.Stop()
		e.debugged(err == nil && report.Debugged, err)
		e.run.send(unitDone{e, dealt, report, err, e.afterDeath(ctx, err)})
		if goesWithout(err) {
			e.dismiss(ctx, leave{})
			break
		}
		switch {
		case err != nil:
			e.dismiss(ctx, leave{})
		case report.Problem != "":
			e.dismiss(ctx, leave{orderly: true})
		}
		quiet = err == nil && report.Quiet && e.debug == nil // a debugger hears of the end
	}
	e.dismiss(ctx, leave{orderly: true, quiet: quiet})
	e.alarm.Stop()
	e.run.send(left{e})
}

// perform runs one unit on a worker of its own.
func (e *executor) perform(ctx context.Context, dealt *deal) (*worker.UnitReport, error) {
	m, err := e.hire(ctx)
	if err != nil {
		return nil, err
	}
	e.listen(m, dealt)
	e.run.send(reached{"worker begun"})
	if e.plan.rung == worker.Cold {
		return e.performCold(ctx, m, dealt)
	}
	if cause := e.disk.Since(m.Reads()); cause != nil {
		return nil, &pool.Outdated{Cause: *cause}
	}
	unit := dealt.unit
	report, err := m.Run(ctx, worker.RunParams{
		Labels: []string{unit.Label, unit.Module}, Tests: labels(unit.Tests), Last: dealt.last,
	})
	var refused *worker.Refusal
	if errors.As(err, &refused) {
		return nil, gaveUp{refused}
	}
	if err == nil && e.process != nil {
		e.process.Add(report.Footprint, unit)
	}
	if err == nil && report.Left {
		e.mu.Lock()
		defer e.mu.Unlock()
		return nil, &pool.Outdated{Cause: *e.outdated}
	}
	return report, err
}

func (e *executor) performCold(ctx context.Context, m *pool.Member, dealt *deal) (*worker.UnitReport, error) {
	wanted := labels(dealt.unit.Tests)
	asked := e.plan.labels
	if dealt.again { // after a crash, which is a failure whatever becomes of the rest
		asked = wanted
	}
	report, err := m.RunCold(ctx, asked, e.plan.options, wanted)
	if err != nil {
		return nil, err
	}
	if !dealt.again {
		e.run.send(judged{report.Failed})
	}
	return &worker.UnitReport{Stopped: report.Stopped, Problem: "it has run everything"}, nil
}

func labels(tests []runner.Test) []string {
	all := make([]string, len(tests))
	for i, test := range tests {
		all[i] = test.Label
	}
	return all
}

// listen takes the events of a unit, or with nil those of the worker's end, from now on.
func (e *executor) listen(m *pool.Member, dealt *deal) {
	m.Listen(func(event worker.Event) { e.heard(m, dealt, event) })
	e.begins(m.OutputSize(), nil)
}

// begins notes that the worker begins a test, or to tear down fixtures, having printed so much
// before: by the time that is heard it may have printed more.
func (e *executor) begins(printed int64, tearing *worker.TearingDown) {
	e.rearm()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running, e.tearing = printed, tearing
}

// heard passes an event of the worker on. It runs on the goroutine that reads from the worker.
func (e *executor) heard(m *pool.Member, dealt *deal, event worker.Event) {
	switch event := event.(type) {
	case worker.Loaded:
		e.rearm()
		e.decide(m)
	case worker.Started:
		e.begins(event.Output, nil)
		e.run.send(testStarted{dealt, m.Name, event.Test})
	case worker.Finished:
		e.rearm()
		e.run.send(testFinished{dealt, m.Name, event, e.output(m, event.Output)})
		e.shorten(m, event.Output)
	case worker.TearingDown:
		e.begins(event.Output, &event)
	case worker.FixtureErrored:
		e.run.send(fixtureErrored{m.Name, event, e.output(m, event.Output)})
	}
}

// decide has the worker run what it has loaded, unless that has changed since the run began. A
// worker that can't be told any more is on its way out anyway.
func (e *executor) decide(m *pool.Member) {
	cause := e.disk.Since(m.Reads())
	if cause == nil {
		_ = m.Go(context.Background())
		return
	}
	e.mu.Lock()
	e.outdated = cause
	e.mu.Unlock()
	_ = m.Leave(context.Background())
}

func (e *executor) rearm() {
	if e.timeout > 0 {
		e.alarm.Reset(e.timeout)
	}
}

// stopSoon asks the worker to stop after the test that it is running.
func (e *executor) stopSoon() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopping = true
	if e.member != nil && (e.opened || e.waiting) {
		// A worker that can't be told any more is on its way out anyway.
		_ = e.member.CancelUnit(context.Background())
	}
}

func (e *executor) kill(why string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.member != nil {
		e.member.KillFor("%s", why)
	}
}

// outOfTime ends a test that takes longer than it may, and keeps where it was. Should it end by
// itself meanwhile, it is the next that finds itself without a worker: see overdue.
func (e *executor) outOfTime() {
	e.mu.Lock()
	m := e.member
	if m != nil {
		e.overtime = "(its stack could not be had)"
	}
	e.mu.Unlock()
	if m == nil {
		return
	}
	// The request for its stack may end the process: it must be clear by then who ended it.
	m.Doom("was stopped after %v without a verdict, the time limit for each test", e.timeout)
	stack := m.Stack()
	e.mu.Lock()
	if e.member == m && stack != "" {
		e.overtime = stack
	}
	e.mu.Unlock()
	m.Kill()
}
