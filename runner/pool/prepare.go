package pool

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"

	"hotclub/runner/worker"
)

// Prepare makes sure that templates for some aliases are there, building them if need be.
func (g *Generation) Prepare(ctx context.Context, aliases []string, notice func(string)) (map[string]Template, error) {
	schemas, err := g.leaders(aliases)
	if err != nil || len(schemas) == 0 {
		return nil, err
	}
	modules, texts := g.withModels(schemas)
	key := preparationKey(schemas, texts)
	return g.templates.get(ctx, g, key, func(ctx context.Context) (map[string]Template, error) {
		templates, err := g.pool.databases.Templates(ctx, schemas, g.schemas.Facts, func(ctx context.Context, places []worker.Place) (*worker.Built, error) {
			notice("migrating " + names(places) + ", once for this schema")
			return g.build(ctx, places, modules, inAHurry, func(m *Member) error { return g.sawMigrating(ctx, m, key, schemas, places) })
		})
		if StepsDown(err) {
			g.refuse(schemas, err)
		}
		if err != nil {
			return nil, err
		}
		g.studyLater(study{schemas: schemas, templates: templates, modules: modules})
		byAlias := make(map[string]Template, len(schemas))
		for i, schema := range schemas {
			byAlias[schema.Alias] = templates[i]
		}
		return byAlias, nil
	})
}

// preparationKey names what templates are prepared from; texts is the digest of test modules.
func preparationKey(schemas []worker.Schema, texts string) string {
	key := texts
	for _, schema := range schemas {
		key += schema.Alias + "\x00" + schema.Key + "\x00"
	}
	return key
}

// MeetModels notes test modules that define models: from now on databases have their tables.
func (g *Generation) MeetModels(modules []worker.ModelModule) {
	g.pool.mu.Lock()
	defer g.pool.mu.Unlock()
	for _, module := range modules {
		if !slices.Contains(g.models, module) {
			g.models = append(g.models, module)
		}
	}
}

// withModels makes the schemas depend on the models that tests define. It names their modules,
// whose contents are inputs of the build like any other, and returns a digest of these.
func (g *Generation) withModels(schemas []worker.Schema) (modules []string, texts string) {
	g.pool.mu.Lock()
	models := slices.Clone(g.models)
	g.pool.mu.Unlock()
	sum, contents := sha256.New(), sha256.New()
	for _, model := range models {
		text, err := os.ReadFile(model.File)
		if err != nil {
			continue // it went with its tests
		}
		fmt.Fprintln(sum, model.Module)
		fmt.Fprintf(contents, "%d %s", len(text), text)
		modules = append(modules, model.Module)
	}
	if len(modules) == 0 {
		return nil, ""
	}
	for i := range schemas {
		for _, key := range []*string{&schemas[i].Key, &schemas[i].Base} {
			whole := sha256.Sum256(append([]byte(*key), sum.Sum(nil)...))
			*key = hex.EncodeToString(whole[:])
		}
	}
	return modules, hex.EncodeToString(contents.Sum(nil))
}

func names(places []worker.Place) string {
	list := make([]string, len(places))
	for i, place := range places {
		list[i] = place.Alias
	}
	if len(list) == 1 {
		return "the test database " + list[0]
	}
	return "the test databases " + strings.Join(list, ", ")
}

// pace is how closely a build is watched.
type pace bool

const (
	inAHurry pace = true  // somebody waits: watched as far as that costs nothing
	closely  pace = false // however long it takes
)

// build migrates in a process of its own, which ends with it. done looks at that in the end.
func (g *Generation) build(ctx context.Context, places []worker.Place, models []string, pace pace, done func(*Member) error) (*worker.Built, error) {
	params := g.pool.bootParams()
	params.Calls, params.Closely = true, pace == closely
	m, err := g.makeWith(ctx, params)
	if err != nil {
		return nil, err
	}
	defer func() {
		m.discard(context.WithoutCancel(ctx))
		if pace == closely {
			g.pool.topUp() // one that waited may have made way
		}
	}()
	// The runner of the project may do anything here; it gets no say over our end.
	stop := context.AfterFunc(ctx, m.Kill)
	defer stop()
	if pace == closely {
		m.Lower()
	}
	if err := m.sit(ctx); err != nil { // it is connected as those are that have databases
		return nil, err
	}
	built, err := m.Build(ctx, places, models)
	if err == nil {
		err = done(m)
	}
	if err != nil {
		return nil, err
	}
	built.Compare(Look().differing(slices.Concat(g.reads(), m.Reads())))
	return built, nil
}
