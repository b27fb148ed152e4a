package lspserver

import (
	"context"
	"path/filepath"
	"slices"
	"sync"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// configured are the files that decide where a project is and how it is run.
var configured = []string{"manage.py", "pyproject.toml", "hotclub.toml", "setup.cfg", "pytest.ini", "tox.ini"}

// Initialized begins what needs the client to answer.
func (c *connection) Initialized(context.Context, *protocol.InitializedParams) error {
	c.tasks.Go(c.registerWatchers)
	c.tasks.Go(func() { c.space.enter(c.folders) })
	return nil
}

// registerWatchers has the editor tell of files that change beside its buffers.
func (c *connection) registerWatchers() {
	if !c.registersWatchers {
		return
	}
	var options protocol.DidChangeWatchedFilesRegistrationOptions
	for _, pattern := range append([]string{"*.py"}, configured[1:]...) {
		options.Watchers = append(options.Watchers, protocol.FileSystemWatcher{GlobPattern: protocol.Pattern("**/" + pattern)})
	}
	data, err := protocol.Marshal(options)
	if err == nil {
		err = c.session.Client.RegisterCapability(c.session.Context(), &protocol.RegistrationParams{
			Registrations: []protocol.Registration{{
				ID: "hotclub-watched-files", Method: protocol.MethodWorkspaceDidChangeWatchedFiles, RegisterOptions: data,
			}},
		})
	}
	if err != nil && c.session.Context().Err() == nil {
		c.log.Warn("the client does not watch files", "err", err)
	}
}

// DidChangeWatchedFiles looks at files that have changed on the disk.
func (c *connection) DidChangeWatchedFiles(_ context.Context, p *protocol.DidChangeWatchedFilesParams) error {
	var paths []string
	for _, change := range p.Changes {
		if path := change.URI.FsPath(); change.URI.Scheme() == "file" && path != "" {
			paths = append(paths, path)
		}
	}
	c.saved(paths)
	return nil
}

// saved looks at files again, in the background and in the order of their changes.
func (c *connection) saved(paths []string) {
	if len(paths) == 0 {
		return
	}
	if slices.ContainsFunc(paths, func(path string) bool { return slices.Contains(configured, filepath.Base(path)) }) {
		c.tasks.Go(c.reconfigured)
	}
	c.changes.add(paths)
}

// changes are paths that wait to be looked at.
type changes struct {
	look func(paths []string)

	mu      sync.Mutex
	paths   []string
	looking bool
	tasks   *sync.WaitGroup
}

func (ch *changes) add(paths []string) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	for _, path := range paths {
		if !slices.Contains(ch.paths, path) {
			ch.paths = append(ch.paths, path)
		}
	}
	if !ch.looking {
		ch.looking = true
		ch.tasks.Go(ch.work)
	}
}

func (ch *changes) work() {
	for {
		ch.mu.Lock()
		paths := ch.paths
		ch.paths = nil
		if len(paths) == 0 {
			ch.looking = false
			ch.mu.Unlock()
			return
		}
		ch.mu.Unlock()
		ch.look(paths)
	}
}

// lookAt tells the projects of files that have changed, and runs what is watched.
func (c *connection) lookAt(paths []string) {
	for _, p := range c.space.list() {
		var inIt []string
		for _, path := range paths {
			if inside(path, p.Root) {
				inIt = append(inIt, path)
			}
		}
		if len(inIt) > 0 {
			p.Tests.Saved(inIt...)
		}
	}
	c.runWatched()
}

// reconfigured finds the projects anew.
func (c *connection) reconfigured() {
	c.space.forget()
	c.docs.relocate(c.space.around)
	c.screen.refresh()
}

// DidChangeWorkspaceFolders follows the folders of the window.
func (c *connection) DidChangeWorkspaceFolders(_ context.Context, p *protocol.DidChangeWorkspaceFoldersParams) error {
	added, removed := paths(p.Event.Added), paths(p.Event.Removed)
	c.tasks.Go(func() {
		c.space.leave(removed)
		c.space.enter(added)
		c.docs.relocate(c.space.around)
		c.screen.refresh()
	})
	return nil
}

func paths(folders []protocol.WorkspaceFolder) []string {
	var list []string
	for _, folder := range folders {
		if path := folder.URI.FsPath(); folder.URI.Scheme() == "file" && path != "" {
			list = append(list, path)
		}
	}
	return list
}

// watching are the files whose tests run at every save.
type watching struct {
	mu    sync.Mutex
	files []string
	run   context.CancelFunc // of the latest run, nil for none
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

// runWatched runs the tests of the watched files; a run of an earlier save is superseded.
func (c *connection) runWatched() {
	files := c.watching.list()
	if len(files) == 0 {
		return
	}
	ctx, cancel := context.WithCancel(c.session.Context())
	c.watching.mu.Lock()
	if c.watching.run != nil {
		c.watching.run()
	}
	c.watching.run = cancel
	c.watching.mu.Unlock()
	var ids []runner.TestID
	for _, file := range files {
		if p, err := c.space.around(file); err == nil {
			if items := p.Tests.File(file); len(items) > 0 {
				ids = append(ids, items[0].ID)
			}
		}
	}
	if len(ids) == 0 {
		cancel()
		return
	}
	c.tasks.Go(func() {
		defer cancel()
		if _, err := c.runCommand(ctx, wire.Select{IDs: ids}, nil); err != nil && ctx.Err() == nil {
			c.log.Warn("running what is watched", "err", err)
		}
	})
}

// toggleWatch switches a file on or off.
func (c *connection) toggleWatch(ctx context.Context, t commandTarget, _ protocol.ProgressToken) (any, error) {
	path, err := filePath(string(t.URI))
	if err != nil {
		return nil, session.InvalidParams("hotclub.toggleWatch: %v", err)
	}
	on := !c.watching.has(path)
	if on {
		if err := c.askTrust(ctx); err != nil {
			return nil, err
		}
	}
	c.watching.set(path, on)
	c.screen.refresh()
	if on {
		c.runWatched()
	}
	return c.watchAnswer(), nil
}

func (c *connection) watch(_ context.Context, p wire.WatchParams) (wire.WatchAnswer, error) {
	return c.setWatch(p, true)
}

func (c *connection) unwatch(_ context.Context, p wire.WatchParams) (wire.WatchAnswer, error) {
	return c.setWatch(p, false)
}

func (c *connection) setWatch(p wire.WatchParams, on bool) (wire.WatchAnswer, error) {
	path, err := filePath(p.URI)
	if err != nil {
		return wire.WatchAnswer{}, session.InvalidParams("uri: %v", err)
	}
	c.watching.set(path, on)
	c.screen.refresh()
	return c.watchAnswer(), nil
}

func (c *connection) watchAnswer() wire.WatchAnswer {
	answer := wire.WatchAnswer{URIs: []string{}}
	for _, file := range c.watching.list() {
		answer.URIs = append(answer.URIs, fileURI(file))
	}
	return answer
}
