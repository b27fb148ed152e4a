// Package runner holds the words of Hotclub's domain.
//
// A [Selection] asks for tests, a [Test] is one of them, a [Unit] is what one worker gets at a
// time, a [Verdict] is what became of a test, an [Item] is a node of the tree that editors show,
// and a run tells its story as one ordered stream of [Event] values: editors, the terminal, JUnit
// files and the history only consume it.
//
// The packages below do the parts: worker speaks with one Python process, pool keeps the warm
// ones, schedule cuts and deals units, dispatch carries out one run, engine holds all projects,
// outline and discover read texts, history remembers, report prints, config finds the project.
// They know these words; this package knows none of them. It starts no process and speaks no
// protocol.
//
// Start reading at test.go, then event.go, then request.go.
package runner
