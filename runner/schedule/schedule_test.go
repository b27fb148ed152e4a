package schedule

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hotclub/runner"
)

func second(runner.Test) time.Duration { return time.Second }

func class(module, name string, bin runner.Bin, tests int) runner.Unit {
	u := runner.Unit{Module: module, Class: name, Bin: bin}
	for i := range tests {
		u.Tests = append(u.Tests, runner.Test{Label: fmt.Sprintf("%s.%s.test_%d", module, name, i)})
	}
	return u
}

func dealAll(s *Schedule, worker string) []string {
	var order []string
	for u, ok := s.Next(worker); ok; u, ok = s.Next(worker) {
		order = append(order, u.Module+"."+u.Class)
	}
	return order
}

func TestOrder(t *testing.T) {
	units := []runner.Unit{
		class("a", "Commits", 2, 9), class("a", "Short", 1, 1), class("b", "Long", 1, 5), class("a", "Middle", 1, 3),
	}
	failed := func(test runner.Test) bool {
		return test.Label == "a.Middle.test_2" || test.Label == "a.Commits.test_0"
	}
	tests := map[string]struct {
		options Options
		want    []string
	}{
		"what failed first, Django's order among these": {
			Options{Workers: 2, Expected: second, First: failed}, []string{"a.Commits", "a.Middle", "b.Long", "a.Short"},
		},
		"one worker: what failed first, the rest as given": {
			Options{Workers: 1, Expected: second, First: failed}, []string{"a.Commits", "a.Middle", "a.Short", "b.Long"},
		},
		"longest module first, Django's order inside, TestCase before TransactionTestCase": {
			Options{Workers: 2, Expected: second}, []string{"b.Long", "a.Short", "a.Middle", "a.Commits"},
		},
		"one worker: as given": {
			Options{Workers: 1, Expected: second}, []string{"a.Commits", "a.Short", "b.Long", "a.Middle"},
		},
		"shuffled: as given": {
			Options{Workers: 2, Expected: second, InOrder: true}, []string{"a.Commits", "a.Short", "b.Long", "a.Middle"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := dealAll(New(units, test.options), "w1"); fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestAModuleStaysWithItsWorker(t *testing.T) {
	s := New([]runner.Unit{
		class("a", "One", 1, 3), class("a", "Two", 1, 2), class("b", "One", 1, 2), class("b", "Two", 1, 1),
	}, Options{Workers: 2, Expected: second})
	got := ""
	for _, worker := range []string{"w1", "w2", "w1", "w2"} {
		u, _ := s.Next(worker)
		got += worker + " " + u.Module + "." + u.Class + "; "
	}
	if want := "w1 a.One; w2 b.One; w1 a.Two; w2 b.Two; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAHelperTakesTheLongest(t *testing.T) {
	s := New([]runner.Unit{
		class("a", "First", 1, 2), class("a", "Second", 1, 1), class("a", "Long", 1, 5),
	}, Options{Workers: 2, Expected: second})
	s.Next("w1")
	if u, _ := s.Next("w2"); u.Class != "Long" {
		t.Errorf("the helper took %s", u.Class)
	}
	if s.Empty() {
		t.Error("it is empty with a class left")
	}
	if u, _ := s.Next("w1"); u.Class != "Second" {
		t.Errorf("the owner went on with %s", u.Class)
	}
	if !s.Empty() {
		t.Error("it is not empty with nothing left")
	}
}

func TestLargeClassesAreSplitWhenAsked(t *testing.T) {
	units := []runner.Unit{class("a", "Large", 1, 8)}
	if got := dealAll(New(units, Options{Workers: 2, Expected: second}), "w"); len(got) != 1 {
		t.Errorf("split without being asked: %v", got)
	}
	if got := dealAll(New(units, Options{Workers: 2, Expected: second, Split: true}), "w"); len(got) != 4 {
		t.Errorf("got %d parts, want 4", len(got))
	}
}

// Whatever is asked for, every test is dealt exactly once.
func TestEveryTestIsDealtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var units []runner.Unit
		want := map[string]int{}
		for i := range rapid.IntRange(0, 20).Draw(t, "units") {
			u := class(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "module"), fmt.Sprint("C", i),
				runner.Bin(rapid.IntRange(0, 3).Draw(t, "bin")), rapid.IntRange(1, 6).Draw(t, "tests"))
			units = append(units, u)
			for _, test := range u.Tests {
				want[test.Label]++
			}
		}
		workers := rapid.IntRange(1, 4).Draw(t, "workers")
		s := New(units, Options{
			Workers: workers, Split: rapid.Bool().Draw(t, "split"), InOrder: rapid.Bool().Draw(t, "in order"),
			Expected: func(test runner.Test) time.Duration { return time.Duration(len(test.Label)) * time.Millisecond },
		})
		if s.Empty() != (len(units) == 0) {
			t.Errorf("empty is %v of %d units", s.Empty(), len(units))
		}
		got := map[string]int{}
		died := map[string]bool{}
		for u, ok := s.Next("w0"); ok; u, ok = s.Next(fmt.Sprint("w", rapid.IntRange(0, workers-1).Draw(t, "worker"))) {
			if first := u.Tests[0].Label; len(u.Tests) > 1 && !died[first] && rapid.Bool().Draw(t, "dies") {
				died[first] = true
				got[first]++
				u.Tests = u.Tests[1:]
				s.Again(u)
				continue
			}
			for _, test := range u.Tests {
				got[test.Label]++
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("dealt %v, want %v", got, want)
		}
	})
}
