package bridge

import (
	"slices"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/text"
)

// documents are the open ones, as the editor has them.
type documents struct {
	encoding text.Encoding
	open     map[string]document // by URI, as the editor spells it
	order    []string            // as they were opened
}

type document struct {
	language string
	buffer   *text.Buffer
}

func newDocuments() documents { return documents{open: make(map[string]document)} }

// documentParams is what didOpen, didChange and didClose have, all in one.
type documentParams struct {
	TextDocument struct {
		URI        string `json:"uri"`
		LanguageID string `json:"languageId"`
		Version    int32  `json:"version"`
		Text       string `json:"text"`
	} `json:"textDocument"`
	ContentChanges []struct {
		Range *protocol.Range `json:"range"`
		Text  string          `json:"text"`
	} `json:"contentChanges,omitempty"`
}

func (d *documents) told(m message) {
	var p documentParams
	if !decode(m.params, &p) {
		return
	}
	uri := p.TextDocument.URI
	was, known := d.open[uri]
	switch m.method {
	case protocol.MethodTextDocumentDidOpen:
		if !known {
			d.order = append(d.order, uri)
		}
		d.open[uri] = document{p.TextDocument.LanguageID, text.New(p.TextDocument.Version, p.TextDocument.Text, d.encoding)}
	case protocol.MethodTextDocumentDidChange:
		if next, _, err := was.apply(p); known && err == nil {
			was.buffer = next
			d.open[uri] = was
		}
	case protocol.MethodTextDocumentDidClose:
		delete(d.open, uri)
		d.order = slices.DeleteFunc(d.order, func(u string) bool { return u == uri })
	}
}

func (d document) apply(p documentParams) (*text.Buffer, int, error) {
	if d.buffer == nil {
		return nil, text.Whole, nil
	}
	changes := make([]protocol.TextDocumentContentChangeEvent, len(p.ContentChanges))
	for i, c := range p.ContentChanges {
		if c.Range == nil {
			changes[i] = &protocol.TextDocumentContentChangeWholeDocument{Text: c.Text}
			continue
		}
		changes[i] = &protocol.TextDocumentContentChangePartial{Range: *c.Range, Text: c.Text}
	}
	return d.buffer.Apply(p.TextDocument.Version, changes)
}

// restore opens the documents anew, as they are now.
func (d *documents) restore() (list []message) {
	for _, uri := range d.order {
		var p documentParams
		now := d.open[uri]
		p.TextDocument.URI, p.TextDocument.LanguageID = uri, now.language
		p.TextDocument.Version, p.TextDocument.Text = now.buffer.Version(), now.buffer.Text()
		list = append(list, notification(protocol.MethodTextDocumentDidOpen, p))
	}
	return list
}
