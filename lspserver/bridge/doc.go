// Package bridge stands between an editor's stdio and the daemon, so that the editor's
// session outlives the daemon. While the daemon lives, messages pass through byte for byte.
// When it ends without having been asked to, the bridge settles what was going on (requests
// in flight are answered, runs and progress get their end, diagnostics are cleared), has
// another daemon started, tells it what the editor told the one before, and goes on.
//
//	editor ──▶ read ──▶ queue ──▶ link.feed ──▶ daemon
//	editor ◀────────── outlet ◀── link.pump ◀── daemon
//
// A link is one daemon, with two goroutines: feed writes to it, pump reads from it. What is
// remembered is what this daemon was told, not what the editor said: a message is taken
// note of as it leaves the queue. So what waits in the queue while there is no daemon is
// neither lost nor said twice, however many daemons die meanwhile.
//
// It refuses to understand more than it has to. It knows open documents, runs, progress, files
// with diagnostics, registrations, configuration, folders, requests whose effect lasts and who owes
// whom an answer; notebooks it does not.
// It keeps no verdicts, answers nothing that a daemon could answer, and does not look at
// what is in a message that it need not remember. It changes a message on its way only when
// a daemon has followed another: an id that would clash with one that the editor still owes
// an answer to, and registrations that the editor has already.
//
// Start reading at bridge.go, then link.go. frame.go and message.go read messages, queue.go
// holds them back, outlet.go writes to the editor, retry.go knows when to give up and
// giveup.go how. memory.go is what is remembered, with calls.go, documents.go, folders.go,
// registrations.go, progress.go, diagnostics.go, runs.go and wishes.go as its parts.
package bridge
