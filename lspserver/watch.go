package lspserver

import (
	"context"
	"slices"
	"sync"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/project"
)

// watching are the files whose tests run at every save.
type watching struct {
	mu    sync.Mutex
	files []string
	runs  map[string]context.CancelFunc // the latest of each project, by its key
}

func (w *watching) has(path string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(w.files, path)
}

// set switches a file on or off.
func (w *watching) set(path string, on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.files = slices.DeleteFunc(w.files, func(each string) bool { return each == path })
	if on {
		w.files = append(w.files, path)
	}
}

func (w *watching) list() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.files)
}

// supersede cancels the run of an earlier save.
func (w *watching) supersede(key string, cancel context.CancelFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if earlier := w.runs[key]; earlier != nil {
		earlier()
	}
	if w.runs == nil {
		w.runs = make(map[string]context.CancelFunc)
	}
	w.runs[key] = cancel
}

// runWatched runs the tests of the watched files of a project. Nobody has clicked: nobody is asked
// for trust.
func (c *connection) runWatched(p *project.Project) {
	var ids []runner.TestID
	for _, file := range c.watching.list() {
		if items := p.Tests.File(file); len(items) > 0 {
			ids = append(ids, items[0].ID)
		}
	}
	if len(ids) == 0 || !c.isTrusted() {
		return
	}
	ctx, cancel := context.WithCancel(c.session.Context())
	c.watching.supersede(p.Key, cancel)
	c.tasks.Go(func() {
		defer cancel()
		finished, err := c.perform(ctx, afterSave(ids), nil, nil)
		if err != nil && ctx.Err() == nil {
			c.log.Warn("running what is watched", "err", err)
		}
		// A file is away for a moment while it is written, and most saves change no test that is watched.
		if finished.Outcome != runner.NothingSelected {
			c.report(finished)
		}
	})
}

// afterSave is what a save has run: the tests of the watched files that it can have changed, what
// failed last first.
func afterSave(ids []runner.TestID) wire.RunParams {
	return wire.RunParams{Select: wire.Select{IDs: ids, Affected: runner.SinceLastRun}, BadFirst: true}
}

// toggleWatch switches a file on or off; on, its tests run at once.
func (c *connection) toggleWatch(ctx context.Context, t commandTarget, _ protocol.ProgressToken) (any, error) {
	path, err := c.path(string(t.URI))
	if err != nil {
		return nil, session.InvalidParams("hotclub.toggleWatch: %v", err)
	}
	if c.watching.has(path) {
		return c.setWatch(path, false), nil
	}
	if err := c.askTrust(ctx); err != nil {
		return nil, err
	}
	owner, err := c.space.around(path)
	if err != nil {
		return nil, err
	}
	defer c.runWatched(owner)
	return c.setWatch(path, true), nil
}

// watch answers hotclub/watch.
func (c *connection) watch(_ context.Context, p wire.WatchParams) (any, error) {
	if !c.isTrusted() {
		return nil, errUntrusted
	}
	path, err := c.path(p.URI)
	if err != nil {
		return nil, session.InvalidParams("uri: %v", err)
	}
	return c.setWatch(path, true), nil
}

// unwatch answers hotclub/unwatch.
func (c *connection) unwatch(_ context.Context, p wire.WatchParams) (any, error) {
	path, err := c.path(p.URI)
	if err != nil {
		return nil, session.InvalidParams("uri: %v", err)
	}
	return c.setWatch(path, false), nil
}

func (c *connection) setWatch(path string, on bool) wire.WatchAnswer {
	c.watching.set(path, on)
	c.screen.lenses.again()
	answer := wire.WatchAnswer{URIs: []string{}}
	for _, file := range c.watching.list() {
		answer.URIs = append(answer.URIs, string(c.fileURI(file)))
	}
	return answer
}
