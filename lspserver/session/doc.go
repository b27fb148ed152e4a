// Package session runs one client's connection over any byte stream.
//
// It owns what every method needs and no method should think about: messages are handled
// in the order of their arrival until a handler says [Overlap], a request can be cancelled
// by its id, an error becomes the right code, a panic ends one request and nothing else,
// requests before initialize are refused, and the end of the peer ends all that it asked
// for. It knows no method of hotclub and no state of the server.
//
// It stands on jsonrpc2.Conn and protocol.ServerHandler of go.lsp.dev v1.0.1 and avoids the
// ready-made chain around them (protocol.NewServer, Handlers, CancelHandler), which loses
// the order of messages and ends the connection at the first unknown notification. The
// traps of that version are each held by a test.
//
// Start reading at session.go, then handle.go.
package session
