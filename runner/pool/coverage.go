package pool

import (
	"context"
	"os"
	"slices"

	"hotclub/runner/worker"
)

// migrations are what migrating databases has executed, in a generation that measures.
type migrations struct {
	files      map[string]string // by the key of the preparation; guarded by the pool's mutex
	rehearsals flights[string]
}

// Migrated returns the file with what migrating the databases of some aliases executes. manage.py
// test migrates in every run; here the templates were there already, most often. Then it is done
// once more, for each generation once: what is executed changes with the files.
func (g *Generation) Migrated(ctx context.Context, aliases []string, notice func(string)) (file string, err error) {
	schemas, err := g.leaders(aliases)
	if err != nil || len(schemas) == 0 {
		return "", err
	}
	prepared, err := g.Prepare(ctx, aliases, notice)
	if err != nil {
		return "", err
	}
	modules, texts := g.withModels(schemas)
	key := preparationKey(schemas, texts)
	templates := make([]Template, len(schemas))
	for i, schema := range schemas {
		templates[i] = prepared[schema.Alias]
	}
	return g.migrations.rehearsals.get(ctx, &g.pool.tasks, key, func() (string, error) {
		if file := g.migrated(key); file != "" {
			return file, nil
		}
		notice("migrating once more, to see what that executes")
		err := g.pool.databases.Rehearse(g.pool.ctx, templates, schemas, g.schemas.Facts, func(ctx context.Context, places []worker.Place) (*worker.Built, error) {
			return g.build(ctx, places, modules, inAHurry, func(m *Member) error { return g.sawMigrating(ctx, m, key, schemas, places) })
		})
		return g.migrated(key), err
	})
}

func (g *Generation) migrated(key string) string {
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	return g.migrations.files[key]
}

// sawMigrating keeps what a build has executed, where that is measured and the build has made all
// databases from the beginning.
func (g *Generation) sawMigrating(ctx context.Context, m *Member, key string, schemas []worker.Schema, places []worker.Place) error {
	begun := slices.ContainsFunc(places, func(p worker.Place) bool { return len(p.Missing) > 0 })
	if g.pool.settings.Boot.Coverage == nil || begun || len(places) < len(schemas) {
		return nil
	}
	file, err := m.Measured(ctx)
	if err != nil {
		return err
	}
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	if g.migrations.files == nil {
		g.migrations.files = make(map[string]string)
	}
	g.migrations.files[key] = file
	return nil
}

// forgetMigrations removes the files.
func (g *Generation) forgetMigrations() {
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	for _, file := range g.migrations.files {
		_ = os.Remove(file) // else it goes with the folder of the workers
	}
}
