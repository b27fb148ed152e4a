package lsptest

import (
	"maps"
	"slices"
	"strings"

	"go.lsp.dev/uri"

	"hotclub/lspserver/lsptest/metamodel"
)

// tree is JSON's object.
type tree = map[string]any

// modern is what an editor of today can do, as far as it matters to this server.
func modern() tree {
	return tree{
		"workspace": tree{
			"configuration": true, "workspaceFolders": true,
			"codeLens": tree{"refreshSupport": true}, "diagnostics": tree{"refreshSupport": true},
			"didChangeConfiguration": tree{"dynamicRegistration": true},
			"didChangeWatchedFiles":  tree{"dynamicRegistration": true, "relativePatternSupport": true},
		},
		"textDocument": tree{
			"synchronization": tree{"didSave": true},
			"codeLens":        tree{"resolveSupport": tree{"properties": []string{"command"}}},
			"hover":           tree{"contentFormat": []string{"markdown", "plaintext"}},
			"codeAction": tree{"codeActionLiteralSupport": tree{"codeActionKind": tree{
				"valueSet": []string{"", "quickfix", "refactor", "source"},
			}}},
			"publishDiagnostics": tree{
				"relatedInformation": true, "versionSupport": true, "codeDescriptionSupport": true, "dataSupport": true,
				"tagSupport": tree{"valueSet": []int{1, 2}},
			},
		},
		"window": tree{"workDoneProgress": true, "showDocument": tree{"support": true}},
	}
}

// capabilities are what the options make of a modern editor.
func (o Options) capabilities() tree {
	offered := modern()
	encodings := o.Encodings
	if encodings == nil {
		encodings = []string{"utf-8", "utf-16"}
	}
	offered["general"] = tree{"positionEncodings": encodings}
	if !o.Plain {
		commands := slices.Sorted(maps.Keys(o.Commands))
		hotclub := tree{"version": 1, "runEvents": "own", "output": "stream", "lenses": "on", "maxEventBatchMs": -1}
		if commands != nil {
			hotclub["commands"] = commands
		}
		overlay(hotclub, o.Hotclub)
		offered["experimental"] = tree{"hotclub": hotclub}
	}
	overlay(offered, o.Capabilities)
	return offered
}

// overlay lays the members of one object over another's.
func overlay(under, over tree) {
	for name, value := range over {
		below, deep := under[name].(tree)
		above, too := value.(tree)
		switch {
		case value == nil:
			delete(under, name)
		case deep && too:
			overlay(below, above)
		default:
			under[name] = value
		}
	}
}

func (e *Editor) initialize() {
	e.t.Helper()
	name := e.options.Name
	if name == "" {
		name = "test"
	}
	hello := tree{
		"processId": nil, "rootUri": nil, "capabilities": e.offered,
		"clientInfo": tree{"name": name},
	}
	options := tree{"clientName": name, "trusted": !e.options.Untrusted}
	overlay(options, e.options.Initialization)
	hello["initializationOptions"] = options
	if folders := e.folders(); folders != nil {
		hello["workspaceFolders"], hello["rootUri"] = folders, folders[0]["uri"]
	}
	m := e.Call("initialize", hello)
	if m.Error != nil {
		e.t.Fatalf("initialize: %d %s", m.Error.Code, m.Error.Message)
	}
	var answer struct{ Capabilities tree }
	e.into(m.Result, &answer)
	e.mu.Lock()
	e.server = answer.Capabilities
	e.mu.Unlock()
	e.chooseEncoding()
	e.Notify("initialized", tree{})
}

func (e *Editor) folders() (list []tree) {
	for _, dir := range e.options.Folders {
		list = append(list, tree{"uri": string(uri.File(dir)), "name": dir[strings.LastIndexAny(dir, `/\`)+1:]})
	}
	return list
}

// chooseEncoding takes the server's choice, which must be one of ours; utf-16 for none.
func (e *Editor) chooseEncoding() {
	e.t.Helper()
	e.encoding = "utf-16"
	if choice, ok := e.server["positionEncoding"].(string); ok {
		e.encoding = choice
	}
	offered, _ := lookup(e.offered, "general.positionEncodings").([]string)
	if e.encoding != "utf-16" && !slices.Contains(offered, e.encoding) {
		e.t.Fatalf("the server chose %s, which was not offered", e.encoding)
	}
}

// Encoding is what characters of positions are counted in.
func (e *Editor) Encoding() string { return e.encoding }

// Server is the server's capability at a dotted path, nil for none.
func (e *Editor) Server(path string) any {
	e.mu.Lock()
	defer e.mu.Unlock()
	return lookup(e.server, path)
}

// Offers reports whether the server handles a method, declared at once or registered later.
func (e *Editor) Offers(method string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, registered := range e.kept.registered {
		if registered == method {
			return true
		}
	}
	_, path := metamodel.LSP().Capabilities(method)
	if kind, ok := e.server["textDocumentSync"].(float64); ok && strings.HasPrefix(path, "textDocumentSync") {
		return kind > 0 && (path == "textDocumentSync" || path == "textDocumentSync.openClose")
	}
	return path != "" && truthy(lookup(e.server, path))
}

// lookup follows a dotted path.
func lookup(at any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		members, ok := at.(tree)
		if !ok {
			return nil
		}
		at = members[step]
	}
	return at
}

func truthy(v any) bool { return v != nil && v != false }
