package lspserver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
)

// The transcript is what authors of clients read, and what their tests can replay. -update
// writes it anew.
func TestTranscript(t *testing.T) {
	b := setup(t, nil)
	p := b.connect(t)
	var out bytes.Buffer
	say := func(method string, params any) {
		fmt.Fprintf(&out, "→ %s %s\n", method, compact(t, params))
	}
	hello := map[string]any{
		"processId": nil, "rootUri": nil,
		"capabilities": map[string]any{"experimental": map[string]any{"hotclub": wire.ClientCapabilities{Version: 1, MaxEventBatchMs: -1}}},
		"initializationOptions": wire.InitializationOptions{
			ClientParams: wire.ClientParams{CWD: "/project", Environment: []string{"A=1"}}, Trusted: true, ClientName: "test",
		},
	}
	run := wire.RunParams{RunID: "run-1", Select: wire.Select{Labels: []string{"pass", "fail", "skip"}}}
	blocking := wire.RunParams{RunID: "run-2", Select: wire.Select{Labels: []string{"block", "pass"}}}

	say("initialize", hello)
	writeMessage(t, &out, p.Call("initialize", hello))

	say(wire.MethodRun, run)
	p.Call(wire.MethodRun, run)
	finished(t, p, "run-1")
	writeRun(t, &out, p, "run-1")

	say(wire.MethodRun, blocking)
	p.Call(wire.MethodRun, blocking)
	receive(t, b.blocked, "the block")
	cancel := wire.CancelRunParams{RunID: "run-2"}
	say(wire.MethodCancelRun, cancel)
	p.Call(wire.MethodCancelRun, cancel)
	finished(t, p, "run-2")
	writeRun(t, &out, p, "run-2")
	lsptest.Golden(t, "run.transcript", clock.ReplaceAll(out.Bytes(), []byte(`"at":"…"`)))
}

func writeRun(t *testing.T, out *bytes.Buffer, p *lsptest.Peer, id string) {
	t.Helper()
	for _, m := range p.Log() {
		if isRun(m, id) {
			writeMessage(t, out, m)
		}
	}
}

func writeMessage(t *testing.T, out *bytes.Buffer, m lsptest.Message) {
	t.Helper()
	if m.Method != "" {
		fmt.Fprintf(out, "← %s %s\n", m.Method, m.Params)
		return
	}
	fmt.Fprintf(out, "← (answer) %s\n", m.Result)
}

func compact(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var clock = regexp.MustCompile(`"at":"[^"]*"`)
