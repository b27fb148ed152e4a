package lspserver

import (
	"context"
	"hash/maphash"
	"os"
	"slices"
	"sync"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"hotclub/lspserver/text"
	"hotclub/runner"
	"hotclub/runner/discover"
	"hotclub/runner/project"
)

// documents are the open buffers of an editor.
type documents struct {
	mu   sync.Mutex
	open map[uri.URI]*document
}

// document is one version of an open buffer; the next version is another document.
type document struct {
	uri     uri.URI
	path    string
	project *project.Project // nil for a file outside of any
	buffer  *text.Buffer
	edited  int // offset at which the last edit ended, or text.Whole
	changed time.Time
	marks   *marks // of all versions

	items func() []runner.Item // of this text, worked out when first asked for
}

// newDocument makes a version; before is the one before it, nil when the buffer is opened.
func newDocument(u uri.URI, p *project.Project, buffer *text.Buffer, edited int, before *document) *document {
	d := &document{uri: u, path: u.FsPath(), project: p, buffer: buffer, edited: edited, changed: time.Now()}
	if before != nil {
		d.marks = before.marks
	} else {
		d.marks = &marks{}
		if info, err := os.Stat(d.path); err == nil {
			d.changed = info.ModTime()
		}
	}
	d.items = sync.OnceValue(d.discover)
	return d
}

func (d *document) discover() []runner.Item {
	if d.project == nil {
		return nil
	}
	return d.project.Tests.Text(d.path, []byte(d.buffer.Text()), d.edited)
}

// again is the same version for another look: the project's other files have changed, or it
// belongs to another project.
func (d *document) again(p *project.Project) *document {
	next := *d
	next.project = p
	next.items = sync.OnceValue(next.discover)
	return &next
}

// since tells when the text of each test became what it is, by label.
func (d *document) since() map[string]time.Time { return d.marks.of(d) }

// marks remember the texts of a buffer's tests from one version to the next.
type marks struct {
	mu      sync.Mutex
	version int32
	known   map[string]mark // by label
}

// mark is the text of a test, and since when it is so.
type mark struct {
	sum   uint64
	since time.Time
}

var seed = maphash.MakeSeed()

func (m *marks) of(d *document) map[string]time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	since := make(map[string]time.Time)
	known := make(map[string]mark)
	for _, item := range d.items() {
		if item.Kind != runner.KindTest && item.Kind != runner.KindCase {
			continue
		}
		now := mark{d.sum(item.Range), d.changed}
		if was, ok := m.known[item.Label]; ok && was.sum == now.sum {
			now.since = was.since
		}
		known[item.Label], since[item.Label] = now, now.since
	}
	if m.known == nil || d.buffer.Version() >= m.version {
		m.known, m.version = known, d.buffer.Version()
	}
	return since
}

func (d *document) sum(lines runner.Lines) uint64 {
	from := d.buffer.Offset(protocol.Position{Line: uint32(lines.First)})
	to := d.buffer.Offset(protocol.Position{Line: uint32(lines.Last + 1)})
	return maphash.String(seed, d.buffer.Text()[from:to])
}

// get is the current version of a buffer, nil for one that is not open.
func (ds *documents) get(u uri.URI) *document {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	return ds.open[u]
}

// at is the buffer of a file.
func (ds *documents) at(path string) *document {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	for _, d := range ds.open {
		if d.path == path {
			return d
		}
	}
	return nil
}

func (ds *documents) put(d *document) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	if ds.open == nil {
		ds.open = make(map[uri.URI]*document)
	}
	ds.open[d.uri] = d
}

func (ds *documents) drop(u uri.URI) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	delete(ds.open, u)
}

// rediscover lets every buffer of a project be looked at anew.
func (ds *documents) rediscover(key string) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	for u, d := range ds.open {
		if d.project != nil && d.project.Key == key {
			ds.open[u] = d.again(d.project)
		}
	}
}

// relocate finds the project of every buffer anew.
func (ds *documents) relocate(around func(path string) (*project.Project, error)) {
	ds.mu.Lock()
	all := make([]*document, 0, len(ds.open))
	for _, d := range ds.open {
		all = append(all, d)
	}
	ds.mu.Unlock()
	for _, d := range all {
		p, _ := around(d.path)
		ds.put(d.again(p))
	}
}

// unsaved lists the buffers whose text is not what is on the disk.
func (ds *documents) unsaved() []*document {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	var dirty []*document
	for _, d := range ds.open {
		if data, err := os.ReadFile(d.path); err != nil || string(data) != d.buffer.Text() {
			dirty = append(dirty, d)
		}
	}
	slices.SortFunc(dirty, func(a, b *document) int { return a.changed.Compare(b.changed) })
	return dirty
}

func uris(list []*document) []string {
	all := make([]string, len(list))
	for i, d := range list {
		all[i] = string(d.uri)
	}
	return all
}

// DidOpen takes a buffer.
func (c *connection) DidOpen(_ context.Context, p *protocol.DidOpenTextDocumentParams) error {
	u := uri.URI(p.TextDocument.URI)
	var owner *project.Project
	if path := u.FsPath(); u.Scheme() == "file" && path != "" {
		owner, _ = c.space.around(path) // outside of any project there is nothing to show
	}
	buffer := text.New(p.TextDocument.Version, p.TextDocument.Text, c.encoding)
	c.docs.put(newDocument(u, owner, buffer, text.Whole, nil))
	return nil
}

// DidChange takes an edit.
func (c *connection) DidChange(_ context.Context, p *protocol.DidChangeTextDocumentParams) error {
	d := c.docs.get(uri.URI(p.TextDocument.URI))
	if d == nil {
		return notOpen(p.TextDocument.URI)
	}
	buffer, edited, err := d.buffer.Apply(p.TextDocument.Version, p.ContentChanges)
	if err != nil {
		return err
	}
	next := newDocument(d.uri, d.project, buffer, edited, d)
	c.docs.put(next)
	c.screen.textChanged(next)
	return nil
}

// DidSave looks at the file again, and runs what is watched.
func (c *connection) DidSave(_ context.Context, p *protocol.DidSaveTextDocumentParams) error {
	u := uri.URI(p.TextDocument.URI)
	c.saved([]string{u.FsPath()})
	return nil
}

// DidClose lets a buffer go.
func (c *connection) DidClose(_ context.Context, p *protocol.DidCloseTextDocumentParams) error {
	c.docs.drop(uri.URI(p.TextDocument.URI))
	return nil
}

// testsChanged passes on what has become different in a project's tree of tests.
func (c *connection) testsChanged(p *project.Project, change discover.Change) {
	c.docs.rediscover(p.Key)
	c.screen.testsChanged(p, change)
	c.tellTests(p, change)
}
