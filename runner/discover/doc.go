// Package discover says which definitions of a project's files are tests, and keeps the
// tree of them: what the texts tell, at once and on every keystroke, corrected by what a
// worker collected through the project's own loader.
//
// The static half follows unittest and Django: files as TestLoader.discover finds them from
// the directory of manage.py, classes as loadTestsFromModule takes them from a module's
// namespace, methods as getTestCaseNames takes them from a class and its bases. For that it
// resolves imports, aliases and bases within the project. Nothing is run or imported; what
// only an import could know (generated tests, load_tests, conditions) is guessed at and
// called dynamic.
//
// The collected half never decides about a text that it has not seen: a save of a file, or
// of one that its classes inherit from, ends what was collected for it.
//
// Start reading at catalog.go, which is what others use, with scan.go, text.go,
// collected.go and subscribe.go. update.go is how one revision follows from another. A text
// becomes a source (source.go), its names get a meaning (resolve.go, order.go), the rules
// are applied (rules.go, decorators.go) and items come out (describe.go); facts.go lays
// what was collected over them. Apart from all that, [Labels] and [Nearest] let people name
// tests by path and line.
package discover
