package lsptest

import (
	"encoding/json"

	"hotclub/lspserver/lsptest/metamodel"
)

// answer answers a request of the server at once, before anything else is read, so that
// every test sees the same order of messages.
func (e *Editor) answer(f metamodel.Frame) {
	response := tree{"jsonrpc": "2.0", "id": json.RawMessage(f.ID)}
	switch result := e.reply(f).(type) {
	case error:
		response["error"] = tree{"code": -32603, "message": result.Error()}
	default:
		response["result"] = result
	}
	body, err := json.Marshal(response)
	if err != nil {
		e.t.Errorf("%s: %v", f.Method, err)
		return
	}
	e.write(string(body)) // a server that has left needs no answer
}

func (e *Editor) reply(f metamodel.Frame) any {
	if override, ok := e.options.Answers[f.Method]; ok {
		return override(f.Payload)
	}
	switch f.Method {
	case "window/showDocument":
		return tree{"success": true}
	case "workspace/applyEdit":
		return tree{"applied": true}
	case "workspace/configuration":
		return e.configuration(f.Payload)
	case "workspace/workspaceFolders":
		return e.folders()
	}
	return nil // the refreshes, progress, registrations, and no button of a message pressed
}

func (e *Editor) configuration(params json.RawMessage) any {
	var asked struct{ Items []struct{ Section string } }
	if err := json.Unmarshal(params, &asked); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	values := make([]any, len(asked.Items))
	for i, item := range asked.Items {
		values[i] = e.options.Configuration[item.Section]
	}
	return values
}

// Configure changes a section of the configuration and tells the server, as far as it
// wants to be told.
func (e *Editor) Configure(section string, value any) {
	e.t.Helper()
	e.mu.Lock()
	settings := tree{}
	overlay(settings, e.options.Configuration)
	settings[section] = value
	e.options.Configuration = settings
	e.mu.Unlock()
	if e.Offers("workspace/didChangeConfiguration") {
		e.Notify("workspace/didChangeConfiguration", tree{"settings": nil})
	}
}
