// Package clonetest is the suite that every [dbclone.Engine] passes: what an engine promises by
// itself, and what a manager promises with it.
//
// An engine's test makes a [Harness], which plays Django: it writes, reads and dirties
// databases of that kind, each holding one text.
//
// Start reading at harness.go.
package clonetest
