package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"hotclub/lspserver/wire"
)

// errEnding says that the daemon is about to end: the next one will take the session.
var errEnding = errors.New("the daemon was just ending")

// link is the connection to one daemon.
type link struct {
	*bridge

	conn  io.ReadWriteCloser
	hello string // id of the initialize whose answer the editor does not see

	welcomed sync.Once
	welcome  chan message // the answer to it
}

func newLink(b *bridge, conn io.ReadWriteCloser) *link {
	return &link{
		bridge: b, conn: conn, welcome: make(chan message, 1),
		hello: quote(fmt.Sprintf("hotclub-bridge-%d", b.daemons)), // no editor has such ids
	}
}

// live carries messages until the daemon hangs up, and tells why it ended.
func (l *link) live(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer context.AfterFunc(ctx, func() { l.conn.Close() })()
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		l.feed(ctx)
	}()
	err := l.pump()
	cancel()
	l.conn.Close()
	<-fed // from here on nothing more is noted as told
	return err
}

// pump carries messages to the editor.
func (l *link) pump() error {
	frames := newFrames(l.conn)
	for {
		m, err := frames.next()
		if err != nil {
			return err
		}
		if m.isAnswer() && m.failed && m.errorCode() == cancelled && (m.id == l.hello || l.memory.greets(m.id)) {
			return errEnding
		}
		if m.isAnswer() && m.id == l.hello {
			if m.failed {
				return fmt.Errorf("the daemon refused to go on with the session: %.300s", m.body)
			}
			l.welcomed.Do(func() { l.welcome <- m })
			continue
		}
		if err := l.pass(m); err != nil {
			return err
		}
	}
}

func (l *link) pass(m message) error {
	forward, reply := l.memory.heard(m)
	if reply.raw != nil {
		reply.to = l
		l.queue.inject(reply)
	}
	if forward.raw == nil {
		return nil
	}
	if err := l.editor.write(forward); err != nil {
		return err
	}
	l.memory.passed(m)
	return nil
}

// feed carries messages to the daemon, once it knows what the one before knew.
func (l *link) feed(ctx context.Context) {
	if err := l.rebuild(ctx); err != nil {
		l.Log.Warn("the session cannot be rebuilt", "err", err)
		l.conn.Close()
		return
	}
	l.tries.done()
	for {
		m, ok := l.queue.next(ctx)
		if !ok {
			if ctx.Err() == nil {
				hangUp(l.conn)
			}
			return
		}
		if m.to == nil {
			m, ok = l.memory.told(m)
		} else {
			ok = m.to == l
		}
		if !ok {
			continue
		}
		_, err := l.conn.Write(m.raw)
		l.memory.wrote(m)
		if err != nil {
			l.wither(ctx)
			return
		}
	}
}

// rebuild introduces the editor to the daemon, by its own initialize if that has no answer
// yet, otherwise by all that has been remembered.
func (l *link) rebuild(ctx context.Context) error {
	if _, err := l.conn.Write(notification(wire.MethodClient, l.Who).raw); err != nil {
		return err
	}
	greeting, replayed := l.memory.greeting(l.hello)
	if greeting.raw == nil {
		return nil
	}
	if _, err := l.conn.Write(greeting.raw); err != nil || !replayed {
		return err
	}
	answer, err := l.await(ctx)
	if err != nil {
		return err
	}
	before := l.memory.info()
	for _, m := range l.memory.restore(answer) {
		if _, err := l.conn.Write(m.raw); err != nil {
			return err
		}
	}
	l.Log.Info("the daemon was replaced", "was", before.PID, "is", l.memory.info().PID)
	l.editor.write(note(fmt.Sprintf("The hotclub daemon (process %d) ended and was replaced (by process %d).", before.PID, l.memory.info().PID)))
	return nil
}

// await waits for the answer to the greeting.
func (l *link) await(ctx context.Context) (message, error) {
	select {
	case m := <-l.welcome:
		return m, nil
	case <-ctx.Done():
		return message{}, ctx.Err()
	case <-l.needed.Done():
		return message{}, context.Cause(l.needed)
	case <-time.After(welcome):
		return message{}, fmt.Errorf("the daemon did not answer initialize within %v; `hotclub stop --all` ends it, and the next command starts another", welcome)
	}
}

// wither waits for the end of a daemon that takes nothing more but may have last words.
func (l *link) wither(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(farewell):
		l.conn.Close()
	}
}

// hangUp tells the daemon that the editor has gone, while its last words still come back.
func hangUp(daemon io.Closer) {
	if half, ok := daemon.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
		return
	}
	daemon.Close()
}
