// Package metamodel checks JSON against the machine-readable specification of LSP 3.18, so
// that a test can hold every message of a connection to it: misspelt members, nulls where a
// member should be left out, numbers out of range, answers of the wrong type.
//
// [Model.Check] looks at one message by itself. A [Conversation] looks at the messages of
// one connection in their order, and so also knows which request an answer belongs to and
// what a progress token was made for. Both leave the insides of hotclub/* alone.
//
// It is stricter than the specification asks receivers to be: a member that a structure does
// not have is a violation, except below LSPAny. It decodes with nothing that the packages
// under test encode with.
//
// Start reading at model.go (what is parsed), then shape.go (how a value is checked), then
// check.go and conversation.go (what is checked).
package metamodel
