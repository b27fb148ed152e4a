package dispatch

import (
	"context"
	"errors"
	"slices"
	"time"

	"hotclub/runner"
	"hotclub/runner/affected"
	"hotclub/runner/discover"
	"hotclub/runner/history"
	"hotclub/runner/pool"
	"hotclub/runner/schedule"
	"hotclub/runner/worker"
)

const (
	// grace is how long a test may go on after its run was cancelled, before its worker is
	// killed; a cancel takes effect within a second.
	grace = 500 * time.Millisecond
	// outputCheck is how often the size of what running tests print is looked at.
	outputCheck = 250 * time.Millisecond
)

// Project is what a run needs of its project.
type Project struct {
	Key         string
	Root        string
	Dir         string // that Django imports from
	Pool        *pool.Pool
	History     *history.Project
	Footprints  *affected.Store
	Parallel    int
	Timeout     time.Duration // for each test, 0 for none
	Split       bool
	OutputLimit int64    // bytes of one test's output that stay on the disk
	RunnerArgs  []string // options of the test command for this run, beside those that workers are booted with
	Env         []string // of the client: "NAME=value"

	// Collected is told what the project's loader has found; default: nobody is.
	Collected func(discover.Collection)

	Observes bool // footprints are made
}

// Run carries out a request and returns after its last event. It calls emit from the calling
// goroutine only. The end of ctx cancels the run.
func Run(ctx context.Context, project Project, request runner.Request, emit func(runner.Event)) {
	r := &run{
		project: project, request: request, emit: emit, begun: request.Asked, timings: slices.Clone(request.Timings),
		inbox: make(chan message, 256), counts: make(map[runner.State]int),
		executors: make(map[*executor]struct{}), dealt: make(map[string]bool), crashes: make(map[string]int),
	}
	r.conduct(ctx)
}

// stop is why a run goes no further.
type stop int

const (
	going stop = iota
	cancelled
	failedFast
	broken
)

// run is the state of a run; only the owner touches it.
type run struct {
	project Project
	request runner.Request
	emit    func(runner.Event)
	begun   time.Time
	inbox   chan message

	plan      *plan // nil while preparing
	schedule  *schedule.Schedule
	executors map[*executor]struct{}
	waiting   []*executor // that found nothing to do while others may yet crash
	stopped   stop
	fault     error // what broke it
	counts    map[runner.State]int
	fixtures  int // class and module errors
	timings   []runner.Timing
	finished  bool
	verdicts  []worker.Judged // kept where the project's runner judges them
	failed    *bool           // what it makes of them

	comparison *runner.Comparison // of a run that was asked to be cold

	dealt      map[string]bool // units of which some worker has had a part
	crashes    map[string]int  // by unit: workers that died before they began a test of it
	begunTests bool
	leftOut    bool // tests that had changed since the run began
}

// message is something that happened; apply is called by the owner.
type message interface{ apply(r *run) }

func (r *run) conduct(ctx context.Context) {
	// What is under way ends when the owner says so, not the moment the client gives up:
	// workers get their grace, modules their tearDown.
	work, quit := context.WithCancel(context.WithoutCancel(ctx))
	defer quit()
	conducted := make(chan struct{})
	go func() {
		defer close(conducted)
		(&conductor{run: r, project: r.project, request: r.request, coverage: newCoverage(r.request.Options.Measure)}).prepare(ctx, work)
	}()
	checks := time.NewTicker(outputCheck)
	defer checks.Stop()
	end := ctx.Done()
	var kill <-chan time.Time
	for !r.finished {
		select {
		case m := <-r.inbox:
			if ctx.Err() != nil {
				r.halt(cancelled) // what goes wrong from here on is a consequence
			}
			m.apply(r)
		case <-checks.C:
			r.limitOutput()
		case <-end:
			end = nil
			r.halt(cancelled)
			kill = time.After(grace)
		case <-kill:
			r.killAll()
			quit()
		}
	}
	<-conducted
	r.finish()
}

// send hands a message to the owner.
func (r *run) send(m message) { r.inbox <- m }

// notice is a message for people.
type notice struct {
	text    string
	warning bool
}

func (n notice) apply(r *run) { r.emit(runner.Notice{Text: n.text, Warning: n.warning}) }

// replanned says that the tests run in another way than was planned.
type replanned struct{ plan *plan }

func (p replanned) apply(r *run) { r.plan = p.plan }

// prepared says that the tests are known.
type prepared struct{ plan *plan }

func (p prepared) apply(r *run) {
	r.plan = p.plan
	r.mark("collected")
	r.emit(p.plan.started(r.request.Run))
	r.schedule = schedule.New(p.plan.units, schedule.Options{
		Workers: p.plan.workers, Expected: r.project.History.Expected,
		InOrder: p.plan.inOrder, Split: r.project.Split, First: r.first(),
	})
	if r.stopped != going {
		r.abandon()
	}
}

// first are the tests that come before all others: those that failed when they last ran, where
// the client wants that and no other order.
func (r *run) first() func(runner.Test) bool {
	o := r.request.Options
	if !o.BadFirst && r.request.Selection.Affected == "" || o.Shuffle || o.Reverse {
		return nil
	}
	bad := r.project.History.Failed()
	return func(test runner.Test) bool {
		_, found := slices.BinarySearch(bad, test.Label)
		return found
	}
}

// failed says that the run cannot go on.
type failed struct{ err error }

func (f failed) apply(r *run) {
	if r.fault == nil && r.stopped != cancelled {
		r.fault = f.err
	}
	r.halt(broken)
}

// reached says that the way to the first verdict has come to a point.
type reached struct{ name string }

func (m reached) apply(r *run) {
	if !r.begunTests {
		r.mark(m.name)
	}
}

// mark notes how far the run has come since it was asked for.
func (r *run) mark(name string) {
	r.timings = append(r.timings, runner.Timing{Name: name, Ms: ms(time.Since(r.begun))})
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// halt stops dealing. What has not been dealt gets its terminal state at once.
func (r *run) halt(why stop) {
	if r.stopped != going {
		return
	}
	r.stopped = why
	r.abandon()
	for e := range r.executors {
		e.stopSoon()
	}
}

func (r *run) abandon() {
	if r.schedule == nil {
		return
	}
	for _, unit := range r.schedule.Left() {
		for _, test := range unit.Tests {
			r.neverRan(test)
		}
	}
	r.dismiss()
}

// neverRan gives a test that will not be run the state that tells why.
func (r *run) neverRan(test runner.Test) {
	verdict := runner.Verdict{State: runner.NotRun, Reason: "the run was broken off"}
	switch r.stopped {
	case cancelled:
		verdict = runner.Verdict{State: runner.Cancelled, Reason: "the run was cancelled"}
	case failedFast:
		verdict.Reason = "another test failed before (failfast)"
	}
	r.conclude(test, verdict, "")
}

// conclude emits the one verdict of a test.
func (r *run) conclude(test runner.Test, verdict runner.Verdict, output string) {
	if len(r.counts) == 0 {
		r.mark("first verdict")
	}
	r.counts[verdict.State]++
	verdict.Generation = r.plan.generation
	r.record(test, verdict, output)
	r.unobserved(test.Label, verdict)
	r.keep(test.Label, verdict)
	r.emit(runner.TestFinished{Test: test, Verdict: verdict, Output: output})
	if verdict.State.Bad() && r.request.Options.FailFast {
		r.halt(failedFast)
	}
}

// record keeps a verdict for runs to come. How long a test took under a debugger is no news of it.
func (r *run) record(test runner.Test, verdict runner.Verdict, output string) {
	if r.request.Options.Debug != nil {
		past, _ := r.project.History.Past(test.Label)
		verdict.DurationMs = past.DurationMs
	}
	if r.request.Options.Cold {
		r.compare(test, verdict, output)
		return
	}
	r.project.History.Record(test.Label, verdict, output)
}

func (r *run) killAll() {
	for e := range r.executors {
		e.kill("was stopped because its run was cancelled")
	}
}

func (r *run) limitOutput() {
	for e := range r.executors {
		e.limitOutput()
	}
}

// finish says how the run ended.
func (r *run) finish() {
	finished := runner.RunFinished{
		Run: r.request.Run, Outcome: runner.Completed, Counts: r.counts, ClassErrors: r.fixtures,
		DurationMs: ms(time.Since(r.begun)), Timings: r.timings, Comparison: r.comparison,
	}
	for state, count := range r.counts {
		if state.Bad() && count > 0 {
			finished.Failed = true
		}
	}
	finished.Failed = finished.Failed || r.fixtures > 0 || r.leftOut
	if r.failed != nil {
		finished.Failed = *r.failed || r.leftOut
	}
	switch {
	case r.stopped == cancelled:
		finished.Outcome = runner.CancelledRun
	case r.fault != nil:
		finished.Outcome, finished.Error, finished.ProjectError = outcome(r.fault)
		finished.Unaffected = errors.As(r.fault, new(unaffected))
	}
	r.emit(finished)
}
