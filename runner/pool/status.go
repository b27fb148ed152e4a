package pool

import (
	"fmt"
	"slices"
	"time"

	"hotclub/runner"
	"hotclub/runner/worker"
)

// Failed reports whether the project did not boot when it was last tried.
func (p *Pool) Failed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failure != nil && p.current == nil
}

// Workers counts the workers that are there. It asks no process, unlike Status.
func (p *Pool) Workers() (count runner.WorkerCount) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current == nil {
		return count
	}
	for m := range p.current.members {
		switch m.state {
		case Ready:
			count.Ready++
		case Running:
			count.Running++
		case Creating, Booting, Attaching:
			count.Booting++
		}
	}
	return count
}

// Status describes the pool as it is now.
func (p *Pool) Status() runner.ProjectStatus {
	status := p.status()
	for i, w := range status.Workers {
		status.Workers[i].MemoryMB = worker.MemoryMB(w.PID) // without the lock: it takes its time
	}
	return status
}

func (p *Pool) status() runner.ProjectStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	status := runner.ProjectStatus{
		Root: p.settings.Boot.Root, Python: p.settings.Python, State: p.stateLocked(), Changes: p.journal.all(),
	}
	if p.failure != nil {
		status.Error = p.failure.Error()
	}
	if b := p.bases.current; b != nil {
		status.Workers = append(status.Workers, describe(b.Worker, "base", Ready, b.Started))
	}
	g := p.current
	if g == nil {
		return status
	}
	status.Settings = g.Report.Settings
	status.Versions = fmt.Sprintf("Python %s, Django %s", g.Report.Python, g.Report.Django)
	status.StartMethod, status.Reason = g.Method, g.Reason
	if g.Report.Rung != worker.Stream {
		status.Rung = fmt.Sprintf("%s, because the project overrides %s", g.Report.Rung, g.Report.Reason)
	}
	status.Generation, status.Boot, status.FilesRead = g.ID, g.Report.Phases, g.filesRead()
	status.Workers = append(status.Workers, g.workersLocked()...)
	slices.SortFunc(status.Workers, func(a, b runner.WorkerStatus) int { return a.PID - b.PID })
	return status
}

func (p *Pool) stateLocked() runner.PoolState {
	switch {
	case p.booting != nil, p.current != nil && p.current.making > 0 && !p.current.servesLocked():
		return runner.PoolStarting
	case p.current != nil:
		return runner.PoolReady
	case p.failure != nil:
		return runner.PoolBroken
	}
	return runner.PoolCold
}

// servesLocked reports whether a worker of the generation is, or has been, there for a run.
func (g *Generation) servesLocked() bool {
	for m := range g.members {
		if m.state == Ready || m.state == Running {
			return true
		}
	}
	return g.served
}

// workersLocked describes the processes of a generation, but for the base of all boots to come.
func (g *Generation) workersLocked() (list []runner.WorkerStatus) {
	if b := g.base; b != nil && b != g.pool.bases.current {
		list = append(list, describe(b.Worker, "base", Ready, b.Started))
	}
	if layer := g.layer.Load(); layer != nil {
		list = append(list, describe(layer, "layer", Ready, layer.Started))
		list[len(list)-1].Generation = g.ID
	}
	for m := range g.members {
		if m.Worker == nil {
			continue
		}
		kind := "spawned"
		if m.forked {
			kind = "forked"
		}
		one := describe(m.Worker, kind, m.state, m.since)
		one.Generation, one.Loaded = g.ID, m.loaded
		list = append(list, one)
	}
	return list
}

func describe(w *worker.Worker, kind string, state State, since time.Time) runner.WorkerStatus {
	return runner.WorkerStatus{Name: w.Name, Kind: kind, State: state.String(), PID: w.PID, Since: since}
}
