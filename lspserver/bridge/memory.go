package bridge

import (
	"slices"
	"sync"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/text"
	"hotclub/lspserver/wire"
)

// memory is what a new daemon has to be told, and what the editor has to be told about the
// old one. Messages to the daemon are noted by told before they are passed on, and by wrote
// after, where that takes long; those to the editor likewise by heard and by passed.
type memory struct {
	mu sync.Mutex

	initialize  message // raw == nil: not said yet
	initialized message
	answered    bool // initialize was, with a result
	daemon      wire.DaemonInfo

	calls         calls
	documents     documents
	folders       folders
	lasting       map[string]message // by method
	registrations registrations
	progress      progress
	diagnostics   diagnostics
	runs          runs
	wishes        wishes
}

// last are the notifications of which the last one holds until the next.
func last() []string {
	return []string{protocol.MethodWorkspaceDidChangeConfiguration, protocol.MethodSetTrace}
}

func newMemory() *memory {
	return &memory{
		calls: newCalls(), documents: newDocuments(), lasting: make(map[string]message),
		registrations: newRegistrations(), wishes: newWishes(),
	}
}

// told notes what the daemon is about to be told. It returns what is to be passed on, if
// anything is.
func (mem *memory) told(m message) (message, bool) {
	mem.mu.Lock()
	defer mem.mu.Unlock()
	switch {
	case m.isAnswer():
		return mem.answer(m)
	case m.isRequest():
		mem.calls.ask(m)
	}
	switch m.method {
	case protocol.MethodInitialize:
		if !mem.answered {
			mem.initialize = m
		}
	case protocol.MethodInitialized:
		mem.initialized = m
	case protocol.MethodWorkspaceDidChangeWorkspaceFolders:
		mem.folders.told(m)
	}
	if slices.Contains(last(), m.method) {
		mem.lasting[m.method] = m
	}
	return m, true
}

// wrote notes what the daemon has been told, or would have been, had it lived.
func (mem *memory) wrote(m message) {
	mem.mu.Lock()
	defer mem.mu.Unlock()
	switch m.method {
	case protocol.MethodTextDocumentDidOpen, protocol.MethodTextDocumentDidChange, protocol.MethodTextDocumentDidClose:
		mem.documents.told(m)
	}
}

// answer is the editor's, to this daemon or to one that is gone.
func (mem *memory) answer(m message) (message, bool) {
	back, asked, ok := mem.calls.answered(m)
	if m.failed {
		mem.registrations.remove(asked.registers)
	}
	return back, ok
}

// heard notes what the daemon says before the editor hears it. It returns what is to be
// passed on, and what the daemon is to be answered at once instead; each may be missing.
func (mem *memory) heard(m message) (forward, reply message) {
	mem.mu.Lock()
	defer mem.mu.Unlock()
	switch {
	case m.isAnswer():
		if forward, ours := mem.wishes.heard(m); ours {
			return forward, reply
		}
		mem.settle(m)
		return m, reply
	case m.method == protocol.MethodCancelRequest:
		return mem.calls.cancel(m), reply
	case !m.isRequest():
		return m, reply
	}
	asked := call{method: m.method}
	switch m.method {
	case protocol.MethodClientRegisterCapability:
		if m, asked.registers = mem.registrations.offer(m); m.raw == nil {
			return m, answerNull(m.id)
		}
	case protocol.MethodClientUnregisterCapability:
		mem.registrations.withdraw(m)
	}
	return mem.calls.asks(m, asked), reply
}

// settle notes an answer of the daemon.
func (mem *memory) settle(m message) {
	asked := mem.calls.settle(m)
	switch {
	case m.failed && asked.method == protocol.MethodInitialize:
		mem.initialize = message{} // the editor may try again, otherwise
	case m.failed:
	case asked.method == protocol.MethodInitialize:
		mem.answered = true
		mem.meet(m)
	case begins(asked.method):
		mem.runs.asked(asked.run)
	case asked.lasting.raw != nil:
		mem.wishes.granted(asked.lasting, m)
	}
}

// meet reads what a daemon says of itself in its answer to initialize.
func (mem *memory) meet(m message) {
	var answer struct {
		Capabilities struct {
			Encoding     protocol.PositionEncodingKind              `json:"positionEncoding"`
			Experimental wire.Experimental[wire.ServerCapabilities] `json:"experimental"`
		} `json:"capabilities"`
	}
	decode(m.result, &answer)
	mem.daemon = answer.Capabilities.Experimental.Hotclub.Daemon
	mem.documents.encoding = text.EncodingOf(answer.Capabilities.Encoding)
}

// passed notes what the editor has been told.
func (mem *memory) passed(m message) {
	mem.mu.Lock()
	defer mem.mu.Unlock()
	switch m.method {
	case protocol.MethodProgress:
		mem.progress.passed(m)
	case protocol.MethodTextDocumentPublishDiagnostics:
		mem.diagnostics.passed(m)
	case wire.MethodRunStarted, wire.MethodTestEvents, wire.MethodRunFinished:
		mem.runs.passed(m)
	}
}

// greets reports whether an id is that of the editor's initialize, not yet answered.
func (mem *memory) greets(id string) bool {
	mem.mu.Lock()
	defer mem.mu.Unlock()
	return mem.calls.pending[id].method == protocol.MethodInitialize
}

// lost settles what the daemon leaves behind, and returns what the editor has to be told.
// An editor that still waits to be initialized waits on.
func (mem *memory) lost(reason string) []message {
	mem.mu.Lock()
	defer mem.mu.Unlock()
	list := mem.calls.lost(reason, mem.answered)
	list = append(list, mem.runs.lost()...)
	list = append(list, mem.progress.lost()...)
	list = append(list, mem.diagnostics.lost()...)
	mem.registrations.lost()
	return list
}

// abandon settles also what the next daemon would have been asked first.
func (mem *memory) abandon(reason string) []message {
	mem.mu.Lock()
	defer mem.mu.Unlock()
	return mem.calls.lost(reason, true)
}

// greeting is the initialize for a new daemon: the editor's own while it waits for the
// answer, otherwise one whose answer is not for the editor. It may not have come yet.
func (mem *memory) greeting(id string) (m message, replayed bool) {
	mem.mu.Lock()
	defer mem.mu.Unlock()
	if !mem.answered {
		return mem.initialize, false
	}
	return mem.initialize.withID(id), true
}

// restore is what a new daemon has to be told once it has answered the greeting.
func (mem *memory) restore(welcome message) []message {
	mem.mu.Lock()
	defer mem.mu.Unlock()
	mem.meet(welcome)
	var list []message
	if mem.initialized.raw != nil {
		list = append(list, mem.initialized)
	}
	for _, method := range last() {
		if m, said := mem.lasting[method]; said {
			list = append(list, m)
		}
	}
	list = append(list, mem.folders.restore()...)
	list = append(list, mem.documents.restore()...)
	return append(list, mem.wishes.restore()...)
}

// info is what the daemon said of itself.
func (mem *memory) info() wire.DaemonInfo {
	mem.mu.Lock()
	defer mem.mu.Unlock()
	return mem.daemon
}
