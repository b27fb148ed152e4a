package sqlite

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"hotclub/dbclone"
)

// BenchmarkLease measures hand-out and reset for the sizes that DATABASES.md measured. The
// state directory is where TMPDIR points: try a disk and /dev/shm.
func BenchmarkLease(b *testing.B) {
	for _, size := range []int{464, 7080} { // pages
		m, err := dbclone.Open(b.Context(), b.TempDir(), dbclone.NewOwner("bench"), discard, nil, Engine{})
		if err != nil {
			b.Fatal(err)
		}
		templates, err := m.Templates(b.Context(), []dbclone.Schema{schema}, func(_ context.Context, places []dbclone.Place) (dbclone.Built, error) {
			return dbclone.Built{}, os.WriteFile(places[0].Path, append(madeUp("b"), make([]byte, (size-1)*page)...), 0o600)
		})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("lease and release %.1f MB", float64(size*page)/1e6), func(b *testing.B) {
			for b.Loop() {
				l, err := m.Lease(b.Context(), templates[0], "w")
				if err != nil {
					b.Fatal(err)
				}
				if err := l.Release(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("reset %.1f MB", float64(size*page)/1e6), func(b *testing.B) {
			l, err := m.Lease(b.Context(), templates[0], "w")
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := l.Reset(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("templates of 500 inputs", func(b *testing.B) { benchInputs(b, m) })
		if err := m.Close(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

// benchInputs measures what it takes to find out that nothing has to be built.
func benchInputs(b *testing.B, m *dbclone.Manager) {
	var inputs []dbclone.Input
	dir := b.TempDir()
	for i := range 500 {
		path := fmt.Sprintf("%s/%d.py", dir, i)
		if err := os.WriteFile(path, make([]byte, 4000), 0o600); err != nil {
			b.Fatal(err)
		}
		if err := os.Chtimes(path, time.Unix(1, 0), time.Unix(1, 0)); err != nil {
			b.Fatal(err)
		}
		input, err := dbclone.InputOf(path)
		if err != nil {
			b.Fatal(err)
		}
		inputs = append(inputs, input)
	}
	many := schema
	many.Key = "inputs"
	for b.Loop() {
		_, err := m.Templates(b.Context(), []dbclone.Schema{many}, func(_ context.Context, places []dbclone.Place) (dbclone.Built, error) {
			return dbclone.Built{Inputs: inputs}, os.WriteFile(places[0].Path, madeUp("b"), 0o600)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
