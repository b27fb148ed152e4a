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

// hireAttempts is how many workers in a row may die before they begin: those that wait in the
// pool may all have been killed just now.
const hireAttempts = 10

// unhired is why no worker could begin.
type unhired struct{ error }

func (u unhired) Unwrap() error { return u.error }

// goesWithout reports whether an executor got no worker for want of connections to a database server:
// the run goes on with fewer of them.
func goesWithout(err error) bool {
	var none unhired
	return errors.As(err, &none) && worker.IsCrowded(err)
}

// hire makes sure that there is a worker, equipped and with its part in the run begun.
func (e *executor) hire(ctx context.Context) (*pool.Member, error) {
	for attempt := 1; ; attempt++ {
		m, err := e.hireOne(ctx)
		if err == nil {
			return m, nil
		}
		e.mu.Lock()
		again := worker.IsDied(err) && !e.stopping && attempt < hireAttempts
		e.mu.Unlock()
		if !again {
			return nil, unhired{err}
		}
		e.dismiss(ctx, leave{})
	}
}

func (e *executor) hireOne(ctx context.Context) (*pool.Member, error) {
	e.mu.Lock()
	m, opened := e.member, e.opened
	e.mu.Unlock()
	if opened {
		return m, nil
	}
	if m == nil || e.plan.rung == worker.Cold {
		fresh, err := e.lease(ctx)
		if err != nil {
			return nil, err
		}
		if m != nil {
			e.generation.Return(m)
		}
		m = fresh
	}
	e.mu.Lock()
	e.member = m
	e.mu.Unlock()
	if err := e.open(ctx, m); err != nil {
		return nil, err
	}
	e.mu.Lock()
	e.opened = true
	stop := e.stopping
	e.mu.Unlock()
	if stop {
		return nil, context.Canceled
	}
	return m, nil
}

func (e *executor) lease(ctx context.Context) (*pool.Member, error) {
	switch e.plan.rung {
	case worker.Cold:
		return e.generation.Stranger(ctx, e.project.Env)
	case worker.Own:
		return e.generation.Lease(ctx, e.disk, nil, nil, e.say)
	}
	return e.generation.Lease(ctx, e.disk, nil, e.plan.aliases, e.say)
}

func (e *executor) open(ctx context.Context, m *pool.Member) error {
	switch e.plan.rung {
	case worker.Cold:
		return e.awaitDebugger(ctx, m)
	case worker.Own:
		if err := m.Own(ctx, m.Slot(), e.plan.aliases); err != nil {
			return err
		}
		complaint, err := m.Check(ctx, e.plan.aliases)
		if err != nil {
			return err
		}
		if complaint != "" {
			return errors.Join(checksFailed{complaint}, m.Disown(ctx))
		}
	}
	if err := e.awaitDebugger(ctx, m); err != nil {
		return err
	}
	base, err := m.Begin(ctx, worker.BeginParams{
		Labels: e.plan.labels, Options: e.plan.options, Models: e.plan.models, Rung: e.plan.rung,
	})
	if err != nil {
		return err
	}
	return e.observe(ctx, m, base)
}

// leave is how a worker goes.
type leave struct {
	orderly bool // it ends its part in the run first: its module is torn down
	quiet   bool // nothing can be heard of its end, so nobody needs to wait for that
}

// dismiss gives the worker back.
func (e *executor) dismiss(ctx context.Context, how leave) {
	e.mu.Lock()
	m, opened := e.member, e.opened
	e.mu.Unlock()
	if m == nil {
		return
	}
	defer e.observed(m)
	if how.quiet && opened && e.coverage == nil && e.plan.rung != worker.Own && e.plan.rung != worker.Cold {
		e.letGo()
		e.generation.EndPart(m)
		return
	}
	if how.orderly && opened && e.plan.rung != worker.Cold {
		e.close(ctx, m)
	}
	if opened {
		e.measured(ctx, m)
	}
	e.letGo()
	e.generation.Return(m)
}

func (e *executor) letGo() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.member, e.opened, e.overtime = nil, false, ""
}

func (e *executor) close(ctx context.Context, m *pool.Member) {
	e.listen(m, nil)
	end, err := m.End(ctx)
	if err == nil && e.plan.rung == worker.Own {
		err = m.Disown(ctx)
	}
	e.alarm.Stop()
	if dead := e.afterDeath(ctx, err); dead != nil && dead.tearing != nil {
		e.run.send(lost{*dead, err})
	} else if err != nil && ctx.Err() == nil {
		e.run.send(notice{text: "ending a worker's part: " + lastWords(err.Error()), warning: true})
	}
	if err == nil {
		e.generation.Learn(end.Imported)
		if e.process != nil {
			e.process.Add(end.Footprint, runner.Unit{})
		}
	}
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

// limitOutput gives back what a test prints beyond a limit, while it runs.
func (e *executor) limitOutput() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.member == nil {
		return
	}
	if !e.shorten(e.member, worker.Span{e.running, e.member.OutputSize()}) {
		e.member.KillFor("was stopped because its test printed more than %d MB", e.project.OutputLimit>>20)
	}
}

// shorten gives back the middle of an output that is too long. It reports whether the disk is
// safe.
func (e *executor) shorten(m *pool.Member, output worker.Span) bool {
	if !e.tooLong(output) {
		return true
	}
	head, tail := e.kept()
	return m.DropOutput(worker.Span{output[0] + head, output[1] - tail}) == nil
}

// output is what is passed on of what a test printed.
func (e *executor) output(m *pool.Member, output worker.Span) string {
	if e.tooLong(output) {
		head, tail := e.kept()
		return m.Excerpt(output, head, tail)
	}
	return m.Output(output)
}

func (e *executor) tooLong(output worker.Span) bool {
	return e.project.OutputLimit > 0 && output[1]-output[0] > e.project.OutputLimit
}

// kept is how much of the beginning and the end of an output stays that is too long.
func (e *executor) kept() (head, tail int64) {
	return e.project.OutputLimit / 2, e.project.OutputLimit / 4
}
