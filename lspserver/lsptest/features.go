package lsptest

import (
	"encoding/json"
	"slices"
)

// Lenses asks for a file's lenses and resolves those that have no command.
func (e *Editor) Lenses(file string) []Lens {
	e.t.Helper()
	var lenses []Lens
	e.into(e.request("textDocument/codeLens", tree{"textDocument": tree{"uri": e.URI(file)}}), &lenses)
	for i, lens := range lenses {
		if lens.Command == nil {
			e.into(e.request("codeLens/resolve", lens), &lenses[i])
		}
	}
	return lenses
}

// Hover is the text shown at a position, empty for none.
func (e *Editor) Hover(file string, at Position) string {
	e.t.Helper()
	var hover *struct {
		Contents struct{ Value string } // of MarkupContent; older shapes are not for new servers
	}
	e.into(e.request("textDocument/hover", tree{"textDocument": tree{"uri": e.URI(file)}, "position": at}), &hover)
	if hover == nil {
		return ""
	}
	return hover.Contents.Value
}

// CodeActions asks for the actions at a range, with the file's diagnostics there.
func (e *Editor) CodeActions(file string, at Range, only ...string) []Action {
	e.t.Helper()
	context := tree{"diagnostics": e.diagnosticsAt(file, at), "triggerKind": 1}
	if only != nil {
		context["only"] = only
	}
	var actions []Action
	e.into(e.request("textDocument/codeAction", tree{
		"textDocument": tree{"uri": e.URI(file)}, "range": at, "context": context,
	}), &actions)
	return actions
}

// diagnosticsAt is never nil: LSP wants an array.
func (e *Editor) diagnosticsAt(file string, at Range) []Diagnostic {
	return slices.DeleteFunc(append([]Diagnostic{}, e.Diagnostics(file)...), func(d Diagnostic) bool {
		return d.Range.Start.Line > at.End.Line || d.Range.End.Line < at.Start.Line
	})
}

// Execute has the server carry out a command and waits for its answer, error included.
func (e *Editor) Execute(command string, arguments ...any) Message {
	e.t.Helper()
	return e.Answer(e.StartCommand(command, arguments...))
}

// StartCommand has the server carry out a command and returns the id of the request.
func (e *Editor) StartCommand(command string, arguments ...any) (id int) {
	e.t.Helper()
	if known, _ := e.Server("executeCommandProvider.commands").([]any); !slices.Contains(known, any(command)) {
		e.t.Fatalf("the server does not carry out %s, but %v", command, known)
	}
	params := tree{"command": command}
	if len(arguments) > 0 {
		params["arguments"] = arguments
	}
	return e.Request("workspace/executeCommand", params)
}

// Click does what a click on a lens or an action does: a command of the editor's own is
// carried out here, any other is the server's. It waits for the answer.
func (e *Editor) Click(c *Command) Message {
	e.t.Helper()
	if c == nil {
		e.t.Fatal("there is no command to click on")
		return Message{}
	}
	if own, ok := e.options.Commands[c.Command]; ok {
		own(c.Arguments)
		return Message{}
	}
	arguments := make([]any, len(c.Arguments))
	for i, a := range c.Arguments {
		arguments[i] = a
	}
	return e.Execute(c.Command, arguments...)
}

// ClickOf is the command of a code action, nil for none.
func (a Action) ClickOf() *Command {
	var name string
	if json.Unmarshal(a.Command, &name) == nil && name != "" {
		return nil // a bare Command has its arguments beside it; ask for literals instead
	}
	var c *Command
	if json.Unmarshal(a.Command, &c) != nil {
		return nil
	}
	return c
}

// CancelProgress presses the button of a progress, which must have one.
func (e *Editor) CancelProgress(p Progress) {
	e.t.Helper()
	if !p.Cancellable {
		e.t.Fatalf("%q has no cancel button", p.Title)
	}
	e.Notify("window/workDoneProgress/cancel", tree{"token": json.RawMessage(p.Token)})
}
