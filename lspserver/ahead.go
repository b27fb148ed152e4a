package lspserver

import (
	"context"
	"slices"
	"sync"
	"time"

	"hotclub/runner"
)

// afterRefresh is how long questions for lenses may come because the editor was told to ask again:
// they do not tell what a person looks at.
const afterRefresh = time.Second

// ahead has the test module that a person works on loaded in a ready worker before it is asked for.
// LSP tells of no focus: the document that was last opened, edited, saved, run or asked about is
// taken for it.
type ahead struct {
	c *connection

	mu        sync.Mutex
	active    string // path of that document
	later     bool   // it is worth asking again when workers change
	stirs     int    // how often they have
	refreshed time.Time
	timer     *time.Timer
	cancel    context.CancelFunc // of what goes on; nil for nothing
	ended     bool
}

// wish says that a person works on a document.
func (a *ahead) wish(path string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if path != "" && !a.ended {
		a.active = path
		a.soonLocked()
	}
}

// looked is wish for a document whose lenses or tests were asked for.
func (a *ahead) looked(path string) {
	a.mu.Lock()
	told := time.Since(a.refreshed) < afterRefresh
	a.mu.Unlock()
	if !told {
		a.wish(path)
	}
}

// refresh notes that the editor is told to ask for lenses again.
func (a *ahead) refresh() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refreshed = time.Now()
}

// again looks once more whether the module is loaded.
func (a *ahead) again() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.active != "" && !a.ended {
		a.soonLocked()
	}
}

// stirred looks once more when workers have changed, if that is waited for.
func (a *ahead) stirred() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stirs++
	if a.later && !a.ended {
		a.soonLocked()
	}
}

func (a *ahead) soonLocked() {
	if a.timer == nil {
		a.timer = time.AfterFunc(quiet, a.begin)
	} else {
		a.timer.Reset(quiet)
	}
}

// begin drops what goes on for what is wished now.
func (a *ahead) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return
	}
	if a.cancel != nil {
		a.cancel()
	}
	ctx, cancel := context.WithCancel(a.c.session.Context())
	a.cancel, a.later = cancel, false
	path := a.active
	a.c.tasks.Go(func() {
		defer cancel()
		a.load(ctx, path)
	})
}

// load asks for the module of a file, if it is one of tests that may be started.
func (a *ahead) load(ctx context.Context, path string) {
	if !a.c.isTrusted() {
		return
	}
	p, err := a.c.space.around(path)
	if err != nil {
		return // it belongs to no project
	}
	items := p.Tests.File(path)
	if len(items) == 0 || items[0].Label == "" || items[0].Error != nil || !slices.ContainsFunc(items, testItem) {
		return
	}
	client, overrides := a.c.clientFor(p)
	a.mu.Lock()
	before := a.stirs
	a.mu.Unlock()
	later, err := a.c.server.Engine.Anticipate(ctx, client, overrides, items[0].Label)
	if err != nil {
		a.c.log.Info("nothing is loaded in advance", "module", items[0].Label, "err", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if ctx.Err() != nil {
		return // another has begun
	}
	a.later = later
	if later && a.stirs != before && !a.ended {
		a.soonLocked() // they may have changed behind the answer
	}
}

func testItem(item runner.Item) bool { return isTest(&item) }

// hear loads the module again where a new generation is ready.
func (a *ahead) hear(news poolNews) {
	if news.change.Kind == runner.WorkersReady {
		a.again()
	}
}

// heard loads it again after a run, which has taken the worker that had it.
func (a *ahead) heard(e runner.Event) {
	if _, ends := e.(runner.RunFinished); ends {
		a.again()
	}
}

// end forgets what is wished.
func (a *ahead) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	if a.timer != nil {
		a.timer.Stop()
	}
	if a.cancel != nil {
		a.cancel()
	}
}
