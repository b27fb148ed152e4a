package lspserver

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// farewell is how long clients may take to read the end of their runs.
const farewell = 5 * time.Second

// ServeAll serves every client of a listener until ctx ends, the listener breaks, or
// nobody has needed the server for the time grace: no client is connected and the engine
// holds no project. It then ends the runs that go on and disconnects all clients.
func (s *Server) ServeAll(ctx context.Context, l net.Listener, grace time.Duration) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group sync.WaitGroup
	group.Go(func() { cancel(s.accept(l)) })
	group.Go(func() {
		if s.unneeded(ctx, grace) {
			s.Log.Info("nobody needs this daemon", "for", grace)
			cancel(nil)
		}
	})
	<-ctx.Done()
	l.Close()
	group.Wait()
	last, done := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer done()
	s.Shutdown(last)
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// accept takes clients until the listener closes. Their sessions live on until Shutdown:
// they have to be told how their runs ended.
func (s *Server) accept(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go func() {
			if err := s.Serve(context.Background(), conn); err != nil {
				s.Log.Warn("a client's connection ended badly", "err", err)
			}
		}()
	}
}

// unneeded waits until nobody has needed the server for so long, or ctx ends.
func (s *Server) unneeded(ctx context.Context, grace time.Duration) bool {
	const looks = 4 // for each grace; the engine does not tell when it becomes idle
	ticker := time.NewTicker(grace / looks)
	defer ticker.Stop()
	for quiet := 0; quiet < looks; {
		select {
		case <-ctx.Done():
			return false
		case <-ticker.C:
		}
		if quiet++; s.Clients() > 0 || !s.Engine.Idle() {
			quiet = 0
		}
	}
	return true
}
