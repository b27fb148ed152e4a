// Package wire holds the shapes of the hotclub/* methods: what a client and the daemon say
// to each other beyond LSP. The TypeScript and Lua clients mirror these types.
//
// The words are those of package runner, and where a client wants all of one of them it
// travels as it is. Encoding is encoding/json's, on purpose: it replaces bytes that are
// not UTF-8, which tests are free to print, where LSP's codec refuses the message.
//
// hello.go has what initialize carries, run.go a run's request, event.go its story,
// control.go the rest.
package wire
