// Package lsptest has fakes for the tests of lspserver and of the command line: an Engine
// that makes up runs, and a Peer that speaks to a server message by message. It starts
// no process.
package lsptest
