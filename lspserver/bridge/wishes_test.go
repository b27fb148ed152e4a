package bridge_test

import (
	"strings"
	"testing"

	"hotclub/lspserver/wire"
)

// What the editor has asked for once and for all holds with the next daemon too.
func TestWishesAreRepeated(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		answer := func(method string, n int, result string, ask func() int) {
			id := ask()
			m := d.WaitMethod(method, n)
			d.Send(`{"jsonrpc":"2.0","id":` + string(m.ID) + `,"result":` + result + `}`)
			b.Answer(id)
		}
		request := func(method string, params any) func() int {
			return func() int { return b.Request(method, params) }
		}
		watched := `{"uris":["file:///a.py"]}`
		answer(wire.MethodConfigure, 1, "null", request(wire.MethodConfigure, map[string]any{"trusted": false}))
		answer(wire.MethodConfigure, 2, "null", request(wire.MethodConfigure, map[string]any{"trusted": true}))
		answer(wire.MethodDiscover, 1, `{"revision":1,"items":[],"removed":[],"errors":[]}`, request(wire.MethodDiscover, map[string]any{}))
		answer(wire.MethodWatch, 1, `{"uris":["file:///b.py"]}`, request(wire.MethodWatch, map[string]any{"uri": "file:///b.py"}))
		answer(wire.MethodUnwatch, 1, `{"uris":[]}`, request(wire.MethodUnwatch, map[string]any{"uri": "file:///b.py"}))
		answer("workspace/executeCommand", 1, watched, request("workspace/executeCommand", map[string]any{
			"command": "hotclub.toggleWatch", "arguments": []any{map[string]any{"uri": "file:///a.py"}},
		}))
		d.Close()

		n := b.next()
		var asked []string
		for _, method := range []string{wire.MethodConfigure, wire.MethodDiscover, wire.MethodWatch} {
			m := n.WaitMethod(method, 1)
			asked = append(asked, method+" "+string(m.Params))
			result := "null"
			if method == wire.MethodDiscover {
				result = `{"revision":7,"items":[],"removed":[],"errors":[]}`
			}
			n.Send(`{"jsonrpc":"2.0","id":` + string(m.ID) + `,"result":` + result + `}`)
		}
		want := `hotclub/configure {"trusted":true}|hotclub/discover {}|hotclub/watch {"uri":"file:///a.py"}`
		if got := strings.Join(asked, "|"); got != want {
			t.Errorf("got %s", got)
		}
		if m := b.WaitMethod(wire.MethodDidChangeTests, 1); !strings.Contains(string(m.Params), `"revision":7`) {
			t.Errorf("got %s", m.Params)
		}
		before := len(b.Log())
		n.Send(`{"jsonrpc":"2.0","method":"x/after"}`)
		b.WaitMethod("x/after", 1)
		if got := len(b.Log()); got != before+1 {
			t.Errorf("the editor heard an answer that it has not asked for: %v", b.Log()[before:])
		}
	})
}
