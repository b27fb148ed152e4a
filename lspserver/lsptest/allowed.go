package lsptest

import (
	"encoding/json"
	"fmt"
	"strings"

	"hotclub/lspserver/lsptest/metamodel"
)

// allowed checks that a message of the server stands on a capability that this editor
// declared: others would answer it with an error, or show a person a message in the log.
func (e *Editor) allowed(f metamodel.Frame) []error {
	switch {
	case f.Kind != metamodel.Request && f.Kind != metamodel.Notification:
		return nil
	case strings.HasPrefix(f.Method, metamodel.Own) && lookup(e.offered, "experimental.hotclub") == nil:
		return []error{fmt.Errorf("%s: to an editor that does not know hotclub/*", f.Method)}
	case f.Method == "client/registerCapability":
		return e.allowedRegistrations(f.Payload)
	case f.Method == "textDocument/publishDiagnostics":
		return e.allowedDiagnostics(f.Payload)
	case f.Kind == metamodel.Request:
		return e.allowedRequest(f.Method)
	}
	return nil
}

func (e *Editor) allowedRequest(method string) []error {
	path, _ := metamodel.LSP().Capabilities(method)
	switch method {
	case "workspace/codeLens/refresh": // the model forgets the last step
		path = "workspace.codeLens.refreshSupport"
	case "window/showMessageRequest": // every editor has it
		return nil
	}
	return e.need(method, path)
}

func (e *Editor) need(what, path string) []error {
	if path == "" || truthy(lookup(e.offered, path)) {
		return nil
	}
	return []error{fmt.Errorf("%s: the editor did not offer %s", what, path)}
}

func (e *Editor) allowedRegistrations(params json.RawMessage) (errs []error) {
	var p struct{ Registrations []struct{ Method string } }
	json.Unmarshal(params, &p) // the meta model has looked at it
	for _, r := range p.Registrations {
		path, _ := metamodel.LSP().Capabilities(r.Method)
		if strings.HasPrefix(path, "textDocument.synchronization") {
			path = "textDocument.synchronization"
		}
		if path != "" {
			errs = append(errs, e.need("registration of "+r.Method, path+".dynamicRegistration")...)
		}
	}
	return errs
}

// allowedDiagnostics looks for members that only some editors know.
func (e *Editor) allowedDiagnostics(params json.RawMessage) (errs []error) {
	var p struct {
		Version     *int
		Diagnostics []map[string]json.RawMessage
	}
	json.Unmarshal(params, &p)
	if p.Version != nil {
		errs = append(errs, e.need("version", "textDocument.publishDiagnostics.versionSupport")...)
	}
	for _, d := range p.Diagnostics {
		for member, capability := range map[string]string{
			"relatedInformation": "relatedInformation", "tags": "tagSupport",
			"codeDescription": "codeDescriptionSupport", "data": "dataSupport",
		} {
			if d[member] != nil {
				errs = append(errs, e.need(member, "textDocument.publishDiagnostics."+capability)...)
			}
		}
	}
	return errs
}
