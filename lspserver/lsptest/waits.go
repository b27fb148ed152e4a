package lsptest

import (
	"fmt"
	"slices"
	"strings"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// Diagnostics are those that a file has now.
func (e *Editor) Diagnostics(file string) []Diagnostic {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.kept.diagnostics[e.URI(file)]
}

// WaitDiagnostics waits until a file's diagnostics are as wanted. What was never published
// is no diagnostics.
func (e *Editor) WaitDiagnostics(file string, wanted func([]Diagnostic) bool) (found []Diagnostic) {
	e.t.Helper()
	of := e.URI(file)
	e.await("the wanted diagnostics of "+file, func() bool {
		found = e.kept.diagnostics[of]
		return wanted(found)
	})
	return found
}

// Published counts the messages with diagnostics of a file so far.
func (e *Editor) Published(file string) (n int) {
	for _, m := range e.Log() {
		var p struct{ URI string }
		if m.Method == "textDocument/publishDiagnostics" {
			e.into(m.Params, &p)
			if key(p.URI) == e.URI(file) {
				n++
			}
		}
	}
	return n
}

// WaitProgress waits for the begin of a progress whose title has a text in it.
func (e *Editor) WaitProgress(title string) Progress {
	e.t.Helper()
	return e.waitProgress(title, func(*Progress) bool { return true })
}

// WaitProgressEnd waits for the end of the first progress whose title has a text in it.
func (e *Editor) WaitProgressEnd(title string) Progress {
	e.t.Helper()
	return e.waitProgress(title, func(p *Progress) bool { return p.Ended })
}

func (e *Editor) waitProgress(title string, wanted func(*Progress) bool) (found Progress) {
	e.t.Helper()
	e.await(fmt.Sprintf("a step of the progress %q", title), func() bool {
		for _, p := range e.kept.order {
			if strings.Contains(p.Title, title) && wanted(p) {
				found = *p
				found.Messages, found.Percentages = slices.Clone(p.Messages), slices.Clone(p.Percentages)
				return true
			}
		}
		return false
	})
	return found
}

// WaitLenses asks for a file's lenses until they are as wanted, again after each
// workspace/codeLens/refresh.
func (e *Editor) WaitLenses(file string, wanted func([]Lens) bool) []Lens {
	e.t.Helper()
	for {
		e.mu.Lock()
		seen := e.kept.refreshes // before asking: a refresh meanwhile must not be missed
		e.mu.Unlock()
		lenses := e.Lenses(file)
		if wanted(lenses) {
			return lenses
		}
		e.await(fmt.Sprintf("a refresh of the lenses %q", titles(lenses)), func() bool { return e.kept.refreshes > seen })
	}
}

func titles(lenses []Lens) (list []string) {
	for _, l := range lenses {
		list = append(list, l.Title())
	}
	return list
}

// WaitRegistered waits until the server handles a method, as it may register it late.
func (e *Editor) WaitRegistered(method string) {
	e.t.Helper()
	e.await("the registration of "+method, func() bool {
		for _, registered := range e.kept.registered {
			if registered == method {
				return true
			}
		}
		return false
	})
}

// WaitMessage waits for a window/showMessage or showMessageRequest with a text in it.
func (e *Editor) WaitMessage(text string) Note {
	e.t.Helper()
	var found Note
	e.await(fmt.Sprintf("the message %q", text), func() bool {
		at := slices.IndexFunc(e.kept.shown, func(n Note) bool { return strings.Contains(n.Message, text) })
		if at >= 0 {
			found = e.kept.shown[at]
		}
		return at >= 0
	})
	return found
}

// WaitShown waits for the n-th (from 1) window/showDocument and returns its URI.
func (e *Editor) WaitShown(n int) (document string) {
	e.t.Helper()
	e.await("a document to show", func() bool {
		if len(e.kept.documents) < n {
			return false
		}
		document = e.kept.documents[n-1]
		return true
	})
	return document
}

// Shown are the messages that a person has seen.
func (e *Editor) Shown() []Note {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.kept.shown)
}

// Logged are the messages in the editor's log.
func (e *Editor) Logged() []Note {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.kept.logged)
}

// Run asks for a run with hotclub/run. Its params are wire.RunParams, or what else
// becomes the JSON wanted.
func (e *Editor) Run(params any) wire.RunAnswer {
	e.t.Helper()
	return e.begin(wire.MethodRun, params)
}

// Debug asks for a run under a debugger.
func (e *Editor) Debug(params wire.DebugParams) wire.RunAnswer {
	e.t.Helper()
	return e.begin(wire.MethodDebug, params)
}

func (e *Editor) begin(method string, params any) (answer wire.RunAnswer) {
	e.t.Helper()
	m := e.Call(method, params)
	if m.Error != nil {
		e.t.Fatalf("%s: %d %s", method, m.Error.Code, m.Error.Message)
	}
	e.into(m.Result, &answer)
	return answer
}

// WaitDebugger waits until a worker of a run waits for a debugger, for the n-th time (from 1).
func (e *Editor) WaitDebugger(id runner.RunID, n int) wire.DebuggerReady {
	e.t.Helper()
	return e.waitRun("the debugger of run "+string(id), id, func(r *RunLog) bool { return len(r.Debugger) >= n }).Debugger[n-1]
}

// WaitRunFinished waits for the end of a run.
func (e *Editor) WaitRunFinished(id runner.RunID) RunLog {
	e.t.Helper()
	return e.waitRun("the end of run "+string(id), id, func(r *RunLog) bool { return r.Finished != nil })
}

// WaitRunStarted waits for a run's list of tests.
func (e *Editor) WaitRunStarted(id runner.RunID) RunLog {
	e.t.Helper()
	return e.waitRun("the start of run "+string(id), id, func(r *RunLog) bool { return r.Started != nil })
}

// WaitTestsStarted waits until so many tests of a run have begun.
func (e *Editor) WaitTestsStarted(id runner.RunID, n int) RunLog {
	e.t.Helper()
	return e.waitRun(fmt.Sprintf("the begin of %d tests of run %s", n, id), id, func(r *RunLog) bool {
		started := 0
		for _, event := range r.Events {
			if _, is := event.(runner.TestStarted); is {
				started++
			}
		}
		return started >= n
	})
}

// WaitNextRun waits for the n-th (from 1) run of the session, whoever named it, and for
// its end.
func (e *Editor) WaitNextRun(n int) RunLog {
	e.t.Helper()
	var id runner.RunID
	e.await(fmt.Sprintf("run number %d", n), func() bool {
		if len(e.runs.order) < n {
			return false
		}
		id = e.runs.order[n-1]
		return true
	})
	return e.WaitRunFinished(id)
}

func (e *Editor) waitRun(what string, id runner.RunID, wanted func(*RunLog) bool) (found RunLog) {
	e.t.Helper()
	e.await(what, func() bool {
		r := e.runs.logs[id]
		if r == nil || !wanted(r) {
			return false
		}
		found = r.clone()
		return true
	})
	return found
}
