package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"

	"hotclub/dbclone"
	"hotclub/dbclone/mysql"
	"hotclub/dbclone/postgres"
	"hotclub/dbclone/sqlite"
	"hotclub/lspserver"
	"hotclub/lspserver/socket"
	"hotclub/runner/config"
	"hotclub/runner/engine"
	"hotclub/runner/watch"
	"hotclub/runner/worker"
)

// newEngine plugs the machinery together. Workers live below the runtime directory, templates
// and histories below the state directory. A nil log is for a process that has no log file.
func (a *app) newEngine(log *slog.Logger) (lspserver.Engine, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	place, err := socket.Find(a.build.ID, a.getenv)
	if err != nil {
		return nil, err
	}
	state := config.StateDir(a.client("hotclub"))
	if state == "" {
		return nil, errors.New("hotclub keeps its migrated databases below the home directory, and the environment names none; set HOME")
	}
	manager, err := dbclone.Open(context.Background(), filepath.Join(state, "databases"), dbclone.NewOwner(a.build.ID), log, cutSource, engines(log)...)
	if err != nil {
		return nil, err
	}
	host, err := worker.NewHost(filepath.Dir(place.Path()), log)
	if err != nil {
		return nil, errors.Join(err, manager.Close(context.Background()))
	}
	return engine.New(host, stores{manager}, func() engine.Watcher { return a.newWatcher(log) }, state, log), nil
}

// engines are the kinds of databases that can be cloned.
func engines(log *slog.Logger) []dbclone.Engine {
	return append([]dbclone.Engine{sqlite.Engine{}, postgres.New(log), mysql.New()}, tagged()...)
}

func (a *app) newWatcher(log *slog.Logger) engine.Watcher {
	if a.getenv("HOTCLUB_WATCH") == "off" {
		return watch.Off("nothing is watched: HOTCLUB_WATCH=off stands in the daemon's environment")
	}
	return watch.New(log)
}

// probe lets doctor ask the project's interpreter for its versions.
type probe struct{}

var _ config.Probe = probe{}

// Interpreter implements [config.Probe].
func (probe) Interpreter(ctx context.Context, python string, env []string, dir string) (config.Interpreter, error) {
	versions, err := worker.Probe(ctx, python, env, dir)
	return config.Interpreter{Python: versions.Python, Django: versions.Django, ImportError: versions.Error}, err
}
