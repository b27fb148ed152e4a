package metamodel

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// small has one type of each kind.
const small = `{
	"structures": [
		{"name": "Base", "properties": [{"name": "id", "type": {"kind": "base", "name": "integer"}}]},
		{"name": "Mixin", "properties": [{"name": "note", "optional": true, "type": {"kind": "base", "name": "string"}}]},
		{"name": "Whole", "extends": [{"kind": "reference", "name": "Base"}], "mixins": [{"kind": "reference", "name": "Mixin"}], "properties": [
			{"name": "data", "optional": true, "type": {"kind": "reference", "name": "LSPAny"}},
			{"name": "next", "optional": true, "type": {"kind": "reference", "name": "Whole"}}
		]},
		{"name": "Narrow", "extends": [{"kind": "reference", "name": "Base"}], "properties": [{"name": "id", "type": {"kind": "base", "name": "uinteger"}}]}
	],
	"enumerations": [
		{"name": "Closed", "type": {"kind": "base", "name": "uinteger"}, "values": [{"value": 1}, {"value": 2}]},
		{"name": "Open", "supportsCustomValues": true, "type": {"kind": "base", "name": "string"}, "values": [{"value": "a"}]}
	],
	"typeAliases": [
		{"name": "LSPAny", "type": {"kind": "or", "items": []}},
		{"name": "List", "type": {"kind": "array", "element": {"kind": "reference", "name": "Closed"}}},
		{"name": "Pair", "type": {"kind": "tuple", "items": [{"kind": "base", "name": "uinteger"}, {"kind": "base", "name": "decimal"}]}},
		{"name": "Map", "type": {"kind": "map", "key": {"kind": "base", "name": "DocumentUri"}, "value": {"kind": "base", "name": "boolean"}}},
		{"name": "Or", "type": {"kind": "or", "items": [{"kind": "reference", "name": "Whole"}, {"kind": "base", "name": "string"}, {"kind": "base", "name": "null"}]}},
		{"name": "And", "type": {"kind": "and", "items": [{"kind": "reference", "name": "Base"}, {"kind": "reference", "name": "Mixin"}]}},
		{"name": "Literal", "type": {"kind": "literal", "value": {"properties": [{"name": "kind", "type": {"kind": "stringLiteral", "value": "begin"}}]}}},
		{"name": "Integer", "type": {"kind": "base", "name": "integer"}},
		{"name": "Uinteger", "type": {"kind": "base", "name": "uinteger"}},
		{"name": "Uri", "type": {"kind": "base", "name": "URI"}}
	]
}`

func TestEachKindOfType(t *testing.T) {
	m, err := Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, value, want string }{
		{"Whole", `{"id":1}`, ""},
		{"Whole", `{"id":-2147483648,"note":"x","data":{"anything":[1.5,null]},"next":{"id":2}}`, ""},
		{"Whole", `{"note":"x"}`, "value.id: want integer, got nothing"},
		{"Whole", `{"id":1,"note":null}`, "value.note: want string, got null"},
		{"Whole", `{"id":1,"Note":"x"}`, `value.Note: want no such member of Whole, got "x"`},
		{"Whole", `{"id":1,"next":{"id":2,"next":{"id":"3"}}}`, `value.next.next.id: want integer, got "3"`},
		{"Whole", `[]`, "value: want Whole, got []"},
		{"Narrow", `{"id":-1}`, "value.id: want uinteger, got -1"},
		{"Closed", `2`, ""},
		{"Closed", `3`, "value: want Closed (1, 2), got 3"},
		{"Closed", `"1"`, `value: want Closed (uinteger), got "1"`},
		{"Open", `"b"`, ""},
		{"Open", `1`, "value: want Open (string), got 1"},
		{"List", `[1,2]`, ""},
		{"List", `[1,3]`, "value[1]: want Closed (1, 2), got 3"},
		{"List", `{}`, "value: want Closed[], got {}"},
		{"Pair", `[1,1.5]`, ""},
		{"Pair", `[1]`, "value: want [uinteger, decimal], got [1]"},
		{"Pair", `[1,"x"]`, `value[1]: want decimal, got "x"`},
		{"Map", `{"file:///a":true}`, ""},
		{"Map", `{"/a":true}`, `value["/a"]: want DocumentUri, got "/a"`},
		{"Map", `{"file:///a":1}`, `value["file:///a"]: want boolean, got 1`},
		{"Or", `null`, ""},
		{"Or", `"x"`, ""},
		{"Or", `{"id":"x"}`, `value.id: want integer, got "x"`},
		{"Or", `7`, "value: want Whole | string | null, got 7"},
		{"And", `{"id":1,"note":"x"}`, ""},
		{"And", `{"note":"x"}`, "value.id: want integer, got nothing"},
		{"Literal", `{"kind":"begin"}`, ""},
		{"Literal", `{"kind":"end"}`, `value.kind: want "begin", got "end"`},
		{"Integer", `2147483647`, ""},
		{"Integer", `2147483648`, "value: want integer, got 2147483648"},
		{"Integer", `1.0`, "value: want integer, got 1.0"},
		{"Uinteger", `-1`, "value: want uinteger, got -1"},
		{"Uri", `"untitled:x"`, ""},
		{"Uri", `"file://relative"`, `value: want URI, got "file://relative"`},
	} {
		got := ""
		if err := m.CheckType(c.name, json.RawMessage(c.value)); err != nil {
			got = err.Error()[strings.Index(err.Error(), "value"):]
		}
		if got != c.want {
			t.Errorf("%s %s:\n got %q\nwant %q", c.name, c.value, got, c.want)
		}
	}
}

func TestBrokenModels(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":        `{`,
		"unknown kind":    `{"typeAliases": [{"name": "A", "type": {"kind": "nor"}}]}`,
		"unknown base":    `{"typeAliases": [{"name": "A", "type": {"kind": "base", "name": "float"}}]}`,
		"missing type":    `{"typeAliases": [{"name": "A", "type": {"kind": "reference", "name": "B"}}]}`,
		"endless extends": `{"structures": [{"name": "A", "extends": [{"kind": "reference", "name": "A"}]}]}`,
	} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestTheWholeModelParses(t *testing.T) {
	m := LSP()
	if len(m.requests) != 69 || len(m.notifications) != 26 || len(m.named) < 387+40+22 {
		t.Errorf("%d requests, %d notifications, %d types", len(m.requests), len(m.notifications), len(m.named))
	}
	if client, server := m.Capabilities("textDocument/codeLens"); client != "textDocument.codeLens" || server != "codeLensProvider" {
		t.Errorf("%s %s", client, server)
	}
	// 3.18 has these; the version that the file gives itself is older.
	if m.requests["workspace/textDocumentContent"] == nil || m.requests["workspace/foldingRange/refresh"] == nil {
		t.Error("this is not the model of 3.18")
	}
	// Every shape can look at every kind of value.
	for _, name := range []string{`null`, `true`, `1`, `"x"`, `[]`, `{}`} {
		for of := range m.named {
			m.CheckType(of, json.RawMessage(name))
		}
	}
}

func TestCheck(t *testing.T) {
	position := `{"line":1,"character":2}`
	at := `{"textDocument":{"uri":"file:///a.py"},"position":` + position + `}`
	for _, c := range []struct {
		way                 Direction
		kind                Kind
		name, payload, want string // payload: empty for none; want: the path, empty for no violation
	}{
		{ToServer, Request, "initialize", `{"processId":null,"rootUri":null,"capabilities":{"experimental":{"hotclub":{"version":1}}},"initializationOptions":{"x":1}}`, ""},
		{ToServer, Request, "initialize", `{"processId":null,"rootUri":null,"capabilities":{"textDocument":{"codelens":{}}}}`, "params.capabilities.textDocument.codelens"},
		{ToClient, Response, "initialize", `{"capabilities":{"textDocumentSync":{"change":3}}}`, "result.capabilities.textDocumentSync.change"},
		{ToClient, Response, "initialize", `{"capabilities":{"codeLensProvider":true}}`, "result.capabilities.codeLensProvider"},
		{ToClient, Response, "initialize", `{"capabilities":{"hoverProvider":null}}`, "result.capabilities.hoverProvider"},
		{ToServer, Request, "shutdown", "", ""},
		{ToServer, Request, "shutdown", "{}", "params"},
		{ToClient, Response, "shutdown", "null", ""},
		{ToServer, Request, "textDocument/hover", at, ""},
		{ToServer, Request, "textDocument/hover", "", "params"},
		{ToServer, Notification, "textDocument/hover", at, "method"},
		{ToClient, Request, "textDocument/hover", at, "method"},
		{ToServer, Response, "textDocument/hover", "null", "method"},
		{ToClient, Response, "textDocument/hover", "null", ""},
		{ToClient, Response, "textDocument/hover", `{"contents":{"kind":"markdown","value":"x"}}`, ""},
		{ToClient, Response, "textDocument/hover", `{"contents":{"kind":"html","value":"x"}}`, "result.contents.kind"},
		{ToClient, Response, "textDocument/codeLens", `[{"range":{"start":` + position + `,"end":{"line":1,"character":-1}}}]`, "result[0].range.end.character"},
		{ToServer, Response, "workspace/codeLens/refresh", "null", ""},
		{ToClient, Response, "workspace/codeLens/refresh", "null", "method"},
		{ToClient, Request, "workspace/codeLens/refresh", "", ""},
		{ToServer, Response, "workspace/configuration", `[null,{"a":[]}]`, ""},
		{ToClient, Notification, "textDocument/publishDiagnostics", `{"uri":"/a.py","diagnostics":[]}`, "params.uri"},
		{ToClient, Notification, "textDocument/publishDiagnostics", `{"uri":"file:///a.py","diagnostics":null}`, "params.diagnostics"},
		{ToClient, Notification, "window/showMessage", `{"type":9,"message":"x"}`, "params.type"},
		{ToClient, Notification, "hotclub/testEvents", `{"anything":1}`, ""},
		{ToClient, Notification, "hotclub", `{}`, "method"},
		{ToClient, Error, "textDocument/hover", `{"code":-32803,"message":"no"}`, ""},
		{ToClient, Error, "hotclub/run", `{"code":0,"message":"no"}`, "error.code"},
		{ToClient, Error, "hotclub/run", `{"code":-32602}`, "error.message"},
		{ToClient, Error, "initialize", `{"code":1,"message":"no","data":{"retry":"later"}}`, "error.data.retry"},
		{ToServer, Request, "initialize", `{"processId":`, "params"},
	} {
		var payload json.RawMessage
		if c.payload != "" {
			payload = json.RawMessage(c.payload)
		}
		got := ""
		err := LSP().Check(c.way, c.kind, c.name, payload)
		if v, ok := errors.AsType[*Violation](err); ok {
			got = v.Path
		}
		if got != c.want {
			t.Errorf("%s %s %s %s: want a violation at %q, got %v", c.way, c.kind, c.name, c.payload, c.want, err)
		}
	}
}
