package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"hotclub/dbclone"
	"hotclub/runner"
	"hotclub/runner/config"
	"hotclub/runner/worker"
)

// databaseDoctor examines the databases that a project's settings name, and their servers.
type databaseDoctor struct {
	engines map[string]dbclone.Engine // by vendor
	owner   dbclone.Owner
	python  string // the project's
}

// drivers are the packages of Python that Django's backends need.
var drivers = map[string]string{
	"django.db.backends.postgresql":          `"psycopg[binary]"`,
	"django.contrib.gis.db.backends.postgis": `"psycopg[binary]"`,
	"django.db.backends.mysql":               "mysqlclient",
	"django.contrib.gis.db.backends.mysql":   "mysqlclient",
	"django.db.backends.oracle":              "oracledb",
}

// products are what the vendors' servers are called.
var products = map[string]string{"postgresql": "PostgreSQL", "mysql": "MySQL or MariaDB", "oracle": "Oracle", "sqlite": "SQLite"}

// checkDatabases says of each database of a project whether workers get clones of it, and if not,
// what is missing and how to get it. It says nothing of a project that can't be found: other checks
// do.
func checkDatabases(ctx context.Context, client runner.Client, overrides runner.Overrides, build string) []config.Check {
	project, err := config.Load(client, overrides)
	if err != nil {
		return nil
	}
	configured, err := worker.ProbeDatabases(ctx, project.Python, project.Environ(client), project.Dir, project.ManagePy)
	if err != nil {
		return []config.Check{{Name: "databases", State: config.Fail, Detail: err.Error(), Remedy: "mend the settings; `hotclub run` shows the whole error"}}
	}
	d := databaseDoctor{engines: make(map[string]dbclone.Engine), owner: dbclone.NewOwner(build), python: project.Python}
	for _, engine := range engines(slog.New(slog.DiscardHandler)) {
		d.engines[engine.Vendor()] = engine
	}
	defer d.leave()
	checks := make([]config.Check, len(configured))
	for i, database := range configured {
		checks[i] = d.check(ctx, database)
	}
	return checks
}

func (d databaseDoctor) leave() {
	for _, engine := range d.engines {
		if onServer, ok := engine.(dbclone.ServerEngine); ok {
			onServer.Leave()
		}
	}
}

func (d databaseDoctor) check(ctx context.Context, database worker.Configured) config.Check {
	check := config.Check{Name: fmt.Sprintf("database %q", database.Alias), State: config.OK}
	product := products[database.Vendor]
	if product == "" {
		product = database.Backend
	}
	engine := d.engines[database.Vendor]
	switch {
	case database.Error != "":
		check.State, check.Detail = config.Fail, fmt.Sprintf("%s: %s", database.Backend, database.Error)
		if driver := drivers[database.Backend]; driver != "" {
			check.Remedy = fmt.Sprintf("%s -m pip install %s", d.python, driver)
		}
	case database.Mirror != "":
		check.Detail = fmt.Sprintf("a mirror of %q in tests", database.Mirror)
	case database.Why != "" || engine == nil:
		why := database.Why
		if why == "" {
			why = fmt.Sprintf("databases of %s are not cloned", product)
		}
		check.State, check.Detail = config.Warn, why
		check.Remedy = "none needed: one worker runs everything on the databases that your own runner sets up, which is slower"
	default:
		d.meet(ctx, engine, product, database, &check)
	}
	return check
}

// meet asks the server, where there is one, whether it lets us make templates and clones.
func (d databaseDoctor) meet(ctx context.Context, engine dbclone.Engine, product string, database worker.Configured, check *config.Check) {
	onServer, ok := engine.(dbclone.ServerEngine)
	if !ok {
		check.Detail = product + "; every worker gets a clone"
		return
	}
	met, err := onServer.Meet(ctx, dbclone.Server(database.Server), d.owner)
	if err == nil {
		check.Detail = fmt.Sprintf("%s, %s; every worker gets a clone", product, met.ID)
		return
	}
	check.State, check.Detail = config.Fail, err.Error()
	if refused, ok := errors.AsType[*dbclone.ServerError](err); ok {
		check.Detail = fmt.Sprintf("%s: could not %s on %s: %v", product, refused.Op, refused.Server, refused.Err)
		check.Remedy = refused.Remedy
	}
}
