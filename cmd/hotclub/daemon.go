package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"hotclub/lspserver"
	"hotclub/lspserver/socket"
	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/config"
)

// daemonCommand is the process that keeps the workers.
type daemonCommand struct {
	Grace time.Duration `default:"1m" help:"End after so long without a client and a project."`
}

// Run serves until nobody needs the daemon or it is told to end.
func (c *daemonCommand) Run(a *app) error {
	log, file, err := a.openLog()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	place, err := socket.Find(a.build.ID, a.getenv)
	if err != nil {
		return err
	}
	listener, err := c.listen(ctx, place, log)
	if errors.Is(err, socket.ErrRunning) {
		fmt.Fprintln(a.stdout, ready) // for whoever started this one, the other is as good
		return nil
	}
	if err != nil {
		return err
	}
	defer listener.Release()
	engine, err := a.engine(log)
	if err != nil {
		listener.Close()
		return err
	}
	server := lspserver.New(lspserver.Options{
		Engine: engine, Log: log, Root: importRoot, End: stop, Diagnose: a.diagnose,
		Reports: filepath.Join(filepath.Dir(place.Path()), "reports"),
		Info:    wire.DaemonInfo{PID: os.Getpid(), Build: a.build.ID, Version: a.build.Version, Socket: place.Path(), Log: file.Name()},
	})
	fmt.Fprintln(a.stdout, ready)
	if err := errors.Join(redirect(file), os.Chdir(filepath.Dir(place.Path()))); err != nil {
		log.Warn("cannot let go of the starter", "err", err)
	}
	log.Info("daemon started", "build", a.build.ID, "pid", os.Getpid(), "socket", place.Path())
	err = server.ServeAll(ctx, listener, c.Grace)
	return c.end(engine, log, err)
}

func (c *daemonCommand) listen(ctx context.Context, place socket.Place, log *slog.Logger) (*socket.Listener, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return place.Listen(ctx, log)
}

// end waits for the workers' end; the next daemon may start only then.
func (c *daemonCommand) end(engine runner.Engine, log *slog.Logger, cause error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := errors.Join(cause, engine.Close(ctx))
	log.Info("daemon ends", "err", err)
	return err
}

// importRoot is the directory that a project imports from.
func importRoot(who runner.Client, overrides runner.Overrides) (string, error) {
	project, err := config.Load(who, overrides)
	if err != nil {
		return "", err
	}
	return project.Dir, nil
}
