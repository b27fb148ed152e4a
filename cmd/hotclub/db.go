package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/explain"
)

// dbCommand is "hotclub db".
type dbCommand struct {
	List    dbListCommand    `cmd:"" help:"List the project's templates and clones."`
	Rebuild dbRebuildCommand `cmd:"" help:"Forget the project's templates; the next run migrates anew."`
	Sweep   dbSweepCommand   `cmd:"" help:"Drop what dead processes left and what is out of date."`
}

type (
	dbListCommand struct {
		JSON bool `name:"json" help:"As JSON."`
		projectFlags
	}
	dbRebuildCommand struct{ projectFlags }
	dbSweepCommand   struct{ projectFlags }
)

// Run lists.
func (c *dbListCommand) Run(a *app) error {
	list, err := databases(a, runner.ListDatabases, c.projectFlags)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(wire.DatabaseAnswer{Databases: list})
	}
	return tell(a, list, "There are no test databases.")
}

// Run rebuilds.
func (c *dbRebuildCommand) Run(a *app) error {
	list, err := databases(a, runner.RebuildDatabases, c.projectFlags)
	if err != nil {
		return err
	}
	return tell(a, list, "There was nothing to forget.")
}

// Run sweeps.
func (c *dbSweepCommand) Run(a *app) error {
	list, err := databases(a, runner.SweepDatabases, c.projectFlags)
	if err != nil {
		return err
	}
	return tell(a, list, "There was nothing to drop.")
}

func tell(a *app, list []runner.DatabaseStatus, none string) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(a.stdout, none)
		return err
	}
	explain.Databases(a.stdout, list, time.Now())
	return nil
}

// databases has the daemon carry out an action, for as long as that takes.
func databases(a *app, action runner.DatabaseAction, project projectFlags) ([]runner.DatabaseStatus, error) {
	server, err := a.connect("hotclub db")
	if err != nil {
		return nil, err
	}
	defer server.leave()
	answer, err := server.Database(context.Background(), wire.DatabaseParams{Action: action, Project: project.overrides()})
	return answer.Databases, err
}
