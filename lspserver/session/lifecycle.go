package session

import (
	"slices"
	"strings"
	"sync"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// lifecycle is LSP's rule about what may be sent when.
//
//	fresh ──initialize──▶ serving ──shutdown──▶ closing
//
// In fresh, requests are refused and notifications dropped; in closing, requests are
// refused. exit is heard in every state.
type lifecycle struct {
	early []string // custom notifications heard in fresh

	mu    sync.Mutex
	stage stage
}

type stage int

const (
	fresh stage = iota
	serving
	closing
)

// admit reports whether a message is to be dropped, or refused with an error.
func (l *lifecycle) admit(method string, call bool) (drop bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case method == protocol.MethodExit:
		return false, nil
	case l.stage == fresh && method == protocol.MethodInitialize:
		return false, nil
	case l.stage == fresh && call:
		return false, jsonrpc2.Errorf(jsonrpc2.ServerNotInitialized, "%s: initialize comes first", method)
	case l.stage == fresh:
		return !slices.Contains(l.early, strings.TrimPrefix(method, namespace)), nil
	case method == protocol.MethodInitialize:
		return false, jsonrpc2.Errorf(jsonrpc2.InvalidRequest, "initialize: this session is already initialized")
	case l.stage == closing && call:
		return false, jsonrpc2.Errorf(jsonrpc2.InvalidRequest, "%s: the session was shut down", method)
	}
	return false, nil
}

// handled moves on after the two methods that matter.
func (l *lifecycle) handled(method string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil:
	case method == protocol.MethodInitialize:
		l.stage = serving
	case method == protocol.MethodShutdown:
		l.stage = closing
	}
}
