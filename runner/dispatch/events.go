package dispatch

import (
	"context"
	"errors"
	"strings"
	"time"

	"hotclub/runner"
	"hotclub/runner/pool"
	"hotclub/runner/worker"
)

// hired says that an executor is there.
type hired struct{ executor *executor }

func (h hired) apply(r *run) {
	r.executors[h.executor] = struct{}{}
	if r.stopped != going {
		h.executor.stopSoon()
	}
}

// ask is an executor that wants a unit.
type ask struct{ executor *executor }

func (a ask) apply(r *run) {
	if r.stopped != going {
		close(a.executor.deal)
		return
	}
	unit, ok := r.schedule.Next(a.executor.name)
	if ok {
		a.executor.deal <- &deal{
			unit: unit, done: make([]bool, len(unit.Tests)), current: -1,
			again: r.dealt[unit.ID], last: r.schedule.Empty(),
		}
		r.dealt[unit.ID] = true
		return
	}
	// Others are still at work: should their worker die, this one takes over the rest.
	r.waiting = append(r.waiting, a.executor)
	r.dismissIdle()
}

// dismissIdle ends the executors when all of them have found nothing to do.
func (r *run) dismissIdle() {
	if len(r.waiting) == len(r.executors) {
		r.dismiss()
	}
}

func (r *run) dismiss() {
	for _, e := range r.waiting {
		close(e.deal)
	}
	r.waiting = nil
}

// left says that an executor has ended.
type left struct{ executor *executor }

func (l left) apply(r *run) {
	delete(r.executors, l.executor)
	r.dismissIdle()
}

// allDone is the conductor's last message.
type allDone struct{}

func (allDone) apply(r *run) {
	r.finished = true
	if r.plan != nil && r.stopped != going {
		r.abandon()
	}
}

// testStarted says that a worker began a test.
type testStarted struct {
	deal   *deal
	worker string
	test   int
}

func (t testStarted) apply(r *run) {
	if !r.begunTests {
		r.begunTests = true
		r.mark("first test started")
	}
	t.deal.current, t.deal.since = t.test, time.Now()
	r.emit(runner.TestStarted{ID: t.deal.unit.Tests[t.test].ID, Worker: t.worker, At: t.deal.since})
}

// testFinished brings an outcome.
type testFinished struct {
	deal   *deal
	worker string
	event  worker.Finished
	output string
}

func (t testFinished) apply(r *run) {
	if t.deal.done[t.event.Test] {
		return // a worker that repeats itself; the first verdict stands
	}
	t.deal.done[t.event.Test], t.deal.current = true, -1
	r.conclude(t.deal.unit.Tests[t.event.Test], runner.Verdict{
		State: t.event.State, DurationMs: t.event.Ms, Messages: t.event.Messages,
		Reason: t.event.Reason, Worker: t.worker, Queries: t.event.Queries, Subtests: t.event.Subtests,
	}, t.output)
}

// fixtureErrored is a class or module that could not be torn down.
type fixtureErrored struct {
	worker string
	event  worker.FixtureErrored
	output string
}

func (f fixtureErrored) apply(r *run) {
	r.fixtures++
	e := f.event
	kind := runner.KindClass
	if e.Phase == runner.PhaseTearDownModule {
		kind = runner.KindFile
	}
	verdict := runner.Verdict{
		State: e.State, Messages: e.Messages, Worker: f.worker, Generation: r.plan.generation,
	}
	r.keep(e.Name, verdict)
	r.emit(runner.ClassErrored{
		ID: r.parentID(e.Name, e.Module, kind), Kind: kind, Label: e.Name, Output: f.output, Verdict: verdict,
	})
	if r.request.Options.FailFast {
		r.halt(failedFast)
	}
}

// parentID is the id of a class or file, from that of a test under it.
func (r *run) parentID(label, module string, kind runner.Kind) runner.TestID {
	for _, unit := range r.plan.units {
		for _, test := range unit.Tests {
			path, rest, _ := strings.Cut(string(test.ID), "::")
			if kind == runner.KindFile && test.Module == module {
				return runner.TestID(path)
			}
			class, _, _ := strings.Cut(rest, "::")
			if kind == runner.KindClass && strings.HasPrefix(test.Label, label+".") {
				return runner.TestID(path + "::" + class)
			}
		}
	}
	return runner.TestID(r.project.Key + "//" + label)
}

// unitDone says how a unit ended.
type unitDone struct {
	executor *executor
	deal     *deal
	report   *worker.UnitReport
	err      error
	death    *death
}

func (u unitDone) apply(r *run) {
	switch {
	case u.death != nil:
		r.crashed(u)
	case errors.As(u.err, new(*pool.Outdated)):
		r.leaveOut(u)
	case u.err != nil:
		r.giveUp(u)
	default:
		r.putBack(u.deal, u.report.Stopped)
	}
}

// crashed blames what the worker was at, a test or a tear-down, and has the rest run elsewhere.
func (r *run) crashed(u unitDone) {
	d := u.deal
	switch {
	case d.current >= 0 && u.overdue():
		d.current = -1
		r.crashes[d.unit.ID]++
	case d.current >= 0:
		test := d.unit.Tests[d.current]
		d.done[d.current], d.current = true, -1
		r.conclude(test, r.lastVerdict(u), u.death.output)
	case u.death.tearing != nil:
		r.diedTearingDown(*u.death, u.err)
	default:
		r.crashes[d.unit.ID]++
	}
	rest := d.rest()
	if len(rest.Tests) == 0 {
		return
	}
	if r.crashes[d.unit.ID] > 1 {
		for _, test := range rest.Tests {
			r.conclude(test, r.lastVerdict(u), u.death.output)
		}
		return
	}
	r.again(rest)
}

// overdue reports whether the worker was stopped for the slowness of another test than the one
// that it was at in the end.
func (u unitDone) overdue() bool {
	return u.death.overtime != "" && time.Since(u.deal.since) < u.executor.timeout
}

func (r *run) lastVerdict(u unitDone) runner.Verdict {
	if r.stopped == cancelled {
		return runner.Verdict{State: runner.Cancelled, Reason: "the run was cancelled", Worker: u.death.worker}
	}
	verdict := runner.Verdict{State: runner.Errored, Worker: u.death.worker, Messages: []runner.Message{u.death.message(u.err)}}
	if !u.deal.since.IsZero() {
		verdict.DurationMs = ms(time.Since(u.deal.since))
	}
	return verdict
}

// lost is a worker that ended while it tore down the fixtures of the module that it ran last.
type lost struct {
	death death
	err   error
}

func (l lost) apply(r *run) { r.diedTearingDown(l.death, l.err) }

// diedTearingDown gives the class or file whose fixtures were torn down the verdict of that.
func (r *run) diedTearingDown(d death, err error) {
	if r.stopped == cancelled {
		return
	}
	event := worker.FixtureErrored{
		Phase: d.tearing.Phase, Name: d.tearing.Name, Module: d.tearing.Module,
		State: runner.Errored, Messages: []runner.Message{d.message(err)},
	}
	fixtureErrored{worker: d.worker, event: event, output: d.output}.apply(r)
}

// leaveOut gives the tests of a unit up that can't be run as they were when the run began.
func (r *run) leaveOut(u unitDone) {
	var changed *pool.Outdated
	errors.As(u.err, &changed)
	d, reason := u.deal, changed.Error()
	r.leftOut = true
	r.emit(runner.Notice{Text: reason + ": " + d.unit.Label + " is left out", Warning: true})
	for i, test := range d.unit.Tests {
		if !d.done[i] {
			d.done[i] = true
			r.conclude(test, runner.Verdict{State: runner.NotRun, Reason: reason}, "")
		}
	}
}

// giveUp ends the run: no worker can be had, or it does not understand us.
func (r *run) giveUp(u unitDone) {
	if goesWithout(u.err) && r.stopped == going {
		delete(r.executors, u.executor)
		if len(r.executors) > 0 {
			r.emit(runner.Notice{Text: "the run goes on with fewer workers: " + u.err.Error(), Warning: true})
			r.again(u.deal.rest())
			return
		}
	}
	for i, test := range u.deal.unit.Tests {
		if u.deal.done[i] {
			continue
		}
		u.deal.done[i] = true
		if r.stopped == going && !errors.Is(u.err, context.Canceled) {
			r.fault = u.err
			r.halt(broken)
		}
		r.neverRan(test)
	}
}

// putBack sees to the tests that a worker did not begin.
func (r *run) putBack(d *deal, stopped []int) {
	for _, i := range stopped {
		if r.stopped != going && !d.done[i] {
			d.done[i] = true
			r.neverRan(d.unit.Tests[i])
		}
	}
	rest := d.rest()
	if len(rest.Tests) == 0 {
		return
	}
	if len(rest.Tests) == len(d.unit.Tests) {
		r.crashes[d.unit.ID]++ // else it has come further, and will the next time
	}
	if r.crashes[d.unit.ID] > 1 {
		for _, test := range rest.Tests {
			r.conclude(test, runner.Verdict{State: runner.Errored, Messages: []runner.Message{{
				Text: "the worker ended its class without a verdict for this test", Phase: runner.PhaseWorker,
			}}}, "")
		}
		return
	}
	r.again(rest)
}

// again deals what is left of a unit once more.
func (r *run) again(rest runner.Unit) {
	if r.stopped != going {
		for _, test := range rest.Tests {
			r.neverRan(test)
		}
		return
	}
	r.schedule.Again(rest)
	if len(r.waiting) > 0 {
		next := r.waiting[0]
		r.waiting = r.waiting[1:]
		ask{next}.apply(r)
	}
}

// rest is the part of the unit that has no verdict.
func (d *deal) rest() runner.Unit {
	rest := d.unit
	rest.Tests = nil
	for i, test := range d.unit.Tests {
		if !d.done[i] {
			rest.Tests = append(rest.Tests, test)
		}
	}
	return rest
}
