package lspserver

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"hotclub/lspserver/session"
	"hotclub/lspserver/text"
	"hotclub/runner"
	"hotclub/runner/project"
)

// documents are the open buffers of an editor.
type documents struct {
	around func(path string) (*project.Project, error)

	mu   sync.Mutex
	open map[uri.URI]*document
}

// document is one version of an open buffer; the next version is another document. What is known
// of it beyond its text is worked out when it is first asked for, by whoever asks: to take an edit
// costs nothing but the edit.
type document struct {
	uri    uri.URI
	path   string // real; "" for what is no file
	buffer *text.Buffer
	edited int         // offset at which the last edit ended, or text.Whole
	saved  *savedTexts // of all versions

	renewals int                     // how often it was prepared for what has become known beside it
	project  func() *project.Project // nil for a file outside of any; may look at the disk
	items    func() []runner.Item    // of this text
}

func (ds *documents) opened(u uri.URI, path string, buffer *text.Buffer) *document {
	d := &document{uri: u, path: path, buffer: buffer, edited: text.Whole}
	ds.anew(d)
	d.saved = newSavedTexts(d)
	return d
}

// changed puts the next version in the place of the one that is there now: the buffer may have been
// renewed since it was read for the edit. It is nil for one that is not open.
func (ds *documents) changed(u uri.URI, buffer *text.Buffer, edited int) *document {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	d := ds.open[u]
	if d == nil {
		return nil
	}
	next := d.with(buffer, edited)
	ds.open[u] = next
	return next
}

// with is the document with another text.
func (d *document) with(buffer *text.Buffer, edited int) *document {
	next := *d
	next.buffer, next.edited = buffer, edited
	next.items = sync.OnceValue(next.discover)
	return &next
}

// anew prepares a document for the questions that it was not asked yet.
func (ds *documents) anew(d *document) {
	d.project = sync.OnceValue(func() *project.Project {
		if d.path == "" {
			return nil
		}
		p, _ := ds.around(d.path) // outside of any project there is nothing to show
		return p
	})
	d.items = sync.OnceValue(d.discover)
}

func (d *document) discover() []runner.Item {
	p := d.project()
	if p == nil {
		return nil
	}
	return p.Tests.Text(d.path, []byte(d.buffer.Text()), d.edited)
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
		if d.path == path && path != "" {
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

// renew lets every buffer be looked at anew: other files, or the projects, have changed.
func (ds *documents) renew() {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	for u, d := range ds.open {
		next := *d
		next.renewals++
		ds.anew(&next)
		ds.open[u] = &next
	}
}

// list is every buffer that is a file.
func (ds *documents) list() []*document {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	all := slices.SortedFunc(maps.Values(ds.open), func(a, b *document) int { return strings.Compare(string(a.uri), string(b.uri)) })
	return slices.DeleteFunc(all, func(d *document) bool { return d.path == "" })
}

// unsaved are the URIs of the buffers whose text is not what is on the disk.
func unsaved(list []*document) []string {
	uris := []string{}
	for _, d := range list {
		if !d.onDisk() {
			uris = append(uris, string(d.uri))
		}
	}
	return uris
}

// onDisk reports whether the file has this text. One in another encoding than UTF-8 can't be held
// against what the editor made of it, and is believed to.
func (d *document) onDisk() bool {
	data, err := os.ReadFile(d.path)
	return err == nil && (!utf8.Valid(data) || strings.TrimPrefix(string(data), "\ufeff") == strings.TrimPrefix(d.buffer.Text(), "\ufeff"))
}

// DidOpen takes a buffer.
func (c *connection) DidOpen(_ context.Context, p *protocol.DidOpenTextDocumentParams) error {
	u := uri.URI(p.TextDocument.URI)
	d := c.docs.opened(u, c.pathOf(u), text.New(p.TextDocument.Version, p.TextDocument.Text, c.encoding))
	c.docs.put(d)
	c.screen.textChanged(d)
	c.ahead.wish(d.path)
	c.tasks.Go(d.saved.look)
	return nil
}

// DidChange takes an edit.
func (c *connection) DidChange(_ context.Context, p *protocol.DidChangeTextDocumentParams) error {
	u := uri.URI(p.TextDocument.URI)
	d := c.docs.get(u)
	if d == nil {
		return notOpen(p.TextDocument.URI)
	}
	buffer, edited, err := d.buffer.Apply(p.TextDocument.Version, p.ContentChanges)
	if err != nil {
		return err
	}
	if next := c.docs.changed(u, buffer, edited); next != nil {
		c.screen.textChanged(next)
		c.ahead.wish(next.path)
	}
	return nil
}

// DidSave looks at the file again, and runs what is watched.
func (c *connection) DidSave(_ context.Context, p *protocol.DidSaveTextDocumentParams) error {
	u := uri.URI(p.TextDocument.URI)
	if path := c.pathOf(u); path != "" {
		c.ahead.wish(path)
		c.saved([]string{path}, c.docs.get(u))
	}
	return nil
}

// DidClose lets a buffer go. What is shown of its failures stands where the file has it.
func (c *connection) DidClose(_ context.Context, p *protocol.DidCloseTextDocumentParams) error {
	u := uri.URI(p.TextDocument.URI)
	if d := c.docs.get(u); d != nil {
		c.docs.drop(u)
		c.screen.textChanged(d)
	}
	return nil
}

// notOpen refuses a request about a document that the client has not opened.
func notOpen(u uri.URI) error {
	return session.InvalidParams("%s is not open: textDocument/didOpen comes first", u)
}
