package bridge

import (
	"encoding/json"
	"fmt"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// ended is what the editor is told of requests that the daemon did not live to answer.
const ended = "the hotclub daemon ended; ask again"

// calls are the requests that wait for an answer, in both directions.
//
// A daemon numbers its requests from 1, so the request of a new one may have the id of one
// that the editor still owes to the old one. It gets another id then.
type calls struct {
	pending map[string]call // of the editor, by id
	asked   map[string]call // of this daemon, by the id that the editor knows
	stale   map[string]call // of daemons that are gone
	order   []string        // ids of pending, oldest first; some are settled
	renamed int
}

type call struct {
	method    string
	run       runner.RunID // that hotclub/run or hotclub/debug asks for
	lasting   message      // the request itself, where its effect lasts
	registers []string     // ids that client/registerCapability registers
	id        string       // the daemon's own, where the editor knows another
}

func newCalls() calls {
	return calls{pending: make(map[string]call), asked: make(map[string]call), stale: make(map[string]call)}
}

// ask notes a request of the editor.
func (c *calls) ask(m message) {
	asked := call{method: m.method}
	if begins(m.method) {
		var params struct {
			RunID runner.RunID `json:"runId"`
		}
		decode(m.params, &params)
		asked.run = params.RunID
	}
	if lasts(m) {
		asked.lasting = m
	}
	c.pending[m.id] = asked
	if c.order = append(c.order, m.id); len(c.order) > 2*len(c.pending)+64 {
		c.order = c.unsettled()
	}
}

// begins reports whether a request is one for a run.
func begins(method string) bool { return method == wire.MethodRun || method == wire.MethodDebug }

// settle notes the daemon's answer.
func (c *calls) settle(m message) call {
	asked := c.pending[m.id]
	delete(c.pending, m.id)
	return asked
}

// asks notes a request of the daemon and gives it an id that is free.
func (c *calls) asks(m message, asked call) message {
	if _, owed := c.stale[m.id]; owed {
		c.renamed++
		asked.id = m.id
		m = m.withID(quote(fmt.Sprintf("hotclub-bridge-again-%d", c.renamed)))
	}
	c.asked[m.id] = asked
	return m
}

// answered takes the editor's answer. It reports false for one to a daemon that is gone.
func (c *calls) answered(m message) (back message, asked call, ok bool) {
	if asked, ok := c.stale[m.id]; ok {
		delete(c.stale, m.id)
		return message{}, asked, false
	}
	asked = c.asked[m.id]
	delete(c.asked, m.id)
	if asked.id != "" {
		m = m.withID(asked.id)
	}
	return m, asked, true
}

// cancel is the daemon's $/cancelRequest, by the id that the editor knows.
func (c *calls) cancel(m message) message {
	var params struct {
		ID json.RawMessage `json:"id"`
	}
	decode(m.params, &params)
	for id, asked := range c.asked {
		if asked.id != "" && asked.id == spelling(params.ID) {
			params.ID = json.RawMessage(id)
			return notification(protocol.MethodCancelRequest, params)
		}
	}
	return m
}

// lost settles what the daemon was asked, oldest first, and keeps in mind what it asked.
// The initialize of an editor that has no answer yet goes to the next daemon.
func (c *calls) lost(reason string, initialized bool) (list []message) {
	for _, id := range c.unsettled() {
		switch method := c.pending[id].method; {
		case method == protocol.MethodInitialize && !initialized:
			continue
		case method == protocol.MethodShutdown:
			list = append(list, answerNull(id)) // nothing is left to be shut down
		default:
			list = append(list, answerError(id, cancelled, reason))
		}
		delete(c.pending, id)
	}
	c.order = c.unsettled()
	for id, asked := range c.asked {
		c.stale[id] = asked
	}
	clear(c.asked)
	return list
}

// unsettled are the ids of pending, oldest first.
func (c *calls) unsettled() (ids []string) {
	seen := make(map[string]bool)
	for _, id := range c.order {
		if _, waits := c.pending[id]; waits && !seen[id] {
			ids = append(ids, id)
			seen[id] = true
		}
	}
	return ids
}
