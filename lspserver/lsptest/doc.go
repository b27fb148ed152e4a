// Package lsptest has fakes for the tests of lspserver and of the command line:
//
//   - an [Engine] that makes up runs,
//   - a [Peer] that speaks to a server message by message, for tests that say something
//     wrong on purpose or look at the order of bytes,
//   - an [Editor] on top of it, for tests of LSP features: it behaves as VS Code and Neovim
//     do and fails the test for whatever they would stumble over.
//
// Package metamodel beneath holds messages to the specification.
//
// Start reading at engine.go for a server's tests, at editor.go for a feature's.
package lsptest
