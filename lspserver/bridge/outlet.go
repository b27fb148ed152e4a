package bridge

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"go.lsp.dev/protocol"
)

// errEditor says that the editor does not take what it is told.
var errEditor = errors.New("the editor cannot be written to")

// outlet writes whole messages to the editor.
type outlet struct {
	mu sync.Mutex
	w  io.Writer
}

func (o *outlet) write(m message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, err := o.w.Write(m.raw); err != nil {
		return fmt.Errorf("%w: %w", errEditor, err)
	}
	return nil
}

// note is a line for the editor's log.
func note(text string) message {
	return notification(protocol.MethodWindowLogMessage, protocol.LogMessageParams{Type: protocol.MessageTypeInfo, Message: text})
}
