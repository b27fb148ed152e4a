package lsptest

import (
	"encoding/json"
	"fmt"

	"go.lsp.dev/uri"

	"hotclub/lspserver/lsptest/metamodel"
)

// kept is what the server has published, as an editor would show it.
type kept struct {
	diagnostics map[string][]Diagnostic // by URI
	progress    map[string]*Progress    // by token
	order       []*Progress
	shown       []Note // by window/showMessage and showMessageRequest
	logged      []Note
	documents   []string          // shown by window/showDocument
	registered  map[string]string // method by id
	refreshes   int               // of lenses
}

func newKept() kept {
	return kept{
		diagnostics: make(map[string][]Diagnostic), progress: make(map[string]*Progress), registered: make(map[string]string),
	}
}

// note keeps what a message of the server brings. Its shape has been looked at.
func (k *kept) note(f metamodel.Frame) []error {
	var err error
	switch f.Method {
	case "textDocument/publishDiagnostics":
		err = k.publish(f.Payload)
	case "$/progress":
		err = k.step(f.Payload)
	case "window/showMessage", "window/showMessageRequest":
		err = keep(&k.shown, f.Payload)
	case "window/logMessage":
		err = keep(&k.logged, f.Payload)
	case "workspace/codeLens/refresh":
		k.refreshes++
	case "window/showDocument":
		var p struct{ URI string }
		err = json.Unmarshal(f.Payload, &p)
		k.documents = append(k.documents, p.URI)
	case "client/registerCapability", "client/unregisterCapability":
		return k.register(f.Payload)
	}
	if err != nil {
		return []error{fmt.Errorf("%s: %w", f.Method, err)}
	}
	return nil
}

func keep(list *[]Note, params json.RawMessage) error {
	var n Note
	err := json.Unmarshal(params, &n)
	*list = append(*list, n)
	return err
}

func (k *kept) publish(params json.RawMessage) error {
	var p struct {
		URI         string
		Diagnostics []Diagnostic
	}
	err := json.Unmarshal(params, &p)
	k.diagnostics[key(p.URI)] = p.Diagnostics
	return err
}

func (k *kept) step(params json.RawMessage) error {
	var p struct {
		Token json.RawMessage
		Value struct {
			Kind, Title string
			Message     *string
			Percentage  *int
			Cancellable bool
		}
	}
	if err := json.Unmarshal(params, &p); err != nil || p.Value.Kind == "" {
		return nil // partial results
	}
	at := k.progress[string(p.Token)]
	if at == nil || p.Value.Kind == "begin" {
		at = &Progress{Token: string(p.Token), Title: p.Value.Title}
		k.progress[at.Token] = at
		k.order = append(k.order, at)
	}
	at.Cancellable = p.Value.Cancellable || at.Cancellable && p.Value.Kind != "begin"
	if p.Value.Message != nil {
		at.Messages = append(at.Messages, *p.Value.Message)
	}
	if p.Value.Percentage != nil {
		at.Percentages = append(at.Percentages, *p.Value.Percentage)
	}
	at.Ended = p.Value.Kind == "end"
	return nil
}

func (k *kept) register(params json.RawMessage) (errs []error) {
	type registration struct{ ID, Method string }
	var p struct {
		Registrations    []registration
		Unregisterations []registration // LSP's own spelling
	}
	if err := json.Unmarshal(params, &p); err != nil {
		return []error{err}
	}
	for _, r := range p.Registrations {
		if k.registered[r.ID] != "" {
			errs = append(errs, fmt.Errorf("%s: the registration %q is in use", r.Method, r.ID))
		}
		k.registered[r.ID] = r.Method
	}
	for _, r := range p.Unregisterations {
		if k.registered[r.ID] != r.Method {
			errs = append(errs, fmt.Errorf("%s: no registration %q", r.Method, r.ID))
		}
		delete(k.registered, r.ID)
	}
	return errs
}

// key makes one spelling of all that a URI may have.
func key(text string) string {
	u, err := uri.Parse(text)
	if err != nil {
		return text
	}
	return string(u)
}
