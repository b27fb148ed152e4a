// Package runner holds the words of Hotclub's domain and the dispatcher that owns a run.
//
// The words: a [Selection] asks for tests, a [Test] is one of them, a [Unit] is what one
// worker gets at a time, a [Verdict] is what became of a test, and a run tells its story
// as one ordered stream of [Event] values. The [Dispatcher] turns a selection into such a
// stream; editors, the terminal, JUnit files and the history only consume it.
//
// The packages below this one do the parts: pool keeps the warm workers, worker speaks
// with one Python process, schedule cuts and deals units, history remembers, report
// prints, config finds the project. They know these words; this package knows them only
// by the small interfaces in dispatcher.go. It never starts a process and never speaks a
// protocol.
//
// Start reading at test.go and item.go, then event.go, then dispatcher.go.
package runner
