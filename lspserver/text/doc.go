// Package text holds the text of open buffers and converts between the three ways to name
// a place in it: byte offsets, which scanners of source speak; LSP positions, whose columns
// count bytes or UTF-16 units as the client and the server have agreed; and lines with a
// byte column, which Python reports.
//
// A [Buffer] is immutable, so a handler can take one and work on while the next edit comes
// in. The package keeps no list of documents, reads no file and knows nothing of Python.
// It never fails on what an editor sends: positions outside of the text are moved into it
// as LSP 3.18 says, and text that is not UTF-8 is kept as it is.
//
// Start reading at buffer.go; change.go applies edits, encoding.go counts columns.
package text
