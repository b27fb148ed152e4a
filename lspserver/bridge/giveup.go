package bridge

import (
	"context"
	"fmt"
	"time"

	"go.lsp.dev/protocol"
)

// patience is how long an editor may take to say initialize when it would be in vain.
const patience = time.Second

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

// refuse answers an editor that has no daemon any more until it leaves.
func (b *bridge) refuse(ctx context.Context, reason string) error {
	for {
		m, ok := b.queue.next(ctx)
		switch {
		case !ok:
			return nil
		case m.method == protocol.MethodShutdown && m.isRequest():
			b.editor.write(answerNull(m.id))
		case m.isRequest():
			b.editor.write(answerError(m.id, cancelled, reason))
		}
	}
}
