package main

import (
	"context"
	"log/slog"
	"testing"

	"hotclub/dbclone"
	"hotclub/runner/worker"
)

// changing is an engine whose server becomes another one.
type changing struct {
	dbclone.ServerEngine
	traits string
}

func (*changing) Vendor() string { return "postgresql" }

func (c *changing) Meet(context.Context, dbclone.Server, dbclone.Owner) (dbclone.Met, error) {
	return dbclone.Met{ID: "me@localhost:5432", Traits: c.traits}, nil
}

func (*changing) Strays(context.Context, string) ([]dbclone.Stray, error) { return nil, nil }

func (*changing) Leave() {}

// Case 8: a template of a server that has another version now, or another collation, serves no more;
// nor does a build begin with it.
func TestServersTraitsAreInTheKey(t *testing.T) {
	engine := &changing{}
	manager, err := dbclone.Open(t.Context(), t.TempDir(), dbclone.NewOwner("test"), slog.New(slog.DiscardHandler), nil, engine)
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close(context.Background())
	databases := stores{manager}.For("p1", "/shop").(projectDatabases)
	seen := make(map[string]string)
	for _, traits := range []string{"postgresql 150018 153.14", "postgresql 150019 153.14", "postgresql 150018 153.80", "postgresql 150018 153.14"} {
		engine.traits = traits
		got, err := databases.wanted(t.Context(), worker.Schema{Alias: "default", Engine: "postgresql", Key: "key", Base: "base", Server: map[string]string{"host": "localhost"}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"key: " + got.Key, "base: " + got.Base} {
			if before, is := seen[part]; is && before != traits {
				t.Errorf("%s and %s have one %s", before, traits, part)
			}
			seen[part] = traits
		}
	}
	if len(seen) != 6 {
		t.Errorf("three servers have %d keys and bases", len(seen))
	}
}
