// Package report tells people and machines what a run did. Each [Reporter] consumes the
// ordered stream of [runner.Event] values of one run and keeps what it needs of it:
//
//   - [Terminal] prints for a person: a live line, failures as they happen, a summary;
//   - [JUnit] writes the XML file that Jenkins, GitLab and others collect;
//   - [JSON] writes one object a line, for scripts.
//
// [Multi] feeds several of them. A reporter decides nothing about the run and never
// fails it: an error in writing is kept and comes out of Close.
//
// What tests print is not trusted. Everything that reaches a terminal passes through
// clean (clean.go), so no output can move the cursor, set a title or forge a verdict.
//
// Start reading at report.go, then terminal.go; failure.go lays out one failure.
package report
