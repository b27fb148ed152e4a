package bridge

import (
	"encoding/json"
	"fmt"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/wire"
)

// wishes are the editor's requests whose effect lasts: a new daemon is asked for the same.
type wishes struct {
	last     map[string]message // hotclub/configure and hotclub/discover, by method
	watching []string           // URIs of files whose tests run at every save
	asked    map[string]string  // methods of our own requests, by id
	count    int
}

func newWishes() wishes {
	return wishes{last: make(map[string]message), asked: make(map[string]string)}
}

// lasts reports whether the effect of a request does.
func lasts(m message) bool {
	switch m.method {
	case wire.MethodConfigure, wire.MethodDiscover, wire.MethodWatch, wire.MethodUnwatch:
		return true
	case protocol.MethodWorkspaceExecuteCommand:
		var params struct {
			Command string `json:"command"`
		}
		return decode(m.params, &params) && params.Command == "hotclub.toggleWatch"
	}
	return false
}

// granted notes a request that lasts and was answered with a result.
func (w *wishes) granted(request, answer message) {
	switch request.method {
	case wire.MethodConfigure, wire.MethodDiscover:
		w.last[request.method] = request
	default: // all others answer what is watched
		var answered wire.WatchAnswer
		if decode(answer.result, &answered) {
			w.watching = answered.URIs
		}
	}
}

// restore asks a new daemon.
func (w *wishes) restore() (list []message) {
	clear(w.asked)
	for _, method := range []string{wire.MethodConfigure, wire.MethodDiscover} {
		if m, said := w.last[method]; said {
			list = append(list, m.withID(w.next(method)))
		}
	}
	for _, uri := range w.watching {
		m := say(envelope{ID: json.RawMessage(w.next(wire.MethodWatch)), Method: wire.MethodWatch, Params: wire.WatchParams{URI: uri}})
		list = append(list, m)
	}
	return list
}

func (w *wishes) next(method string) (id string) {
	w.count++
	id = quote(fmt.Sprintf("hotclub-bridge-wish-%d", w.count))
	w.asked[id] = method
	return id
}

// heard takes the answer to one of our own requests. The tree of tests as the new daemon knows it
// is a change of the tree to the editor; nothing else is for it.
func (w *wishes) heard(m message) (forward message, ours bool) {
	method, ours := w.asked[m.id]
	delete(w.asked, m.id)
	if method == wire.MethodDiscover && !m.failed {
		return notification(wire.MethodDidChangeTests, json.RawMessage(m.result)), true
	}
	return message{}, ours
}
