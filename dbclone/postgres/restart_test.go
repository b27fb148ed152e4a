package postgres_test

import (
	"context"
	"testing"

	"hotclub/dbclone"
)

// Case 28: whatever happens to the server, what we hold is put right afterwards.
func TestRestart(t *testing.T) {
	for how, end := range map[string]func(*bench){
		"stopped":               func(b *bench) { b.Stop(b.t) },
		"stopped immediately":   func(b *bench) { b.StopImmediate(b.t) },
		"its first process -9d": func(b *bench) { b.Kill(b.t) },
	} {
		t.Run("28 "+how, func(t *testing.T) {
			b := newBench(t)
			one, two := b.clone("hcc_one"), b.clone("hcc_two")
			b.dirty(t, one.Name, "changed")
			end(b)
			says(t, b.Check(t.Context(), b.template, b.sealed), "start the PostgreSQL server")
			b.Cluster.Restart(t)
			b.ok(b.Check(t.Context(), b.template, b.sealed))
			b.meet("tester")
			for _, at := range []dbclone.Spot{one, two} {
				restored, err := b.Restore(t.Context(), b.template, at, dbclone.Pristine)
				b.ok(err)
				if !restored.Replaced {
					t.Errorf("%s was trusted after the server had gone: %+v", at.Name, restored)
				}
				b.holds(at, "migrated")
			}
			b.dirty(t, one.Name, "changed")
			restored, err := b.Restore(t.Context(), b.template, one, dbclone.Pristine)
			b.ok(err)
			if restored.Replaced {
				t.Errorf("it is repaired no more: %+v", restored)
			}
			b.alive(true)
		})
	}
}

// alive makes sure what others think of the owner "tester".
func (b *bench) alive(want bool) {
	b.t.Helper()
	other := engine(b.t)
	met, err := other.Meet(b.t.Context(), b.Keywords(b.role), dbclone.Owner{ID: "onlooker"})
	b.ok(err)
	strays, err := other.Strays(b.t.Context(), met.ID)
	b.ok(err)
	if len(strays) == 0 || strays[0].Live != want {
		b.t.Errorf("live: want %v, got %+v", want, strays)
	}
}

func TestRestartInTheMiddle(t *testing.T) {
	for name, test := range map[string]struct {
		statement string
		brake     []string
		do        func(b *bench, ctx context.Context, at dbclone.Spot) error
	}{
		"CREATE": {"CREATE DATABASE", []string{"LOCK TABLE pg_database IN SHARE MODE"}, func(b *bench, ctx context.Context, at dbclone.Spot) error {
			return b.Clone(ctx, b.template, b.spot("hcc_new", dbclone.KindClone))
		}},
		"DROP": {"DROP DATABASE", []string{"COMMENT ON DATABASE hcc_old IS 'locked'"}, func(b *bench, ctx context.Context, at dbclone.Spot) error { return b.Drop(ctx, at) }},
	} {
		for how, end := range map[string]func(*bench){"28 stopped": func(b *bench) { b.Stop(b.t) }, "29 killed": func(b *bench) { b.Kill(b.t) }} {
			t.Run(how+" in "+name, func(t *testing.T) {
				b := newBench(t)
				at := b.clone("hcc_old")
				letGo := b.brake(test.brake...)
				result := goes(func() error { return test.do(b, t.Context(), at) })
				b.waits(test.statement)
				end(b)
				letGo()
				b.Cluster.Restart(t)
				says(t, <-result)
				b.ok(b.Drop(t.Context(), b.spot("hcc_new", dbclone.KindClone)))
				b.ok(b.Drop(t.Context(), at))
				b.there("hct_x")
				b.ok(b.Check(t.Context(), b.template, b.sealed))
				b.holds(b.clone("hcc_again"), "migrated")
			})
		}
	}
}

// Case 29 while files are being copied: a folder may be left that no SQL removes, but no database.
func TestKilledWhileCopying(t *testing.T) {
	b := newBench(t)
	b.ok(b.Drop(t.Context(), b.template))
	b.write(t, "hct_big", "migrated")
	b.in(t, "hct_big", "CREATE TABLE big AS SELECT n, repeat('x', 1000) FROM generate_series(1, 100000) n")
	template := b.spot("hct_big", dbclone.KindTemplate)
	sealed, err := b.Seal(t.Context(), template)
	b.ok(err)
	at := b.spot("hcc_half", dbclone.KindClone)
	result := goes(func() error { return b.Clone(t.Context(), template, at) })
	b.waits("CREATE DATABASE")
	b.Kill(t)
	b.Cluster.Restart(t)
	if err := <-result; err != nil {
		says(t, err, "run again")
		b.there("hct_big")
	}
	b.ok(b.Drop(t.Context(), at))
	b.ok(b.Check(t.Context(), template, sealed))
	b.ok(b.Clone(t.Context(), template, at))
	b.holds(at, "migrated")
}
