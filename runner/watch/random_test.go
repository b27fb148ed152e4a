package watch

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever becomes of a tree of directories, an owner who reads again only what is told knows
// everything in the end.
func TestRandomTrees(t *testing.T) {
	places := []string{"", "a", "a/b", "a/b/c", "d", "e/f"}
	rapid.Check(t, func(r *rapid.T) {
		root, err := os.MkdirTemp(t.TempDir(), "tree")
		must(t, err)
		dirs := make([]string, len(places))
		for i, place := range places {
			dirs[i] = filepath.Join(root, "top", filepath.FromSlash(place))
		}
		must(t, os.MkdirAll(dirs[3], 0o700), os.MkdirAll(dirs[4], 0o700))
		o := &owner{t: t, dirs: dirs, seen: onDisk(dirs)}
		o.w = watching(t, settings{limit: 100, quiet: time.Millisecond, patience: 5 * time.Millisecond}, dirs...)
		defer o.w.Close()
		at := rapid.SampledFrom(dirs)
		r.Repeat(map[string]func(*rapid.T){
			"make":   func(r *rapid.T) { _ = os.MkdirAll(at.Draw(r, "at"), 0o700) },
			"remove": func(r *rapid.T) { must(t, os.RemoveAll(at.Draw(r, "at"))) },
			"rename": func(r *rapid.T) { _ = os.Rename(at.Draw(r, "from"), at.Draw(r, "to")) },
			"away":   func(r *rapid.T) { _ = os.Rename(at.Draw(r, "at"), filepath.Join(root, "away")) },
			"back":   func(r *rapid.T) { _ = os.Rename(filepath.Join(root, "away"), at.Draw(r, "at")) },
			"write": func(r *rapid.T) {
				name := rapid.SampledFrom([]string{"x.py", "y.py", "f"}).Draw(r, "name")
				_ = os.WriteFile(filepath.Join(at.Draw(r, "at"), name), []byte(rapid.StringN(0, 3, 3).Draw(r, "text")), 0o600)
			},
			"converge": func(*rapid.T) { o.converge() },
		})
		o.converge()
	})
}
