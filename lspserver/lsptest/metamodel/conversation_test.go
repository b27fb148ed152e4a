package metamodel

import (
	"strings"
	"testing"
)

// Each line is a message, "→" to the server and "←" to the client; after "!" follows a part
// of the violation that it is.
func TestConversation(t *testing.T) {
	const hello = `
		→ {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}
		← {"jsonrpc":"2.0","id":1,"result":{"capabilities":{}}}`
	for name, script := range map[string]string{
		"answers": hello + `
			→ {"jsonrpc":"2.0","id":2,"method":"shutdown"}
			→ {"jsonrpc":"2.0","id":"2","method":"textDocument/hover","params":{"textDocument":{"uri":"file:///a"},"position":{"line":0,"character":0}}}
			← {"jsonrpc":"2.0","id":"2","result":{"contents":3}} ! response textDocument/hover: result.contents
			← {"jsonrpc":"2.0","id":2,"result":null}
			← {"jsonrpc":"2.0","id":2,"result":null} ! answer 2: nobody waits for it
			← {"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no JSON"}}
			→ {"jsonrpc":"2.0","id":3,"method":"x/y"} ! request x/y: method
			← {"jsonrpc":"2.0","id":3,"error":{"code":-32601,"message":"no such method"}}`,
		"envelopes": hello + `
			← {"id":1,"result":null} ! jsonrpc
			← {"jsonrpc":"2.0","id":1,"result":null,"error":{"code":1,"message":""}} ! want a result or an error
			← {"jsonrpc":"2.0","method":"window/logMessage","params":{"type":3,"message":"m"},"parms":1} ! parms: no such member
			← {"jsonrpc":"2.0","method":"workspace/codeLens/refresh","id":1.5} ! id: want
			← {"jsonrpc":"2.0","method":"workspace/codeLens/refresh","id":7,"params":null} ! got null
			← {"jsonrpc":"2.0","jsonrpc":"2.0","method":"x"} ! a name twice
			← [] ! not a message`,
		"too early": `
			← {"jsonrpc":"2.0","method":"window/showMessage","params":{"type":1,"message":"m"}}
			← {"jsonrpc":"2.0","method":"hotclub/notice"} ! before the answer to initialize
			→ {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}
			← {"jsonrpc":"2.0","id":1,"method":"workspace/codeLens/refresh"} ! before the answer to initialize`,
		"progress": hello + `
			← {"jsonrpc":"2.0","id":1,"method":"window/workDoneProgress/create","params":{"token":"t"}}
			← {"jsonrpc":"2.0","method":"$/progress","params":{"token":"t","value":{"kind":"begin","title":"x"}}} ! not made yet
			→ {"jsonrpc":"2.0","id":1,"result":null}
			← {"jsonrpc":"2.0","method":"$/progress","params":{"token":"t","value":{"kind":"report"}}} ! out of order
			← {"jsonrpc":"2.0","method":"$/progress","params":{"token":"t","value":{"kind":"begin"}}} ! value.title
			← {"jsonrpc":"2.0","method":"$/progress","params":{"token":"t","value":{"kind":"begin","title":"x"}}}
			← {"jsonrpc":"2.0","method":"$/progress","params":{"token":"t","value":{"kind":"report","percentage":50}}}
			← {"jsonrpc":"2.0","method":"$/progress","params":{"token":"t","value":{"kind":"report","percentage":40}}} ! 40% after 50%
			← {"jsonrpc":"2.0","method":"$/progress","params":{"token":"t","value":{"kind":"end"}}}
			← {"jsonrpc":"2.0","method":"$/progress","params":{"token":"t","value":{"kind":"end"}}} ! has ended`,
		"progress of a request": hello + `
			→ {"jsonrpc":"2.0","id":2,"method":"workspace/executeCommand","params":{"command":"c","workDoneToken":5}}
			← {"jsonrpc":"2.0","method":"$/progress","params":{"token":5,"value":{"kind":"begin","title":"x"}}}
			← {"jsonrpc":"2.0","id":2,"result":null} ! before the end of its progress
			← {"jsonrpc":"2.0","method":"$/progress","params":{"token":5,"value":{"kind":"end"}}} ! not made yet, or its request is answered`,
		"partial results": hello + `
			→ {"jsonrpc":"2.0","id":2,"method":"textDocument/codeLens","params":{"textDocument":{"uri":"file:///a"},"partialResultToken":"p"}}
			← {"jsonrpc":"2.0","method":"$/progress","params":{"token":"p","value":[]}}
			← {"jsonrpc":"2.0","method":"$/progress","params":{"token":"p","value":[{}]}} ! value[0].range`,
		"registrations": hello + `
			← {"jsonrpc":"2.0","id":1,"method":"client/registerCapability","params":{"registrations":[{"id":"w","method":"workspace/didChangeWatchedFiles","registerOptions":{"watchers":[{"globPattern":"**/*.py"}]}}]}}
			← {"jsonrpc":"2.0","id":2,"method":"client/registerCapability","params":{"registrations":[{"id":"w","method":"workspace/didChangeWatchedFiles","registerOptions":{"watchers":["**/*.py"]}}]}} ! value.watchers[0]
			← {"jsonrpc":"2.0","id":3,"method":"client/registerCapability","params":{"registrations":[{"id":"w","method":"hotclub/run","registerOptions":{}}]}} ! cannot be registered`,
	} {
		t.Run(name, func(t *testing.T) {
			c := NewConversation(LSP())
			for line := range strings.Lines(strings.TrimSpace(script)) {
				say(t, c, strings.TrimSpace(line))
			}
		})
	}
}

func say(t *testing.T, c *Conversation, line string) {
	t.Helper()
	way := ToServer
	text, ok := strings.CutPrefix(line, "→ ")
	if !ok {
		way, text = ToClient, strings.TrimPrefix(line, "← ")
	}
	body, want, bad := strings.Cut(text, " ! ")
	_, err := c.Note(way, []byte(body))
	if bad != (err != nil) || bad && !strings.Contains(err.Error(), want) {
		t.Errorf("%s\ngot %v", line, err)
	}
}

func TestWhatIsLeft(t *testing.T) {
	c := NewConversation(LSP())
	say(t, c, `→ {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{},"workDoneToken":"t"}}`)
	say(t, c, `← {"jsonrpc":"2.0","method":"$/progress","params":{"token":"t","value":{"kind":"begin","title":"x"}}}`)
	if got := c.Waiting(ToServer); len(got) != 1 || got[0] != "initialize" {
		t.Errorf("waiting: %v", got)
	}
	if got := c.Unfinished(); len(got) != 1 || got[0] != `"t"` {
		t.Errorf("unfinished: %v", got)
	}
}
