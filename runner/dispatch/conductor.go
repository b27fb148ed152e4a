package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"hotclub/runner"
	"hotclub/runner/pool"
	"hotclub/runner/worker"
)

// conductor makes a run ready and starts its executors. It knows the owner only by its inbox.
type conductor struct {
	run     *run
	project Project
	request runner.Request

	generation *pool.Generation
	disk       *pool.Disk
	plan       *plan
	coverage   *coverage
	looks      sync.WaitGroup // at what tests depend on
}

// checksFailed is a complaint of the project's system checks.
type checksFailed struct{ text string }

func (c checksFailed) Error() string { return c.text }

// prepare brings the run to the point where executors work, and waits for them. ctx ends with
// the client's interest, work with the run.
func (c *conductor) prepare(ctx, work context.Context) {
	err := c.lead(ctx, work)
	if err != nil {
		c.run.send(failed{err})
	}
	c.looks.Wait()
	c.coverage.drop()
	c.run.send(allDone{})
	if c.generation != nil {
		c.generation.Release()
	}
}

func (c *conductor) lead(ctx, work context.Context) error {
	var err error
	if c.generation, c.disk, err = c.project.Pool.Acquire(ctx, c.project.Env, c.say); err != nil {
		return err
	}
	c.run.send(reached{"fresh generation"})
	labels, err := c.labels()
	if err != nil {
		return err
	}
	first, err := c.ready(ctx, labels)
	if worker.IsDied(err) && c.plan == nil && ctx.Err() == nil {
		// Something else may have ended it; what dies of the project's own doing dies again.
		first, err = c.ready(ctx, labels)
	}
	if err != nil {
		return err
	}
	c.run.send(reached{"databases and checks"})
	c.execute(work, first)
	if c.plan.judges {
		if err := c.judge(ctx); err != nil {
			return fmt.Errorf("asking suite_result of the project's test runner: %w", err)
		}
	}
	c.cover(ctx)
	return nil
}

// ready gets a worker, has it collect, and sees that it can have the databases.
func (c *conductor) ready(ctx context.Context, labels []string) (*pool.Member, error) {
	m, err := c.generation.Lease(ctx, c.disk, labels, nil, c.say)
	if err != nil {
		return nil, fmt.Errorf("getting a worker: %w", err)
	}
	if m, err = c.collect(ctx, m, labels); err == nil {
		m, err = c.equip(ctx, m)
	}
	if err == nil {
		err = ctx.Err()
	}
	if ctx.Err() != nil {
		m.KillFor("was stopped because its run was cancelled") // it may be busy for ever
	}
	if err != nil {
		c.generation.Return(m)
		return nil, err
	}
	return m, nil
}

func (c *conductor) say(text string) { c.run.send(notice{text: text}) }

func (c *conductor) warn(text string) { c.run.send(notice{text: text, warning: true}) }

// labels resolves what the run was asked for to labels of manage.py test.
func (c *conductor) labels() ([]string, error) {
	selection := &c.request.Selection
	if selection.Last {
		last, ok := c.project.History.Last()
		if !ok {
			return nil, nothing{"there is no previous run of this project to repeat"}
		}
		*selection = last
	}
	c.project.History.Asked(*selection)
	if ids := c.chosen(); len(ids.IDs) > 0 && !selection.Failed {
		return ids.labels(c.project.Root, c.project.Dir, true), nil
	}
	if !selection.Failed {
		return selection.Labels, nil
	}
	failedBefore := c.project.History.Failed()
	if len(selection.Labels) > 0 {
		failedBefore = slices.DeleteFunc(failedBefore, func(label string) bool { return !below(label, selection.Labels) })
	}
	if len(failedBefore) == 0 {
		return nil, noneFailed
	}
	return failedBefore, nil
}

// noneFailed is what a run says that was asked for what failed, where nothing did.
var noneFailed = nothing{"no test failed when it last ran"}

func (c *conductor) chosen() chosen {
	return chosen{c.project.Key, c.request.Selection}
}

// below reports whether a label is one of some labels or lies inside one.
func below(label string, labels []string) bool {
	for _, each := range labels {
		if label == each || strings.HasPrefix(label, each+".") {
			return true
		}
	}
	return false
}

// collect finds the tests, and makes the plan known. It may return another worker than the one
// it was given.
func (c *conductor) collect(ctx context.Context, m *pool.Member, labels []string) (*pool.Member, error) {
	m, found, err := c.find(ctx, m, labels)
	if err != nil {
		return m, err
	}
	ids := c.chosen()
	if missing := unfound(found.Collection); len(missing) > 0 && len(ids.IDs) == 0 {
		return m, nothing{"nothing by that name: " + strings.Join(missing, "; ")}
	}
	units := unitsOf(c.project.Key, found.Collection)
	if ids.restricts() {
		picked, missing := ids.pick(units)
		switch {
		case ids.Failed && len(picked) == 0:
			return m, noneFailed
		case ids.Failed:
			missing = nil // in these nothing failed
		case len(missing) > 0:
			if m, found, err = c.find(ctx, m, chosen{ids.key, runner.Selection{IDs: missing}}.wide(c.project, labels)); err != nil {
				return m, err
			}
			picked, missing = ids.pick(unitsOf(c.project.Key, found.Collection))
		}
		gone := "not there any more: " + strings.Join(plainly(ids.key, missing), ", ")
		switch {
		case len(missing) > 0 && len(picked) == 0:
			return m, nothing{gone}
		case len(missing) > 0:
			c.warn(gone)
		}
		units = picked
	}
	if c.project.Observes {
		reads := slices.Concat(m.Inherited(), m.Reads())
		c.looks.Go(func() { c.project.Footprints.Look(reads) })
	}
	c.generation.MeetModels(found.Models)
	if len(units) == 0 {
		return m, nothing{"no tests matched"}
	}
	if c.request.Selection.Affected != "" {
		if units, err = c.affected(ctx, units); err != nil {
			return m, err
		}
	}
	c.plan = c.makePlan(units, found.Collection, found.labels, found.options)
	c.run.send(prepared{c.plan})
	return m, nil
}

// found is a collection and what it was asked for.
type found struct {
	*worker.Collection
	labels, options []string
}

// find has the project's loader collect. It may return another worker than the one it was given.
func (c *conductor) find(ctx context.Context, m *pool.Member, labels []string) (*pool.Member, found, error) {
	options := selecting(c.request.Selection, c.request.Options, c.project.RunnerArgs)
	collection, fresh, err := c.load(ctx, m, labels, options)
	if err == nil && collection.Failed > 0 && !m.Equipped() {
		// A module may query its database while it is imported; now that it is known which
		// databases there are, a worker that has them decides.
		m, collection, fresh, err = c.findEquipped(ctx, m, labels, options)
	}
	if err != nil {
		return m, found{}, err
	}
	if fresh && c.project.Collected != nil {
		c.project.Collected(treeOf(c.project.Key, labels, c.request.Selection.Filters(), collection))
	}
	return m, found{collection.Collection, labels, options}, nil
}

func (c *conductor) findEquipped(ctx context.Context, m *pool.Member, labels, options []string) (*pool.Member, *pool.Collection, bool, error) {
	another, err := c.generation.Lease(ctx, c.disk, nil, c.generation.Clonable(), c.say)
	if err != nil {
		// Without databases what was found stands.
		collection, fresh, err := c.load(ctx, m, labels, options)
		return m, collection, fresh, err
	}
	c.generation.Return(m)
	collection, fresh, err := c.load(ctx, another, labels, options)
	return another, collection, fresh, err
}

func (c *conductor) makePlan(found []runner.Unit, collection *worker.Collection, labels, options []string) *plan {
	p := &plan{
		units: found, aliases: collection.Databases, seed: collection.Seed, labels: labels,
		generation: c.generation.ID,
		options:    running(options, c.request.Options, collection.Seed), models: moduleNames(collection.Models),
	}
	var reason string
	p.rung, reason = c.rung(p.aliases)
	p.judges = c.generation.Report.Judges && p.rung != worker.Cold
	p.workers = c.project.Parallel
	if c.request.Options.Parallel > 0 {
		p.workers = c.request.Options.Parallel
	}
	p.workers = min(p.workers, len(p.units))
	if c.request.Options.Debug != nil {
		p.workers = 1
	}
	switch p.rung {
	case worker.Own:
		p.workers = 1
		c.warn("one worker on the databases that the project's own runner sets up, because " + reason)
	case worker.Cold:
		p.workers = 1
		if reason != "" {
			c.warn("a cold manage.py test, because " + reason)
		}
		p.units = []runner.Unit{together(p.units)}
	case worker.Suite, worker.Replay:
		c.say("tests run class by class through the project's own code, because " + reason)
	}
	p.startMethod = startMethod(p.rung, c.generation)
	// One worker gains nothing by another order than Django's.
	p.inOrder = p.workers == 1 || c.request.Options.Shuffle || c.request.Options.Reverse
	return p
}

// rung finds the step of the ladder on which the run stands, and why it is not the first; ""
// when the client has chosen it.
func (c *conductor) rung(aliases []string) (rung worker.Rung, reason string) {
	if c.request.Options.Cold {
		return worker.Cold, ""
	}
	report := c.generation.Report
	reason = "the project overrides " + report.Reason
	unclonable := c.generation.Unclonable(aliases)
	switch {
	case unclonable == "" || report.Rung == worker.Cold:
		return report.Rung, reason
	case report.Rung == worker.Stream:
		return worker.Own, unclonable
	}
	return worker.Cold, reason + ", and " + unclonable
}

// together makes one unit of all.
func together(all []runner.Unit) runner.Unit {
	var one runner.Unit
	for _, unit := range all {
		one.Tests = append(one.Tests, unit.Tests...)
	}
	return one
}

// equip makes sure that the databases can be had and that the system checks pass. It may return
// another worker than the one it was given.
func (c *conductor) equip(ctx context.Context, m *pool.Member) (*pool.Member, error) {
	if c.plan.rung == worker.Cold || c.plan.rung == worker.Own {
		return m, nil // manage.py test and the project's runner see to both themselves
	}
	c.project.Pool.NeededAliases(c.plan.aliases)
	m, err := c.generation.Equip(ctx, c.disk, m, c.plan.aliases, c.say)
	if pool.StepsDown(err) && ctx.Err() == nil {
		return m, c.stepDown(err)
	}
	if err != nil {
		return m, fmt.Errorf("preparing the test databases: %w", err)
	}
	complaint, err := c.check(ctx, m)
	if err != nil {
		return m, fmt.Errorf("running the system checks: %w", err)
	}
	if complaint != "" {
		return m, checksFailed{complaint}
	}
	c.fit(ctx, m)
	return m, nil
}

// fit plans with as many workers as the databases' servers have connections for.
func (c *conductor) fit(ctx context.Context, first *pool.Member) {
	if c.plan.workers == 1 {
		return
	}
	room, why := c.generation.Room(ctx, c.plan.aliases, first)
	if room == 0 || room >= c.plan.workers {
		return
	}
	c.warn(fmt.Sprintf("there is room for %d of %d workers: %s, or ask for fewer workers (-n, or the key parallel)", room, c.plan.workers, why))
	next := *c.plan
	next.workers = room
	c.plan = &next
	c.run.send(replanned{c.plan})
}

// stepDown makes another plan after the project's runner turned out to make databases that can't be
// cloned.
func (c *conductor) stepDown(refusal error) error {
	rung, reason := c.rung(c.plan.aliases)
	if rung != worker.Own {
		return fmt.Errorf("preparing the test databases: %w; run it again, or with --cold", refusal)
	}
	next := *c.plan
	next.rung, next.workers = rung, 1
	c.warn("one worker on the databases that the project's own runner sets up, because " + reason)
	c.plan = &next
	c.run.send(replanned{c.plan})
	return nil
}

// execute runs an executor for each worker and waits for them. The first gets the worker that
// collected.
func (c *conductor) execute(work context.Context, first *pool.Member) {
	var executors sync.WaitGroup
	for i := range c.plan.workers {
		e := &executor{
			name: "e" + itoa(i+1), run: c.run, generation: c.generation, disk: c.disk, plan: c.plan, project: c.project,
			timeout: c.timeout(), deal: make(chan *deal, 1), say: c.say, debug: c.request.Options.Debug, coverage: c.coverage,
		}
		if i == 0 {
			e.member = first
		}
		executors.Go(func() { e.work(work) })
	}
	executors.Wait()
}

// timeout is the time limit for each test, 0 for none: who looks at a test takes all the time.
func (c *conductor) timeout() time.Duration {
	if c.request.Options.Debug != nil {
		return 0
	}
	if asked := c.request.Options.Timeout; asked != 0 {
		return max(0, asked)
	}
	return c.project.Timeout
}
