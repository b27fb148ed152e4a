package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"hotclub/runner"
	"hotclub/runner/config"
	"hotclub/runner/dispatch"
	"hotclub/runner/pool"
	known "hotclub/runner/project"
	"hotclub/runner/worker"
)

// Databases are the templates and clones of all projects.
type Databases interface {
	// For returns those of one project, named root to people.
	For(project, root string) pool.Databases
	// Servers lists Django's vendors of servers on which databases can be cloned.
	Servers() []string
	List(ctx context.Context, project string) ([]runner.DatabaseStatus, error)
	Forget(ctx context.Context, project string) error
	Sweep(ctx context.Context) error
	Close(ctx context.Context) error
}

// flavoursKept is how many pools one project has at a time.
const flavoursKept = 3

// manyTests is from how many tests on a run leaves more memory behind than a daemon should keep.
const manyTests = 2000

// Engine implements [runner.Engine].
type Engine struct {
	host      *worker.Host
	databases Databases
	state     string // directory of the histories
	log       *slog.Logger

	runs sync.WaitGroup

	mu       sync.Mutex
	known    map[string]*known.Project // by key
	projects map[string]*project       // those that have a pool
	pools    int                       // made so far; it keeps names of workers apart
	closed   bool

	followers followers
	watcher   Watcher
	watchers  func() Watcher // one more of the same kind
	saves     map[*watchedSaves]struct{}
	rewatch   chan struct{} // filled when what is to be watched has changed
	saved     chan struct{} // filled when files may have changed
	watching  sync.WaitGroup
}

var _ runner.Engine = (*Engine)(nil)

// project is one root with one interpreter and settings module.
type project struct {
	*known.Project
	config  *config.Project // that of the latest request; under the engine's mu, as all below
	pools   []*flavour      // least recently used first
	runs    int
	looks   map[*look]struct{} // they count as runs, too
	used    time.Time          // when the last run or look ended that was asked for
	idle    *time.Timer
	timings []runner.Timing // of the last run
	keeping sync.Mutex      // held by whoever saves what runs have taught; not under mu
	ahead   sync.Mutex      // held by whoever has tests loaded in advance; not under mu
}

// flavour is a pool for one environment of the clients, booted with some options.
type flavour struct {
	*pool.Pool
	env    []string
	args   []string // of the test command
	method string   // to start workers
	depth  string   // of footprints
	flush  string   // how databases on servers are emptied
	runs   int

	measures *runner.Measure // what its workers measure from their boot on; nil: nothing
}

// New makes an engine that starts workers on host and keeps histories below state. It has one of
// the watchers for itself, and one for each client that waits for saves.
func New(host *worker.Host, databases Databases, watchers func() Watcher, state string, log *slog.Logger) *Engine {
	e := &Engine{
		host: host, databases: databases, state: filepath.Join(state, "history"), log: log,
		known: make(map[string]*known.Project), projects: make(map[string]*project),
		watcher: watchers(), watchers: watchers, saves: make(map[*watchedSaves]struct{}), rewatch: make(chan struct{}, 1), saved: make(chan struct{}, 1),
	}
	e.watching.Go(e.keepWatch)
	return e
}

// Run implements [runner.Engine].
func (e *Engine) Run(ctx context.Context, request runner.Request, emit func(runner.Event)) {
	if request.Asked.IsZero() {
		request.Asked = time.Now()
	}
	found, err := config.Load(request.Client, request.Project)
	if err != nil {
		emit(refused(request.Run, err))
		return
	}
	booting, running := options(slices.Concat(found.RunnerArgs, request.Options.RunnerArgs))
	env := found.Environ(request.Client)
	p, f, err := e.enter(found, env, booting, request.Options.Measure)
	if err != nil {
		emit(refused(request.Run, err))
		return
	}
	defer e.runs.Done()
	project := e.dispatched(p, found, f, running, env)
	if !p.Tests.Looked() {
		project.Collected = nil // no editor is here: the tree would only take memory
	}
	tests := 0
	var way []runner.Timing
	leave := sync.OnceFunc(func() { e.leave(p, f) })
	dispatch.Run(ctx, project, request, func(event runner.Event) {
		switch event := event.(type) {
		case runner.RunStarted:
			tests = len(event.Tests)
			e.runBegun(p.Key)
		case runner.RunFinished:
			way = event.Timings
			e.mu.Lock()
			p.timings = way
			e.mu.Unlock()
			leave()
		}
		emit(event)
	})
	leave()
	e.runs.Go(func() { // whoever asked has all verdicts, and is not to wait for a disk
		e.keep(p, f)
		if tests > manyTests {
			debug.FreeOSMemory() // what a large run took must not stay with an idle daemon
		}
	})
	e.log.Info("run", "project", found.Root, "run", request.Run, "took", time.Since(request.Asked), "timings", runner.Chain(way))
}

// dispatched is a project as a run needs it, with the configuration c that the run has found; running
// are the options of the test command for it.
func (e *Engine) dispatched(p *project, c *config.Project, f *flavour, running, env []string) dispatch.Project {
	return dispatch.Project{
		Key: c.Key, Root: c.Root, Dir: c.Dir, Pool: f.Pool, History: p.History, Footprints: p.Footprints, Parallel: c.Parallel,
		Timeout: c.Timeout, Split: c.SplitClasses, OutputLimit: c.OutputLimit,
		RunnerArgs: running, Env: env, Collected: p.Tests.Collected, Observes: c.AffectedDepth != "off",
	}
}

func refused(id runner.RunID, err error) runner.RunFinished {
	finished := runner.RunFinished{
		Run: id, Outcome: runner.ErrorRun, Error: err.Error(), ProjectError: true, Counts: map[runner.State]int{},
	}
	var fault *config.Error
	if errors.As(err, &fault) && fault.Usage {
		finished.Outcome, finished.ProjectError = runner.NothingSelected, false
	}
	return finished
}

// enter counts a run in and finds the pool for its environment and for the options that it is
// booted with, making one if need be. What is done in advance makes way.
func (e *Engine) enter(found *config.Project, env, args []string, measures *runner.Measure) (*project, *flavour, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, f, err := e.enterLocked(found, env, args, measures)
	if err == nil {
		p.interruptLocked()
	}
	return p, f, err
}

func (e *Engine) enterLocked(found *config.Project, env, args []string, measures *runner.Measure) (*project, *flavour, error) {
	if e.closed {
		return nil, nil, errors.New("the server is closing")
	}
	p := e.projects[found.Key]
	if p == nil {
		p = &project{Project: e.knownLocked(found), looks: make(map[*look]struct{})}
		e.projects[found.Key] = p
	}
	p.config = found
	f := e.flavour(p, env, args, measures)
	e.useLocked(p, f)
	return p, f, nil
}

// useLocked counts one in who uses a pool.
func (e *Engine) useLocked(p *project, f *flavour) {
	if p.idle != nil {
		p.idle.Stop()
	}
	p.runs++
	f.runs++
	e.runs.Add(1)
}

func (e *Engine) flavour(p *project, env, args []string, measures *runner.Measure) *flavour {
	for i, f := range p.pools {
		if f.serves(p.config, env, args, measures) {
			p.pools = append(slices.Delete(p.pools, i, i+1), f)
			return f
		}
	}
	if len(p.pools) >= flavoursKept {
		if i := slices.IndexFunc(p.pools, func(f *flavour) bool { return f.runs == 0 }); i >= 0 {
			gone := p.pools[i]
			p.pools = slices.Delete(p.pools, i, i+1)
			e.runs.Go(gone.Close)
		}
	}
	f := &flavour{
		Pool: e.newPool(p, env, args, measures), env: env, args: args, method: p.config.StartMethod, depth: p.config.AffectedDepth,
		flush: p.config.Flush, measures: measures,
	}
	p.pools = append(p.pools, f)
	return f
}

// serves reports whether the pool is one for a client's environment and wishes.
func (f *flavour) serves(c *config.Project, env, args []string, measures *runner.Measure) bool {
	return f.method == c.StartMethod && f.depth == c.AffectedDepth && f.flush == c.Flush && f.measures.Equal(measures) &&
		slices.Equal(f.args, args) && (slices.Equal(f.env, env) || f.Matches(env))
}

func (e *Engine) newPool(p *project, env, args []string, measures *runner.Measure) *pool.Pool {
	c := p.config
	aliases, modules, apart := p.History.Lessons()
	e.pools++
	prefix := ""
	if e.pools > 1 {
		prefix = fmt.Sprintf("p%d-", e.pools)
	}
	return pool.New(pool.Settings{
		Python: c.Python, Env: env, Method: c.StartMethod, Size: c.Parallel, Spare: max(1, c.SpareWorkers),
		Aliases: aliases, Learned: modules, Apart: apart, NamePrefix: prefix,
		Base: c.BaseLayer && measures == nil, // of what a base has imported nobody would know the lines
		Tell: func(change runner.PoolChange) { e.heard(c.Key, change) },
		Boot: worker.BootParams{
			Root: c.Root, Directory: c.Dir, Manage: c.ManagePy, Key: c.Key, Arguments: args, Depth: c.AffectedDepth,
			Engines: e.databases.Servers(), Flush: c.Flush, Coverage: measures,
		},
	}, e.host, e.databases.For(c.Key, c.Root), e.log)
}

// keep saves what a run has taught.
func (e *Engine) keep(p *project, f *flavour) {
	p.keeping.Lock() // what is written last is what is known last
	defer p.keeping.Unlock()
	p.History.Learnt(f.Lessons())
	if err := p.History.Save(); err != nil {
		e.log.Warn("saving the history", "err", err)
	}
	p.Footprints.Forget(func(label string) bool { // what has not run for long enough to be forgotten there
		_, known := p.History.Past(label)
		return !known
	})
	if err := p.Footprints.Save(); err != nil {
		e.log.Warn("saving the footprints", "err", err)
	}
}

// leave counts a run out, before anybody is told that it has ended: whoever stops the project then
// must not be told that a run is on.
func (e *Engine) leave(p *project, f *flavour) {
	e.mu.Lock()
	p.used = time.Now()
	failed := e.leaveLocked(p, f)
	e.mu.Unlock()
	if failed {
		e.dropFailed(p, f)
	}
}

// leaveLocked counts one out who has used a pool, and reports whether the pool could not boot. The last
// one starts the clock after which the project's pools end.
func (e *Engine) leaveLocked(p *project, f *flavour) (failed bool) {
	p.runs--
	f.runs--
	e.runEndedLocked(p.Key)
	if e.projects[p.Key] != p {
		return false // it was stopped
	}
	if p.runs == 0 && p.config.IdleTimeout > 0 {
		p.idle = time.AfterFunc(time.Until(p.used.Add(p.config.IdleTimeout)), func() { e.retire(p) })
	}
	return f.runs == 0 && f.Failed()
}

// dropFailed lets go of pools that could not boot: a slip in the options must not drive out what is
// warm. Where nothing is, the last one stays, to tell why.
func (e *Engine) dropFailed(p *project, last *flavour) {
	warm := slices.ContainsFunc(e.flavours(p), func(f *flavour) bool { // not under the lock: it looks at the disk
		return f.Workers() != (runner.WorkerCount{}) && f.Stale() == nil
	})
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.projects[p.Key] != p || e.closed {
		return // whoever has ended the project ends its pools
	}
	p.pools = slices.DeleteFunc(p.pools, func(f *flavour) bool {
		drop := f.runs == 0 && f.Failed() && (warm || f != last)
		if drop {
			e.runs.Go(f.Close)
		}
		return drop
	})
}

// retire ends the pools of a project that nobody has used for long.
func (e *Engine) retire(p *project) {
	e.mu.Lock()
	if p.runs > 0 || e.projects[p.Key] != p || e.closed {
		e.mu.Unlock()
		return
	}
	delete(e.projects, p.Key)
	e.runs.Add(1) // the engine is not closed before the pools are
	e.mu.Unlock()
	defer e.runs.Done()
	e.log.Info("nobody uses the project any more", "project", p.Root)
	e.closePools(p)
}

func (e *Engine) closePools(p *project) {
	for _, f := range e.flavours(p) {
		f.Close()
	}
}

// flavours are the pools that a project has now; nil has none.
func (e *Engine) flavours(p *project) []*flavour {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p == nil {
		return nil
	}
	return slices.Clone(p.pools)
}

// Idle implements [runner.Engine].
func (e *Engine) Idle() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.projects) == 0
}

// Close implements [runner.Engine]. The runs that are on must have been cancelled.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.watcher.Close()
	e.watching.Wait()
	e.runs.Wait()
	e.mu.Lock()
	projects := slices.Collect(maps.Values(e.projects))
	e.projects = make(map[string]*project)
	e.mu.Unlock()
	for _, p := range projects {
		if p.idle != nil {
			p.idle.Stop()
		}
		e.closePools(p)
	}
	return errors.Join(e.host.Close(), e.databases.Close(ctx))
}
