package lsptest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"hotclub/runner"
	"hotclub/runner/project"
)

// Engine is a runner.Engine without a project. What a run does is read from its labels:
//
//	pass, fail, error, skip   one test that ends so
//	flood                     ten thousand tests that pass
//	block                     a test that runs until the run is cancelled
//	stubborn                  a test that runs until the engine closes
//	nothing                   no test matches
//	broken                    the project cannot be started
//	panic                     the engine breaks after its first test
//	unfinished                the engine returns without a word
//
// Any other label is a test that passes. Without labels: pass. Each test prints its label. In a
// project that was opened, see Open, its tests run instead unless no label is one of theirs.
type Engine struct {
	// Blocked receives the run that reached a block, Ended every run that is about to
	// return. Default: nobody is told.
	Blocked, Ended chan<- runner.RunID

	// Collected is called with the labels of every collection. Default: nobody is told.
	Collected func(labels []string)

	// Anticipated is called with every run whose modules are to be loaded in advance. Default: nobody is
	// told.
	Anticipated func(ctx context.Context, expected runner.Request)

	// Broken is why projects cannot be started. Default: they can.
	Broken string

	// Undebuggable is why tests cannot be debugged. Default: they can, by a debugger that nobody needs
	// to attach to.
	Undebuggable string

	// Print is what each test prints beside its label. It is not to be changed while a run goes on.
	Print string

	// TearDown is what goes wrong when the tests of a class have run, by its name. It is not to be
	// changed while a run goes on.
	TearDown map[string]runner.Message

	// Coverage is what runs have executed that are asked to measure. It is not to be changed while a
	// run goes on.
	Coverage runner.Coverage

	// Saved is what those hear who wait for saves. Default: nobody hears anything.
	Saved <-chan runner.Saved

	mu          sync.Mutex
	requests    []runner.Request
	roots       map[string]bool
	closing     chan struct{}
	projects    map[string]*project.Project // by root
	collections []string
	mended      map[string]bool // names of tests
	followers   []*func(string, runner.PoolChange)
	standing    *runner.ProjectStatus
}

// Mend lets the tests of a name pass from now on.
func (e *Engine) Mend(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.mended == nil {
		e.mended = make(map[string]bool)
	}
	e.mended[name] = true
}

func (e *Engine) isMended(name string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.mended[name]
}

// Requests lists what the engine was asked to run so far.
func (e *Engine) Requests() []runner.Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]runner.Request(nil), e.requests...)
}

// Closed reports whether Close was called.
func (e *Engine) Closed() bool {
	select {
	case <-e.end():
		return true
	default:
		return false
	}
}

// end is closed by Close.
func (e *Engine) end() chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closing == nil {
		e.closing = make(chan struct{})
	}
	return e.closing
}

// Run makes up a run.
func (e *Engine) Run(ctx context.Context, request runner.Request, emit func(runner.Event)) {
	e.mu.Lock()
	e.requests = append(e.requests, request)
	if e.roots == nil {
		e.roots = make(map[string]bool)
	}
	e.roots[request.Client.Dir] = true
	e.mu.Unlock()
	r := fakeRun{engine: e, request: request, emit: emit, counts: make(map[runner.State]int)}
	if e.Ended != nil {
		defer func() { e.Ended <- request.Run }()
	}
	r.carryOut(ctx)
}

// Status describes a made-up pool for each directory that ran something.
func (e *Engine) Status(context.Context) []runner.ProjectStatus {
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []runner.ProjectStatus
	for root := range e.roots {
		list = append(list, runner.ProjectStatus{
			Root: root, State: runner.PoolReady, Settings: "fake.settings", Python: "/usr/bin/python3", Versions: "Python 3.13.0, Django 5.2",
			StartMethod: "fork", Generation: "g1", FilesRead: 42,
			Workers: []runner.WorkerStatus{{Name: "w1", Kind: "forked", State: "ready", PID: 4711, Since: time.Now(), MemoryMB: 12.5}},
		})
	}
	return list
}

// Stop forgets the project at dir, or all.
func (e *Engine) Stop(_ context.Context, dir string) ([]string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var stopped []string
	for root := range e.roots {
		if dir == "" || dir == root {
			stopped = append(stopped, root)
			delete(e.roots, root)
		}
	}
	return stopped, nil
}

// Restart restarts nothing.
func (e *Engine) Restart(_ context.Context, dir string) ([]string, error) {
	if strings.HasSuffix(dir, "nowhere") {
		return nil, fmt.Errorf("no project at %s", dir)
	}
	return []string{dir}, nil
}

// Databases lists one made-up template.
func (e *Engine) Databases(_ context.Context, action runner.DatabaseAction, _ runner.Client, _ runner.Overrides) ([]runner.DatabaseStatus, error) {
	if action == runner.RebuildDatabases {
		return nil, errors.New("the database server refused")
	}
	return []runner.DatabaseStatus{{Alias: "default", Engine: "sqlite", Kind: "template", Name: "hc_t_0123", SizeKB: 2048, State: "sealed"}}, nil
}

// Idle reports whether nothing ran, or all was stopped.
func (e *Engine) Idle() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.roots) == 0
}

// Close ends stubborn tests.
func (e *Engine) Close(context.Context) error {
	close(e.end())
	return nil
}
