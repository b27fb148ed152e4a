package session

import (
	"context"
	"errors"
	"fmt"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// wireError decides what the client is told. A notification has no answer, and jsonrpc2
// closes the connection when its handler fails, so its errors only reach the log.
func (s *Session) wireError(method string, call bool, err error) error {
	var coded *jsonrpc2.Error
	switch {
	case err == nil:
		return nil
	case !call:
		s.log.Warn("notification failed", "method", method, "err", err)
		return nil
	case errors.Is(err, context.Canceled):
		return protocol.ErrRequestCancelled
	case errors.Is(err, jsonrpc2.ErrParse): // the JSON was fine, the params were not
		return jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s: %v", method, err)
	case errors.As(err, &coded):
		// Only the message of the error value itself travels, so what wraps it is put in.
		return &jsonrpc2.Error{Code: coded.Code, Message: err.Error(), Data: coded.Data}
	}
	return jsonrpc2.Errorf(jsonrpc2.Code(protocol.LSPErrorCodesRequestFailed), "%v", err)
}

// InvalidParams makes an error that tells the client that it asked wrongly.
func InvalidParams(format string, args ...any) error {
	return &jsonrpc2.Error{Code: jsonrpc2.InvalidParams, Message: fmt.Sprintf(format, args...)}
}
