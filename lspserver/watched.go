package lspserver

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"go.lsp.dev/protocol"
)

// configured are the files that decide where a project is and how it is run.
var configured = []string{"manage.py", "pyproject.toml", "hotclub.toml", "setup.cfg", "pytest.ini", "tox.ini"}

// Initialized begins what needs the client to answer.
func (c *connection) Initialized(context.Context, *protocol.InitializedParams) error {
	c.tasks.Go(c.register)
	c.tasks.inTurn(c.pullConfiguration)
	c.tasks.inTurn(func() { c.space.visit(false) })
	return nil
}

// register has the editor tell of files that change beside its buffers, and of its settings.
func (c *connection) register() {
	var wanted []protocol.Registration
	add := func(id, method string, options any) {
		data, err := protocol.Marshal(options)
		if err != nil {
			c.log.Error("cannot be encoded", "method", method, "err", err)
			return
		}
		wanted = append(wanted, protocol.Registration{ID: id, Method: method, RegisterOptions: data})
	}
	if c.registersWatchers {
		add("hotclub-watched-files", protocol.MethodWorkspaceDidChangeWatchedFiles, watchers())
	}
	if c.registersSettings {
		add("hotclub-settings", protocol.MethodWorkspaceDidChangeConfiguration,
			protocol.DidChangeConfigurationRegistrationOptions{Section: protocol.String(section)})
	}
	if len(wanted) == 0 {
		return
	}
	err := c.session.Client.RegisterCapability(c.session.Context(), &protocol.RegistrationParams{Registrations: wanted})
	if err != nil && c.session.Context().Err() == nil {
		c.log.Warn("the client does not tell of files and settings", "err", err)
	}
}

func watchers() (options protocol.DidChangeWatchedFilesRegistrationOptions) {
	for _, pattern := range append([]string{"*.py"}, configured[1:]...) {
		options.Watchers = append(options.Watchers, protocol.FileSystemWatcher{GlobPattern: protocol.Pattern("**/" + pattern)})
	}
	return options
}

// DidChangeWatchedFiles looks at files that have changed on the disk.
func (c *connection) DidChangeWatchedFiles(_ context.Context, p *protocol.DidChangeWatchedFilesParams) error {
	var paths []string
	for _, change := range p.Changes {
		if path := c.pathOf(change.URI); path != "" {
			paths = append(paths, path)
		}
	}
	c.saved(paths, nil)
	return nil
}

// saved looks at files again, in the background. One of them may be known to have the text of a
// buffer.
func (c *connection) saved(paths []string, d *document) {
	if d != nil {
		c.tasks.inTurn(func() { d.saved.save(d) })
	}
	c.changes.add(paths)
}

// changes are paths that wait to be looked at.
type changes struct {
	look  func(paths []string)
	tasks *background

	mu    sync.Mutex
	paths map[string]bool
	seen  map[string]stamp // of the latest look
}

// stamp is what tells one state of a file from another. A save is often told twice, by the editor's
// buffer and by its watcher.
type stamp struct {
	size     int64
	modified time.Time
}

func stampOf(path string) (s stamp) {
	if info, err := os.Stat(path); err == nil {
		s = stamp{info.Size(), info.ModTime()}
	}
	return s
}

func (ch *changes) add(paths []string) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	if len(ch.paths) == 0 && len(paths) > 0 {
		ch.tasks.inTurn(ch.work)
	}
	if ch.paths == nil {
		ch.paths = make(map[string]bool)
	}
	for _, path := range paths {
		ch.paths[path] = true
	}
}

// work looks at all that has come until it is its turn.
func (ch *changes) work() {
	ch.mu.Lock()
	paths := slices.Sorted(maps.Keys(ch.paths))
	ch.paths = nil
	ch.mu.Unlock()
	if paths = slices.DeleteFunc(paths, ch.known); len(paths) > 0 {
		ch.look(paths)
	}
}

// known reports whether a file is as it was when it was looked at. It is only asked by work.
func (ch *changes) known(path string) bool {
	now := stampOf(path)
	was, ok := ch.seen[path]
	if ch.seen == nil {
		ch.seen = make(map[string]stamp)
	}
	ch.seen[path] = now
	return ok && was == now
}

// lookAt tells the projects of files that have changed, and runs what is watched.
func (c *connection) lookAt(paths []string) {
	c.server.Engine.Changed()
	if slices.ContainsFunc(paths, func(path string) bool { return slices.Contains(configured, filepath.Base(path)) }) {
		c.reconfigured()
	}
	for _, path := range paths {
		if d := c.docs.at(path); d != nil && d.onDisk() {
			d.saved.save(d) // written by somebody else, and read by the editor
		}
	}
	for _, p := range c.space.list() {
		inIt := slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return !inside(path, p.Root) })
		if len(inIt) > 0 {
			c.recollecting.saved(p, inIt)
			c.runWatched(p)
		}
	}
	c.screen.lenses.again()
}

// reconfigured finds the projects anew.
func (c *connection) reconfigured() {
	before := c.space.list()
	var dirs []string
	for _, d := range c.docs.list() {
		dirs = append(dirs, filepath.Dir(d.path))
	}
	c.space.visit(true, dirs...)
	c.docs.renew()
	c.screen.lenses.again()
	for _, p := range c.space.list() {
		if slices.Contains(before, p) { // it may be run in another way now
			c.warm(p)
		}
	}
}

// DidChangeWorkspaceFolders follows the folders of the window.
func (c *connection) DidChangeWorkspaceFolders(_ context.Context, p *protocol.DidChangeWorkspaceFoldersParams) error {
	c.space.name(folderPaths(p.Event.Added), folderPaths(p.Event.Removed))
	c.tasks.inTurn(func() {
		c.space.visit(false)
		c.docs.renew()
		c.screen.lenses.again()
	})
	return nil
}
