package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"hotclub/lspserver/client"
	"hotclub/runner"
)

// follow has the run carried out and its events reported. A daemon that goes away before
// the run has begun was about to end anyway, so the next one is asked.
func (c *runCommand) follow(a *app, out interface{ Handle(runner.Event) }) (runner.RunFinished, error) {
	ctx, stop := interruptible()
	defer stop()
	begun := false
	emit := func(e runner.Event) {
		begun = true
		out.Handle(e)
	}
	for attempts := 3; ; attempts-- {
		finished, err := c.attempt(ctx, a, emit)
		if !errors.Is(err, client.ErrLost) || begun || attempts == 1 {
			return finished, err
		}
	}
}

func (c *runCommand) attempt(ctx context.Context, a *app, emit func(runner.Event)) (runner.RunFinished, error) {
	server, err := c.connect(a)
	if err != nil {
		return runner.RunFinished{}, err
	}
	params := c.params(a)
	finished, err := server.Run(ctx, params, emit)
	if err == nil && c.measures() && finished.Outcome == runner.Completed {
		err = c.tellCoverage(a, server, params.RunID)
	}
	if leaveErr := server.leave(); err == nil {
		err = leaveErr
	}
	return finished, err
}

// interruptible is a context that the first interrupt ends, so that the run is cancelled
// and its end reported. The second interrupt leaves at once.
func interruptible() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-interrupts:
			cancel()
		case <-ctx.Done():
			return
		}
		<-interrupts
		os.Exit(exitInterrupted)
	}()
	return ctx, func() {
		signal.Stop(interrupts)
		cancel()
	}
}
