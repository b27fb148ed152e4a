package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"hotclub/lspserver/wire"
)

const (
	// farewell is how long the daemon may take over its last words once the editor has
	// gone. It cancels the editor's runs meanwhile.
	farewell = 5 * time.Second

	// welcome is how long a new daemon may take to answer initialize.
	welcome = 10 * time.Second
)

// ErrNoShutdown says that the editor said exit without shutdown: by LSP, exit status 1.
var ErrNoShutdown = errors.New("the editor said exit without shutdown")

// Options of a bridge.
type Options struct {
	// Dial connects to the daemon, starting it first when it is not there.
	Dial func(context.Context) (io.ReadWriteCloser, error)

	Who wire.ClientParams // what every daemon learns of this process before anything else
	Log *slog.Logger      // default: nothing is logged
}

// bridge is one editor's session.
type bridge struct {
	Options

	editor *outlet
	queue  *queue
	memory *memory

	needed context.Context // ends when no other daemon is needed
	unneed context.CancelFunc

	tries   retries
	daemons int // that were found
}

// Run serves an editor until it says exit or closes in. It returns an error when it had to
// end before, and when the editor did not speak LSP. Nothing interrupts a read of standard
// input, so a goroutine that reads in may be left behind: the process is to end then.
func Run(ctx context.Context, in io.Reader, out io.Writer, options Options) error {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b := &bridge{Options: options, editor: &outlet{w: out}, queue: newQueue(), memory: newMemory()}
	b.needed, b.unneed = context.WithCancel(ctx)
	defer b.queue.close()

	served, left := make(chan error, 1), make(chan error, 1)
	go func() { served <- b.serve(ctx) }()
	go func() { left <- b.read(in) }()
	select {
	case err := <-served:
		return err
	case err := <-left:
		return b.leave(err, served, cancel)
	}
}

// read takes the editor's messages until the last one.
func (b *bridge) read(in io.Reader) error {
	frames := newFrames(in)
	for closing := false; ; {
		m, err := frames.next()
		if errors.Is(err, errMalformed) {
			return err
		}
		if err != nil {
			return nil // the editor is gone, perhaps in the middle of a message
		}
		if m.method == protocol.MethodShutdown {
			closing = true
			b.unneed()
		}
		b.queue.push(m)
		if m.method == protocol.MethodExit {
			if !closing {
				return ErrNoShutdown
			}
			return nil
		}
	}
}

// leave lets the daemon have its last words when the editor is done. After something that
// was no message it hears none: nobody knows what the editor wanted to say.
func (b *bridge) leave(cause error, served <-chan error, cancel context.CancelFunc) error {
	b.unneed()
	b.queue.close()
	parted := make(chan error, 1)
	go func() {
		if errors.Is(cause, errMalformed) {
			b.editor.write(answerError("null", jsonrpc2.ParseError, cause.Error()))
			cancel()
		}
		parted <- <-served
	}()
	select {
	case err := <-parted:
		if cause == nil {
			return err
		}
	case <-time.After(farewell):
		b.Log.Warn("the daemon does not let go", "after", farewell)
	}
	return cause
}

// serve finds one daemon after the other until the editor leaves.
func (b *bridge) serve(ctx context.Context) error {
	var cause error
	for {
		conn, err := b.connect(ctx, cause)
		switch {
		case err != nil && b.needed.Err() != nil:
			return b.refuse(ctx, ended)
		case err != nil:
			return b.giveUp(ctx, err)
		}
		cause = newLink(b, conn).live(ctx)
		if errors.Is(cause, errEditor) {
			return cause
		}
		if b.queue.ended() {
			return nil // the daemon hung up because the editor has left
		}
		b.Log.Warn("the daemon ended", "pid", b.memory.info().PID, "err", cause)
		for _, m := range b.memory.lost(ended) {
			b.editor.write(m)
		}
	}
}

// connect finds the next daemon; cause is why the one before was lost. It gives up when the
// editor leaves, which does not count the first time: what the editor had to say before is
// still to be answered. Nor is there anything to be patient for then, because what keeps
// the first daemon from starting stays.
func (b *bridge) connect(ctx context.Context, cause error) (io.ReadWriteCloser, error) {
	if b.daemons > 0 {
		ctx = b.needed
	}
	ctx, cancel := b.tries.begin(ctx)
	defer cancel()
	for b.tries.next(ctx) {
		conn, err := b.Dial(ctx)
		if err == nil {
			b.daemons++
			return conn, nil
		}
		if cause = err; b.daemons == 0 {
			return nil, cause
		}
		b.Log.Warn("no daemon", "err", err)
	}
	return nil, fmt.Errorf("there was no daemon that lasted in %d attempts or %v; last: %w", attempts, window, cause)
}
