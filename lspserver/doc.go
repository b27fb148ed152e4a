// Package lspserver serves clients: editors, which speak LSP, and the command line, which
// speaks only hotclub/*. It turns requests into calls of a runner.Engine and a run's
// events into notifications. It starts no Python, opens no database and prints nothing.
//
// A [Server] is shared by all clients of a daemon; each of them is a connection with a
// session of its own. What may be relied on, whatever a client does:
//
//   - The answer to hotclub/run, hotclub/runStarted, hotclub/testEvents with rising seq and
//     hotclub/runFinished come in this order, and nothing after the last.
//   - Every test of runStarted gets exactly one terminal state, even if the engine breaks.
//   - No handler blocks the reader: a cancel always gets through.
//   - A client that does not read holds up its own runs only, and not for ever.
//   - No lock is held while the disk is looked at or a client is waited for, but that of the
//     one story or progress that waits.
//
// One file for each feature, with its handlers as methods of connection: initialize.go, run.go,
// command.go, codelens.go, diagnostics.go, tree.go and so on. Three things hold them together.
// workspace.go knows the projects that the editor looks at and projects.go what happens when one
// comes or goes; documents.go has the open buffers, each version a value that works out its tests
// when it is first asked; hub.go tells every client of every run. Beneath them lie story.go, which
// makes notifications of events, with its ledger.go, outbox.go, which sends them, and
// background.go, which holds the goroutines.
//
// Packages below: session (one connection's rules), wire (the shapes), socket (where the
// daemon listens), client (the other end, in Go), bridge (what stands between an editor and
// the daemon), text (open buffers), lsptest (fakes for tests).
//
// Start reading at server.go, then connection.go, then run.go.
package lspserver
