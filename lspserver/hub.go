package lspserver

import (
	"sync"

	"hotclub/runner"
)

// spread tells every client of what happens in a run: the run of a lens, of a command and of the
// shell are the same to all who look at the project.
func (s *Server) spread(r *activeRun, e runner.Event) {
	s.activity.note(e)
	if begins, ok := e.(runner.RunStarted); ok && len(begins.Tests) > 0 {
		r.project = begins.Tests[0].ID.Project()
		r.origin.ranLast(r.project)
	}
	s.reruns.heard(r, e)
	for _, c := range s.snapshot() {
		c.hear(r, e)
	}
}

// hear takes an event of any client's run.
func (c *connection) hear(r *activeRun, e runner.Event) {
	looks := c.space.has(r.project)
	if looks {
		c.screen.hear(e)
		c.pools.stirred(r.project)
		c.ahead.heard(e)
	}
	if r.origin != c {
		c.overhear(r, e, looks)
	}
}

// overhear passes on an event of a run that another client asked for. Whoever was told of its
// begin is told of its end, even if the project has left the window meanwhile.
func (c *connection) overhear(r *activeRun, e runner.Event, looks bool) {
	if _, private := e.(runner.DebuggerReady); private {
		return // whoever attached first would keep the one out who asked
	}
	told := c.overheard.of(r)
	if _, begins := e.(runner.RunStarted); begins && looks && c.all {
		told = c.overheard.begin(r, c.hasRun, func(id runner.RunID) *story {
			return c.newStory(id, r.story.origin, c.offer)
		})
	}
	if told == nil {
		return
	}
	told.emit(e)
	if _, ends := e.(runner.RunFinished); ends {
		c.overheard.drop(r)
	}
}

// ranLast notes the project of a run: hotclub.runLast means it.
func (c *connection) ranLast(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = key
}

// hasRun reports whether this client has a run of an id going on.
func (c *connection) hasRun(id runner.RunID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.runs[id] != nil
}

// overheard are the runs of others that a client is being told of.
type overheard struct {
	mu      sync.Mutex
	stories map[*activeRun]*story
}

func (o *overheard) of(r *activeRun) *story {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.stories[r]
}

// begin keeps the story of one more. It has its run's id, unless another has the same here.
func (o *overheard) begin(r *activeRun, taken func(runner.RunID) bool, tell func(runner.RunID) *story) *story {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stories == nil {
		o.stories = make(map[*activeRun]*story)
	}
	id := r.id
	for taken(id) || o.tells(id) {
		id += "~"
	}
	o.stories[r] = tell(id)
	return o.stories[r]
}

func (o *overheard) tells(id runner.RunID) bool {
	for _, told := range o.stories {
		if told.ledger.run == id {
			return true
		}
	}
	return false
}

func (o *overheard) drop(r *activeRun) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.stories, r)
}

// activity knows which tests are queued or running just now, in any run.
type activity struct {
	mu    sync.Mutex
	tests map[runner.TestID]*active
	busy  map[string]string // labels of tests, by the worker that runs them
}

type active struct {
	label   string
	worker  string // that began it last
	runs    int    // that have it before them
	started bool
}

func (a *activity) note(e runner.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch e := e.(type) {
	case runner.RunStarted:
		if a.tests == nil {
			a.tests, a.busy = make(map[runner.TestID]*active), make(map[string]string)
		}
		for _, test := range e.Tests {
			if a.tests[test.ID] == nil {
				a.tests[test.ID] = &active{label: test.Label}
			}
			a.tests[test.ID].runs++
		}
	case runner.TestStarted:
		if one := a.tests[e.ID]; one != nil {
			one.started = true
			one.worker = e.Worker
			a.busy[e.Worker] = one.label
		}
	case runner.TestFinished:
		if one := a.tests[e.Test.ID]; one != nil {
			if a.busy[one.worker] == one.label {
				delete(a.busy, one.worker)
			}
			one.started = false
			if one.runs--; one.runs <= 0 {
				delete(a.tests, e.Test.ID)
			}
		}
	}
}

// of is Queued or Started for a test that a run has before it, else "".
func (a *activity) of(id runner.TestID) runner.State {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch one := a.tests[id]; {
	case one == nil:
		return ""
	case one.started:
		return runner.Started
	}
	return runner.Queued
}

// fill says of workers which tests they run.
func (a *activity) fill(workers []runner.WorkerStatus) []runner.WorkerStatus {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, w := range workers {
		if label, busy := a.busy[w.Name]; busy {
			workers[i].Test = label
		}
	}
	return workers
}
