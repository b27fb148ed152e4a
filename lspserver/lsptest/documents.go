package lsptest

import (
	"os"
	"path/filepath"
	"strings"

	"go.lsp.dev/uri"
)

// document is an open buffer.
type document struct {
	uri     string
	version int
	text    string
}

// URI is that of a file, named by its path or by its URI.
func (e *Editor) URI(file string) string {
	if strings.Contains(file, "://") || strings.HasPrefix(file, "untitled:") {
		return key(file)
	}
	return string(uri.File(file))
}

// Open opens a buffer.
func (e *Editor) Open(file, text string) {
	e.t.Helper()
	d := &document{uri: e.URI(file), version: 1, text: text}
	if e.documents[d.uri] != nil {
		e.t.Fatalf("%s is open already", d.uri)
	}
	e.documents[d.uri] = d
	if e.Offers("textDocument/didOpen") {
		e.Notify("textDocument/didOpen", tree{"textDocument": tree{
			"uri": d.uri, "languageId": "python", "version": d.version, "text": text,
		}})
	}
}

// Text is what an open buffer holds.
func (e *Editor) Text(file string) string { return e.document(file).text }

func (e *Editor) document(file string) *document {
	e.t.Helper()
	d := e.documents[e.URI(file)]
	if d == nil {
		e.t.Fatalf("%s is not open", file)
	}
	return d
}

// Edit puts a text in place of a range, in the session's encoding.
type Edit struct {
	Range Range
	Text  string
}

// Change applies edits, each to what the one before it made. Where the server only takes
// whole texts, it gets that.
func (e *Editor) Change(file string, edits ...Edit) {
	e.t.Helper()
	d := e.document(file)
	changes := make([]tree, len(edits))
	for i, edit := range edits {
		from, to := offsetOf(d.text, edit.Range.Start, e.encoding), offsetOf(d.text, edit.Range.End, e.encoding)
		d.text = d.text[:from] + edit.Text + d.text[to:]
		changes[i] = tree{"range": edit.Range, "text": edit.Text}
	}
	if !e.incremental() {
		changes = []tree{{"text": d.text}}
	}
	e.sendChange(d, changes)
}

// SetText replaces the whole text.
func (e *Editor) SetText(file, text string) {
	e.t.Helper()
	d := e.document(file)
	d.text = text
	e.sendChange(d, []tree{{"text": text}})
}

// Replace changes the first occurrence of a text.
func (e *Editor) Replace(file, old, text string) {
	e.t.Helper()
	e.Change(file, Edit{Range: e.Find(file, old), Text: text})
}

// Find is the range of the first occurrence of a text in an open buffer.
func (e *Editor) Find(file, text string) Range {
	e.t.Helper()
	d := e.document(file)
	at := strings.Index(d.text, text)
	if at < 0 {
		e.t.Fatalf("%q is not in %s", text, file)
	}
	return Range{positionOf(d.text, at, e.encoding), positionOf(d.text, at+len(text), e.encoding)}
}

func (e *Editor) incremental() bool {
	kind := e.Server("textDocumentSync")
	if options, ok := kind.(tree); ok {
		kind = options["change"]
	}
	return kind == float64(2)
}

func (e *Editor) sendChange(d *document, changes []tree) {
	e.t.Helper()
	d.version++
	if e.Offers("textDocument/didChange") {
		e.Notify("textDocument/didChange", tree{
			"textDocument": tree{"uri": d.uri, "version": d.version}, "contentChanges": changes,
		})
	}
}

// Save writes an open buffer to its file, if the directory exists, and tells the server as
// far as it wants to be told. The change on disk is for [Editor.DiskChanged] to tell.
func (e *Editor) Save(file string) {
	e.t.Helper()
	d := e.document(file)
	if path := uri.URI(d.uri).FsPath(); strings.HasPrefix(d.uri, "file:") && exists(filepath.Dir(path)) {
		if err := os.WriteFile(path, []byte(d.text), 0o644); err != nil {
			e.t.Fatal(err)
		}
	}
	if !e.Offers("textDocument/didSave") {
		return
	}
	params := tree{"textDocument": tree{"uri": d.uri}}
	if e.Server("textDocumentSync.save.includeText") == true {
		params["text"] = d.text
	}
	e.Notify("textDocument/didSave", params)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Close closes a buffer. The end of the session is [Editor.Quit].
func (e *Editor) Close(file string) {
	e.t.Helper()
	d := e.document(file)
	delete(e.documents, d.uri)
	if e.Offers("textDocument/didClose") {
		e.Notify("textDocument/didClose", tree{"textDocument": tree{"uri": d.uri}})
	}
}

// What happened to a file on disk.
const (
	FileCreated = 1
	FileChanged = 2
	FileDeleted = 3
)

// DiskChanged tells the server of changes on disk, if it has registered for any. Its
// patterns are not looked at.
func (e *Editor) DiskChanged(what int, files ...string) {
	e.t.Helper()
	changes := make([]tree, len(files))
	for i, file := range files {
		changes[i] = tree{"uri": e.URI(file), "type": what}
	}
	if e.Offers("workspace/didChangeWatchedFiles") {
		e.Notify("workspace/didChangeWatchedFiles", tree{"changes": changes})
	}
}
