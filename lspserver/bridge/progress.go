package bridge

import (
	"encoding/json"
	"slices"

	"go.lsp.dev/protocol"
)

// progress are the tokens of which the editor has seen the begin and not the end, as JSON.
type progress struct{ open []string }

type progressParams struct {
	Token json.RawMessage `json:"token"`
	Value struct {
		Kind    string `json:"kind"`
		Message string `json:"message,omitempty"`
	} `json:"value"`
}

func (p *progress) passed(m message) {
	var params progressParams
	if !decode(m.params, &params) {
		return // a partial result, which may have any shape
	}
	token := spelling(params.Token)
	switch params.Value.Kind {
	case "begin":
		p.open = append(p.open, token)
	case "end":
		p.open = slices.DeleteFunc(p.open, func(other string) bool { return other == token })
	}
}

// lost ends what is open.
func (p *progress) lost() (list []message) {
	for _, token := range p.open {
		params := progressParams{Token: json.RawMessage(token)}
		params.Value.Kind, params.Value.Message = "end", "the hotclub daemon ended"
		list = append(list, notification(protocol.MethodProgress, params))
	}
	p.open = nil
	return list
}
