package dispatch

import (
	"context"
	"sync"
	"time"

	"hotclub/runner"
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
	deal       chan *deal // the owner's answer to an ask; closed at the end

	mu       sync.Mutex
	member   *pool.Member // nil between workers
	opened   bool         // the worker has begun its part in the run
	running  int64        // size of the capture file when the current test began
	stopping bool
	alarm    *time.Timer
	overtime string // the stack of a test that ran out of time
}

// deal is a unit in the hands of an executor. Only the owner changes it.
type deal struct {
	unit    runner.Unit
	done    []bool
	current int // index of the test that runs, -1 for none
	since   time.Time
	again   bool // part of it has been dealt before
}

// work runs units until none is left. ctx ends with the run.
func (e *executor) work(ctx context.Context) {
	e.alarm = time.AfterFunc(time.Hour, e.outOfTime)
	e.alarm.Stop()
	e.run.send(hired{e})
	for {
		e.run.send(ask{e})
		dealt, ok := <-e.deal
		if !ok {
			break
		}
		report, err := e.perform(ctx, dealt)
		e.alarm.Stop()
		e.run.send(unitDone{e, dealt, report, err, e.afterDeath(err)})
		if err != nil || report.Problem != "" {
			e.dismiss(ctx, false)
		}
	}
	e.dismiss(ctx, true)
	e.alarm.Stop()
	e.run.send(left{e})
}

// perform runs one unit on a worker of its own.
func (e *executor) perform(ctx context.Context, dealt *deal) (*worker.UnitReport, error) {
	m, err := e.hire(ctx)
	if err != nil {
		return nil, err
	}
	m.Listen(func(event worker.Event) { e.heard(m, dealt, event) })
	e.run.send(reached{"worker begun"})
	e.rearm()
	if e.plan.rung == worker.Cold {
		return e.performCold(ctx, m, dealt)
	}
	unit := dealt.unit
	return m.Run(ctx, worker.RunParams{
		Labels: []string{unit.Label, unit.Module}, Tests: labels(unit.Tests), Serialize: unit.Commits,
	})
}

func (e *executor) performCold(ctx context.Context, m *pool.Member, dealt *deal) (*worker.UnitReport, error) {
	wanted := labels(dealt.unit.Tests)
	asked := e.plan.labels
	if dealt.again {
		asked = wanted
	}
	report, err := m.RunCold(ctx, asked, e.plan.options, wanted)
	if err != nil {
		return nil, err
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

// hire makes sure that there is a worker, equipped and with its part in the run begun.
func (e *executor) hire(ctx context.Context) (*pool.Member, error) {
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
			e.generation.Return(m, nil)
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
		return e.generation.Stranger(ctx)
	case worker.Own:
		return e.generation.Lease(ctx, e.disk, nil, e.say)
	}
	return e.generation.Lease(ctx, e.disk, e.plan.aliases, e.say)
}

func (e *executor) open(ctx context.Context, m *pool.Member) error {
	switch e.plan.rung {
	case worker.Cold:
		return nil
	case worker.Own:
		if err := m.Own(ctx, m.Slot(), e.plan.aliases); err != nil {
			return err
		}
	}
	return m.Begin(ctx, e.plan.labels, e.plan.options, e.plan.rung)
}

// dismiss gives the worker back. An orderly one ends its part in the run first.
func (e *executor) dismiss(ctx context.Context, orderly bool) {
	e.mu.Lock()
	m, opened := e.member, e.opened
	e.mu.Unlock()
	if m == nil {
		return
	}
	var end *worker.EndReport
	if orderly && opened && e.plan.rung != worker.Cold {
		end = e.close(ctx, m)
	} else if orderly && !opened {
		end = &worker.EndReport{} // it has done nothing
	}
	e.mu.Lock()
	e.member, e.opened = nil, false
	e.mu.Unlock()
	e.generation.Return(m, end)
}

func (e *executor) close(ctx context.Context, m *pool.Member) *worker.EndReport {
	m.Listen(func(event worker.Event) { e.heard(m, nil, event) })
	e.rearm()
	end, err := m.End(ctx)
	if err == nil && e.plan.rung == worker.Own {
		if err = m.Disown(ctx); err == nil {
			end.Problem = "its databases are gone"
		}
	}
	e.alarm.Stop()
	if err != nil && ctx.Err() == nil {
		e.run.send(notice{text: "ending a worker's part: " + lastWords(err.Error()), warning: true})
	}
	if err != nil {
		return nil
	}
	e.generation.Learn(end.Imported)
	return end
}

// heard passes an event of the worker on. It runs on the goroutine that reads from the worker.
func (e *executor) heard(m *pool.Member, dealt *deal, event worker.Event) {
	switch event := event.(type) {
	case worker.Started:
		e.rearm()
		e.mu.Lock()
		e.running = m.OutputSize()
		e.mu.Unlock()
		e.run.send(testStarted{dealt, m.Name, event.Test})
	case worker.Finished:
		e.rearm()
		e.run.send(testFinished{dealt, m.Name, event, m.Output(event.Output)})
	case worker.FixtureErrored:
		e.run.send(fixtureErrored{e.project, m.Name, event, m.Output(event.Output)})
	}
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
	if e.member != nil && e.opened {
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

// outOfTime ends a test that takes longer than it may, and keeps where it was.
func (e *executor) outOfTime() {
	e.mu.Lock()
	m := e.member
	e.mu.Unlock()
	if m == nil {
		return
	}
	stack := m.Stack()
	e.mu.Lock()
	e.overtime = stack
	if stack == "" {
		e.overtime = "(its stack could not be had)"
	}
	e.mu.Unlock()
	m.KillFor("was stopped after %v without a verdict, the time limit for each test", e.timeout)
}

// limitOutput gives back what a test prints beyond a limit, while it runs.
func (e *executor) limitOutput(limit int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.member == nil || limit <= 0 {
		return
	}
	size := e.member.OutputSize()
	if size-e.running <= limit {
		return
	}
	if err := e.member.DropOutput(worker.Span{e.running + limit/2, size - limit/4}); err != nil {
		e.member.KillFor("was stopped because its test printed more than %d MB", limit>>20)
	}
}

// death is what is left of a worker that died in the middle of a unit.
type death struct {
	worker   string
	output   string // of the test that it was running
	overtime string // the stack, where it ran out of time
}

// afterDeath collects the last words of a worker, or nil when it lives.
func (e *executor) afterDeath(err error) *death {
	if !worker.IsDied(err) {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.member == nil {
		return &death{}
	}
	last := &death{worker: e.member.Name, overtime: e.overtime}
	last.output = e.member.Output(worker.Span{e.running, e.member.OutputSize()})
	e.overtime = ""
	return last
}
