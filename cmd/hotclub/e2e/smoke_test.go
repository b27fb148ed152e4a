//go:build linux

package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/runner"
)

func TestFirstAndSecondRun(t *testing.T) {
	t.Parallel()
	eachDjango(t, func(t *testing.T, d django) {
		eachMethod(t, func(t *testing.T, method string) {
			c := newClub(t, d.python, "small")
			first := c.run("--start-method", method)
			second := c.run("--start-method", method)
			want := map[string]runner.State{
				"app.tests.Arithmetic.test_right":  runner.Passed,
				"app.tests.Arithmetic.test_wrong":  runner.Failed,
				"app.tests.Shelf.test_starts_full": runner.Passed,
			}
			for _, s := range []story{first, second} {
				if diff := cmp.Diff(want, s.states()); diff != "" {
					t.Error(diff)
				}
				if s.status != 1 {
					t.Errorf("status %d\n%s", s.status, s.stderr)
				}
			}
		})
	})
}
