package pool

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"hotclub/runner"
	"hotclub/runner/worker"
)

// Settings are what a pool is made for.
type Settings struct {
	Python     string
	Boot       worker.BootParams
	Env        []string // of the client: the workers' environment
	Method     string   // "auto", "fork" or "spawn"
	Size       int      // workers of a run
	Spare      int      // ready workers beyond those
	Aliases    []string // databases that earlier runs needed
	Learned    []string // modules from outside the project that earlier workers imported
	Apart      []string // modules that can't be imported without the project
	Base       bool     // third-party imports are kept in a process of their own, where processes can be forked
	NamePrefix string   // of its workers, unique within the host

	Tell func(runner.PoolChange) // hears what becomes of the pool, in order; it must not block
}

// Pool keeps the warm workers of one project in one environment.
type Pool struct {
	settings  Settings
	host      *worker.Host
	databases Databases
	log       *slog.Logger
	size      int
	spare     int

	ctx    context.Context // ends with the pool
	cancel context.CancelFunc
	tasks  sync.WaitGroup
	boots  flights[*Generation]

	journal   journal
	confirmed confirmed

	mu        sync.Mutex
	current   *Generation
	booting   *attempt // nil while no boot is on
	closing   bool
	slots     map[int]bool
	counter   int
	aliases   []string
	learned   []string
	unlearned []string      // modules whose import in advance made forking unsafe
	failure   error         // of the last boot
	broken    []worker.Read // what the process had read that failed to boot
	why       string        // the last generation went, "" while one is there or before the first
	changed   *runner.Cause // of the same, where it was a file
	took      time.Duration // of the last boot
	read      readings      // by processes that may have ended, since the last boot
	looking   looking
	unrest    unrest
	room      room

	bases bases
}

// New makes a pool. Nothing starts before Acquire or Warm.
func New(settings Settings, host *worker.Host, databases Databases, log *slog.Logger) *Pool {
	ctx, cancel := context.WithCancel(context.Background())
	return &Pool{
		settings: settings, host: host, databases: databases, log: log,
		size: settings.Size, spare: settings.Spare,
		ctx: ctx, cancel: cancel, slots: make(map[int]bool), read: make(readings),
		aliases: settings.Aliases, learned: settings.Learned,
		journal: journal{tell: settings.Tell},
		bases:   bases{apart: settings.Apart},
	}
}

// Matches reports whether a client's environment would boot the same generation: every
// variable that was read while booting has the value that it had.
func (p *Pool) Matches(env []string) bool {
	p.mu.Lock()
	g := p.current
	p.mu.Unlock()
	if g == nil {
		return slices.Equal(env, p.settings.Env)
	}
	values := environment(env)
	for name, want := range g.Report.Environment {
		value, set := values[name]
		if (set && digest([]byte(value)) != want) || (!set && want != "") {
			return false
		}
	}
	return true
}

func (p *Pool) bootParams() worker.BootParams {
	params := p.settings.Boot
	p.mu.Lock()
	defer p.mu.Unlock()
	params.Prime = slices.Clone(p.learned)
	params.Calls = p.wantsFork() // else templates are built in processes of their own
	return params
}

func (p *Pool) spawn(ctx context.Context, env []string) (*worker.Worker, error) {
	return p.host.Spawn(ctx, worker.Settings{
		Name: p.name("s"), Python: p.settings.Python, Directory: p.settings.Boot.Directory, Env: env,
	})
}

// Clonable lists the aliases whose databases can be cloned.
func (g *Generation) Clonable() []string {
	aliases := []string{}
	for _, alias := range g.Report.Aliases {
		if g.unclonable(alias) == "" {
			aliases = append(aliases, alias.Alias)
		}
	}
	return aliases
}

func (p *Pool) wantsFork() bool {
	return p.settings.Method == "fork" || p.settings.Method != "spawn" && runtime.GOOS == "linux"
}

// method decides how workers are made, and says why not as asked.
func (p *Pool) method(report *worker.BootReport) (method, reason string) {
	if !p.wantsFork() {
		return "spawn", ""
	}
	if report.Unsafe != "" {
		return "spawn", report.Unsafe
	}
	return "fork", ""
}

func (p *Pool) forgetLearned() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	had := len(p.learned) > 0
	p.unlearned = append(p.unlearned, p.learned...)
	p.learned = nil
	return had
}

// usualAliases are the databases worth attaching before anybody asks.
func (p *Pool) usualAliases(g *Generation) []string {
	p.mu.Lock()
	aliases := slices.Clone(p.aliases)
	p.mu.Unlock()
	clonable := g.Clonable()
	if aliases == nil {
		return clonable // no run has shown yet which of them matter
	}
	return slices.DeleteFunc(aliases, func(alias string) bool { return !slices.Contains(clonable, alias) })
}

// NeededAliases keeps which databases a run has needed.
func (p *Pool) NeededAliases(aliases []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.aliases == nil {
		p.aliases = []string{}
	}
	for _, alias := range aliases {
		if !slices.Contains(p.aliases, alias) {
			p.aliases = append(p.aliases, alias)
		}
	}
}

// Lessons is what runs have shown to be worth having in advance, for the next session: the
// databases they needed, nil before the first, the modules they imported, and which modules can't
// be imported without the project.
func (p *Pool) Lessons() (aliases, modules, apart []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.aliases), slices.Clone(p.learned), slices.Clone(p.bases.apart)
}

// Restart retires the current generation, for a reason that people read; the next Acquire boots
// another.
func (p *Pool) Restart(reason string) {
	if g := p.depose(); g != nil {
		p.journal.add(runner.PoolChange{Kind: runner.Invalidated, Generation: g.ID, Reason: reason})
		g.retire()
	}
}

// depose takes the current generation from its place.
func (p *Pool) depose() *Generation {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.current
	p.current = nil
	p.boots.forget()
	return g
}

// Close ends all workers and waits for them. No run may be on.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closing = true
	p.mu.Unlock()
	p.cancel()
	if g := p.depose(); g != nil {
		g.retire()
	}
	p.forgetBase()
	p.tasks.Wait()
	p.journal.add(runner.PoolChange{Kind: runner.PoolEnded})
}

func (p *Pool) name(kind string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counter++
	return fmt.Sprintf("%s%s%d", p.settings.NamePrefix, kind, p.counter)
}

// takeSlot finds the lowest free worker number, from 1: projects derive ports, Redis
// databases and folders from it.
func (p *Pool) takeSlot() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	slot := 1
	for p.slots[slot] {
		slot++
	}
	p.slots[slot] = true
	return slot
}

func (p *Pool) freeSlot(slot int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.slots, slot)
}
