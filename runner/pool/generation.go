package pool

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"hotclub/runner"
	"hotclub/runner/worker"
)

// Generation is everything that a set of workers was booted from, and those workers.
type Generation struct {
	ID     string
	Report *worker.BootReport
	Method string // "fork" or "spawn"
	Reason string // why not the method that was asked for
	Took   time.Duration

	pool    *Pool
	begun   time.Time
	base    *base                         // that it was forked from, nil for none
	layer   atomic.Pointer[worker.Worker] // nil under spawn
	booted  []worker.Read                 // what the first process read until it was booted
	schemas *worker.Schemas
	// Why the databases of this project cannot be described; it matters to runs that need one.
	schemaErr error

	life      context.Context // of what is made in advance; it ends when the generation is superseded
	end       context.CancelFunc
	templates preparations
	checks    flights[string]
	layers    flights[*worker.Worker] // by the name of the one before

	migrations migrations

	// Guarded by the pool's mutex.
	members     map[*Member]struct{}
	collections map[string]*collected
	refused     map[string]string    // why databases can't be cloned by alias, as builds have shown
	models      []worker.ModelModule // test modules that define models, as far as runs have met them
	users       int
	retired     bool
	closed      bool
	studies     []study            // of what was built in a hurry
	studying    context.CancelFunc // the study that is on, nil for none
	making      int                // members on their way
	served      bool               // a worker of it has been ready
	primed      bool               // more was loaded into its layer after its first run
	crowded     bool               // a run has needed more connections to a database server than there were
}

// identify names a generation after its inputs, so that the same inputs have the same name.
func identify(report *worker.BootReport, reads []worker.Read) string {
	sum := sha256.New()
	fmt.Fprintln(sum, report.Executable, report.Python, report.Django, report.Settings)
	// Another order makes no other generation.
	reads = slices.SortedFunc(slices.Values(reads), func(a, b worker.Read) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Kind, b.Kind))
	})
	for _, read := range reads {
		fmt.Fprintln(sum, read.Path, read.Kind, read.MTime, read.CTime, read.Size, read.Digest)
	}
	for _, name := range slices.Sorted(maps.Keys(report.Environment)) {
		fmt.Fprintln(sum, name+"="+report.Environment[name])
	}
	return hex.EncodeToString(sum.Sum(nil))[:8]
}

// reads is all that a worker of this generation inherits.
func (g *Generation) reads() []worker.Read {
	own := g.booted
	if layer := g.layer.Load(); layer != nil {
		own = layer.Reads() // grows when more is primed
	}
	if g.base == nil {
		return own
	}
	return slices.Concat(g.base.Reads(), own)
}

func (g *Generation) filesRead() int { return len(g.reads()) }

// stale returns why no worker of the generation may run a test any more, nil when all may.
func (g *Generation) stale(disk *Disk) *runner.Cause { return disk.Stale(g.reads()) }

// leaders lists the databases behind some aliases, each once: aliases share and mirror them.
func (g *Generation) leaders(aliases []string) ([]worker.Schema, error) {
	if g.schemaErr != nil {
		return nil, g.schemaErr
	}
	wanted := make(map[string]bool)
	for _, alias := range aliases {
		if target, mirrors := g.schemas.Mirrors[alias]; mirrors {
			alias = target
		}
		wanted[alias] = true
	}
	var leading []worker.Schema
	for _, schema := range g.schemas.Schemas {
		for _, alias := range schema.Aliases {
			if wanted[alias] {
				leading = append(leading, schema)
				break
			}
		}
	}
	return leading, nil
}

// Unclonable says why the databases behind some aliases cannot be cloned, "" when they can.
func (g *Generation) Unclonable(aliases []string) string {
	for _, known := range g.Report.Aliases {
		if why := g.unclonable(known); why != "" && slices.Contains(aliases, known.Alias) {
			return fmt.Sprintf("database %q: %s", known.Alias, why)
		}
	}
	return ""
}

// unclonable says why a database cannot be cloned, as the boot or a build has shown.
func (g *Generation) unclonable(known worker.Alias) string {
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	return cmp.Or(known.Clonable, g.refused[known.Alias])
}

// StepsDown reports whether an error is the refusal of a build to make databases that can be cloned.
// The generation counts them among those that can't be from then on.
func StepsDown(err error) bool {
	var refused *worker.Refusal
	return errors.As(err, &refused) && refused.Rung == worker.Own
}

// refuse notes that databases cannot be cloned, because a build was refused.
func (g *Generation) refuse(schemas []worker.Schema, err error) {
	var refused *worker.Refusal
	if !errors.As(err, &refused) {
		return
	}
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	for _, schema := range schemas {
		for _, alias := range schema.Aliases {
			g.refused[alias] = refused.Message
		}
	}
}

// Check runs the project's system checks once for a set of aliases; it returns their
// complaint, "" for none.
func (g *Generation) Check(ctx context.Context, m *Member, aliases []string) (string, error) {
	for {
		ours := false
		complaint, err := g.checks.get(ctx, &g.pool.tasks, strings.Join(aliases, "\x00"), func() (string, error) {
			ours = true
			return m.Worker.Check(ctx, aliases)
		})
		if err == nil || ctx.Err() != nil || ours { // ours is to be read only once the checks have ended
			return complaint, err
		}
		// Another run made them and has given up, or lost its worker.
	}
}

// unused reports whether no run uses the generation.
func (g *Generation) unused() bool {
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	return g.users == 0
}

// Release ends a run's use of the generation.
func (g *Generation) Release() {
	p := g.pool
	p.mu.Lock()
	g.users--
	last := g.retired && g.users == 0
	p.mu.Unlock()
	if last {
		p.tasks.Go(func() { g.close() })
		return
	}
	g.refill()
	p.considerBase(g)
	p.considerStudy(g)
}

// retire makes the generation end with its last user.
func (g *Generation) retire() {
	p := g.pool
	p.mu.Lock()
	first := !g.retired
	g.retired = true
	unused := g.users == 0
	p.mu.Unlock()
	g.end()
	g.templates.retire()
	if first && unused {
		p.tasks.Go(func() { g.close() })
	} else if first {
		g.dropIdle()
	}
}

// dropIdle ends the members that nobody uses.
func (g *Generation) dropIdle() { g.drop(g.idle()) }

// dropUnprimed ends those that lack what has just been primed, but for those that have loaded tests,
// and with them most of what these import.
func (g *Generation) dropUnprimed() {
	g.drop(g.takeOut(func(m *Member) bool { return m.loaded == nil }))
}

func (g *Generation) drop(members []*Member) {
	for _, m := range members {
		g.pool.tasks.Go(func() { m.discard(context.Background()) })
	}
}

// idle takes all ready members out of use.
func (g *Generation) idle() []*Member { return g.takeOut(func(*Member) bool { return true }) }

// takeOut takes those ready members out of use that are meant.
func (g *Generation) takeOut(meant func(*Member) bool) []*Member {
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	var idle []*Member
	for m := range g.members {
		if m.state == Ready && meant(m) {
			m.stepLocked(Draining)
			idle = append(idle, m)
		}
	}
	return idle
}

// Learn keeps modules from outside the project that tests have imported, so that workers to
// come have them already. A layer without a base gets with the first that a base would have prepared.
func (g *Generation) Learn(modules []string) {
	p := g.pool
	p.mu.Lock()
	first := g.base == nil && !g.primed
	g.primed = true
	news := slices.DeleteFunc(slices.Clone(modules), func(name string) bool {
		return slices.Contains(p.learned, name) || slices.Contains(p.unlearned, name)
	})
	p.learned = append(p.learned, news...)
	p.mu.Unlock()
	layer := g.layer.Load()
	if len(news) == 0 && !first || layer == nil {
		return
	}
	p.tasks.Go(func() {
		unsafe, err := layer.Prime(p.ctx, news)
		if err != nil || unsafe != "" {
			p.log.Info("importing in advance does no good", "modules", news, "unsafe", unsafe, "err", err)
			p.forgetLearned()
			p.Restart("the process that workers are forked from has imported what tests need, and cannot be forked any more")
			return
		}
		g.dropUnprimed()
		g.refill()
	})
}

func (g *Generation) close() {
	for _, m := range g.idle() {
		m.discard(context.Background())
	}
	g.pool.mu.Lock()
	g.closed = true
	layer := g.layer.Load()
	g.pool.mu.Unlock()
	if layer != nil {
		g.tearDown(layer)
		layer.Discard()
	}
	g.forgetMigrations()
	g.pool.giveBack(g.base)
}

// tearDown lets the project's runner undo, before a process goes, what it set up in it when the
// process booted. Forks have nothing of their own to undo.
func (g *Generation) tearDown(w *worker.Worker) {
	if g.Report == nil || !g.Report.TearsDown {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), tearDownPatience)
	defer cancel()
	if err := w.TearDown(ctx); err != nil && !worker.IsDied(err) {
		g.pool.log.Info("tearing the test environment down", "worker", w.Name, "err", err)
	}
}

// tearDownPatience is how long a process may take to undo its set-up before it is killed.
const tearDownPatience = 5 * time.Second
