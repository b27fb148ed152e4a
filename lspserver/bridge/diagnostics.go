package bridge

import (
	"encoding/json"
	"slices"

	"go.lsp.dev/protocol"
)

// diagnostics are the files that the editor shows some of, by URI.
type diagnostics struct{ shown []string }

type diagnosticsParams struct {
	URI         string            `json:"uri"`
	Diagnostics []json.RawMessage `json:"diagnostics"`
}

func (d *diagnostics) passed(m message) {
	var params diagnosticsParams
	if !decode(m.params, &params) {
		return
	}
	d.shown = slices.DeleteFunc(d.shown, func(other string) bool { return other == params.URI })
	if len(params.Diagnostics) > 0 {
		d.shown = append(d.shown, params.URI)
	}
}

// lost clears what is shown: the next daemon knows nothing of it, and would never do so.
func (d *diagnostics) lost() (list []message) {
	for _, uri := range d.shown {
		list = append(list, notification(protocol.MethodTextDocumentPublishDiagnostics, diagnosticsParams{uri, []json.RawMessage{}}))
	}
	d.shown = nil
	return list
}
