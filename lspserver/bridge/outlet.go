package bridge

import (
	"context"
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

// giveUp tells the editor that there will be no daemon, and what can be done about it.
func (b *bridge) giveUp(ctx context.Context, cause error) error {
	remedy := "`hotclub doctor` looks for the cause"
	if log := b.memory.info().Log; log != "" {
		remedy += ", the daemon's log is " + log
	}
	err := fmt.Errorf("%w; %s; then restart the language server in the editor", cause, remedy)
	if b.daemons == 0 { // the editor shows best what it is told as the answer to initialize
		wait, done := context.WithTimeout(ctx, patience)
		b.queue.await(wait)
		done()
	}
	b.queue.close()
	for _, m := range b.memory.abandon(err.Error()) {
		b.editor.write(m)
	}
	b.refuse(ctx, err.Error())
	b.editor.write(notification(protocol.MethodWindowShowMessage, protocol.ShowMessageParams{Type: protocol.MessageTypeError, Message: "Hotclub: " + err.Error()}))
	return err
}
