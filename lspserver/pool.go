package lspserver

import (
	"encoding/json"
	"reflect"
	"slices"
	"sync"
	"time"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// poolCalm is the least time between two tellings of where workers stand.
const poolCalm = 500 * time.Millisecond

// pools follow what becomes of the warm workers of the projects that a client looks at. What is
// heard is only noted: whoever tells it must not wait for this client.
type pools struct {
	c    *connection
	wake chan struct{}
	told *repeated // hotclub/didChangeStatus and its like

	mu    sync.Mutex
	queue []poolNews
	views map[string]*poolView // by key
}

// poolNews is a step in the life of a project's workers.
type poolNews struct {
	project string // key
	change  runner.PoolChange
}

// poolView is what the client knows of the workers of a project.
type poolView struct {
	started bool // the project has booted while the client was here
	broken  bool // it does not start, and the line is shown
	latest  *runner.PoolChange

	changed bool                  // it is to be told where the workers stand
	lost    []wire.Invalidated    // to be told
	status  *wire.DidChangeStatus // as told
	workers []runner.WorkerStatus // as told, but for their memory
}

func newPools(c *connection) *pools {
	ps := &pools{c: c, wake: make(chan struct{}, 1), views: make(map[string]*poolView)}
	ps.told = &repeated{work: ps.tell, wake: make(chan struct{}, 1), calm: poolCalm}
	return ps
}

// hear notes a step. It never waits.
func (ps *pools) hear(project string, change runner.PoolChange) {
	if !ps.c.space.has(project) {
		return
	}
	ps.mu.Lock()
	ps.view(project).note(project, change)
	if change.Kind != runner.WorkersChanged {
		ps.queue = append(ps.queue, poolNews{project, change})
	}
	ps.mu.Unlock()
	select {
	case ps.wake <- struct{}{}:
	default: // it will look anyway
	}
	ps.c.ahead.hear(change)
	ps.told.again()
}

// stirred notes that a worker of a project does something else.
func (ps *pools) stirred(project string) {
	if ps.c.poolEvents {
		ps.hear(project, runner.PoolChange{Kind: runner.WorkersChanged})
	}
}

// view is that of a project. The caller holds mu.
func (ps *pools) view(project string) *poolView {
	if ps.views[project] == nil {
		ps.views[project] = &poolView{}
	}
	return ps.views[project]
}

func (v *poolView) note(project string, change runner.PoolChange) {
	v.changed = true
	if change.Kind == runner.WorkersChanged {
		return
	}
	v.latest = &change
	switch change.Kind {
	case runner.Invalidated:
		v.lose(project, change)
	case runner.Booted:
		v.started, v.broken = true, false
	case runner.BootFailed:
		v.broken = change.Fault != nil && change.Fault.Location != nil
	case runner.PoolEnded:
		v.broken = false
	}
}

// lose notes a generation that has ended. A storm of them is told as one.
func (v *poolView) lose(project string, change runner.PoolChange) {
	one := wire.Invalidated{
		Project: runner.TestID(project + "//"), Generation: change.Generation, Cause: []runner.Cause{},
		Reason: change.Reason, Workers: change.Workers,
	}
	if len(v.lost) > 0 {
		one.Cause, one.Workers = v.lost[0].Cause, one.Workers+v.lost[0].Workers
	}
	if cause := change.Cause; cause != nil && !slices.Contains(one.Cause, *cause) {
		one.Cause = append(one.Cause, *cause)
	}
	v.lost = []wire.Invalidated{one}
}

// saidAtLine reports whether the client sees, at a line of an edit, why a project does not start.
func (ps *pools) saidAtLine(project string) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	view := ps.view(project)
	return view.started && view.broken
}

// left forgets a project.
func (ps *pools) left(project string) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	delete(ps.views, project)
}

// run shows what comes of the steps that were heard, in their order, until done is closed.
func (ps *pools) run(done <-chan struct{}) {
	for {
		select {
		case <-ps.wake:
		case <-done:
			return
		}
		ps.mu.Lock()
		queue := ps.queue
		ps.queue = nil
		ps.mu.Unlock()
		for _, news := range queue {
			ps.c.starts.hear(news)
			ps.c.showFault(news)
		}
	}
}

// tell sends what has changed to a client that wants to hear of it.
func (ps *pools) tell() {
	if !ps.c.poolEvents {
		return
	}
	ps.mu.Lock()
	changed := make(map[string][]wire.Invalidated)
	for project, view := range ps.views {
		if view.changed {
			changed[project] = view.lost
			view.changed, view.lost = false, nil
		}
	}
	ps.mu.Unlock()
	for project, lost := range changed {
		for _, one := range lost {
			ps.send(wire.MethodInvalidated, one)
		}
		ps.tellStanding(project)
	}
}

// tellStanding sends where the workers of a project stand, unless the client knows.
func (ps *pools) tellStanding(project string) {
	p := ps.c.space.get(project)
	if p == nil {
		return
	}
	now, ok := ps.c.server.Engine.Standing(project)
	if !ok {
		now.State = runner.PoolCold
	}
	id := projectID(p)
	workers := ps.c.server.activity.fill(now.Workers)
	if workers == nil {
		workers = []runner.WorkerStatus{}
	}
	status := wire.DidChangeStatus{
		Project: id, Root: p.Root, State: now.State, Generation: now.Generation, Unwatched: now.Unwatched,
		Workers: ps.c.server.Engine.Workers(project),
	}
	ps.mu.Lock()
	view := ps.view(project)
	status.Change = view.latest
	news := view.status == nil || !reflect.DeepEqual(*view.status, status)
	others := view.status == nil || !reflect.DeepEqual(view.workers, forgetful(workers))
	view.status, view.workers = &status, forgetful(workers)
	ps.mu.Unlock()
	if news {
		ps.send(wire.MethodDidChangeStatus, status)
	}
	if others {
		ps.send(wire.MethodDidChangeWorkers, wire.DidChangeWorkers{Project: id, Workers: workers})
	}
}

// forgetful are workers without their memory, which is another one whenever it is looked at.
func forgetful(workers []runner.WorkerStatus) []runner.WorkerStatus {
	list := slices.Clone(workers)
	for i := range list {
		list[i].MemoryMB = 0
	}
	return list
}

func (ps *pools) send(method string, params any) {
	data, err := json.Marshal(params)
	if err != nil {
		ps.c.log.Error("cannot be encoded", "method", method, "err", err)
		return
	}
	ps.c.out.push(method, data)
}
