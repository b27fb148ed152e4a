// Package outline finds the classes and functions of a Python text, whether or not the
// text is complete, and the imports and assignments that give its names their meaning. It
// knows strings, brackets, comments and indentation, and nothing else of the language:
// which of the definitions are tests is for package discover.
//
// On complete files it agrees with CPython's own parser, which a test holds over the
// standard library. On half-typed ones it recovers at the next statement that can only
// be one: a def, a class or a decorator that stands no deeper than the statement whose
// bracket is open. Of several ways to close a string that was never closed it takes the
// one that leaves the most code; who can tell where the text was edited last ([Read])
// gets everything before that as it was.
//
// Start reading at outline.go; scanner.go reads statements, imports.go and assigns.go those
// that are no definitions, strings.go skips strings, recover.go judges what is broken.
package outline
