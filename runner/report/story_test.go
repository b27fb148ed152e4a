package report

import (
	"path/filepath"
	"testing"
	"time"

	"hotclub/runner"
)

// story is a run with one of everything; root is the directory of its project.
type story struct {
	root  string
	clock time.Time
}

func newStory(t *testing.T) *story {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("testdata", "project"))
	if err != nil {
		t.Fatal(err)
	}
	return &story{root: root, clock: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)}
}

func (s *story) now() time.Time { return s.clock }

func (s *story) settings(verbosity int) Settings {
	return Settings{Verbosity: verbosity, Root: s.root, Now: s.now}
}

func (s *story) path(file string) string { return filepath.Join(s.root, "shop", "tests", file) }

func (s *story) test(class, name string, line int) runner.Test {
	module := "shop.tests.test_cart"
	return runner.Test{
		ID:    runner.TestID("k//shop/tests/test_cart.py::" + class + "::" + name),
		Label: module + "." + class + "." + name, Name: name, Module: module, Class: class,
		File: s.path("test_cart.py"), Line: line,
	}
}

// tests are those of the story, in the order of the run.
func (s *story) tests() []runner.Test {
	return []runner.Test{
		s.test("CartTests", "test_empty", 13),
		s.test("CartTests", "test_total", 16),
		s.test("CartTests", "test_receipt", 20),
		s.test("CartTests", "test_amounts", 24),
		s.test("StockTests", "test_low", 40),
		s.test("StockTests", "test_none", 44),
		s.test("StockTests", "test_later", 48),
		s.test("StockTests", "test_known_bug", 52),
		s.test("StockTests", "test_fixed_bug", 56),
		s.test("PayTests", "test_refused", 70),
	}
}

func seed(n int64) *int64 { return &n }

func (s *story) begin() runner.RunStarted {
	return runner.RunStarted{
		Run: "r1", Tests: s.tests(), Workers: 2, StartMethod: "fork", Generation: "g7",
		ShuffleSeed: seed(4242), Aliases: []string{"default"},
	}
}

// events is the whole run.
func (s *story) events() []runner.Event {
	tests := s.tests()
	events := []runner.Event{
		runner.Notice{Text: "booting 2 workers"},
		runner.Notice{Text: "settings.py switched off fork: a thread was running", Warning: true},
		s.begin(),
		runner.TestStarted{ID: tests[0].ID, Worker: "w2"},
		runner.TestFinished{
			Test:    tests[0],
			Verdict: runner.Verdict{State: runner.Passed, DurationMs: 3.4, Worker: "w2", Generation: "g7", Queries: 1},
			Output:  "\x1b[32mempty\x1b[0m cart\n",
		},
		runner.TestFinished{Test: tests[1], Verdict: s.total(), Output: s.output()},
		runner.TestFinished{Test: tests[2], Verdict: s.receipt()},
		runner.TestFinished{Test: tests[3], Verdict: s.amounts()},
	}
	events = append(events, s.stock(tests)...)
	return append(events, s.end())
}

func (s *story) end() runner.RunFinished {
	return runner.RunFinished{
		Run: "r1", Outcome: runner.Completed, Failed: true, ClassErrors: 1, DurationMs: 1240,
		Counts: map[runner.State]int{
			runner.Passed: 1, runner.Failed: 3, runner.Errored: 3, runner.Skipped: 1, runner.XFailed: 1, runner.XPassed: 1,
		},
		Timings: []runner.Timing{{Name: "collect", Ms: 12}, {Name: "lease", Ms: 0.4}, {Name: "first test", Ms: 21}},
	}
}

func (s *story) output() string {
	return "\x1b]0;FORGED TITLE\acart \x1b[1;34mcreated\x1b[0m\r\n10 %\r100 %\nbroken \xff byte\x1b[2J\n"
}

func (s *story) total() runner.Verdict {
	file := s.path("test_cart.py")
	return runner.Verdict{
		State: runner.Failed, DurationMs: 38, Worker: "w3", Generation: "g7", Queries: 14,
		Messages: []runner.Message{{
			Text: "Traceback (most recent call last):\n" +
				"  File \"" + file + "\", line 18, in test_total\n" +
				"    self.assertEqual(cart.total(), Decimal(\"12.50\"))\n" +
				"    ~~~~~~~~~~~~~~~~^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n" +
				"AssertionError: Decimal('12.05') != Decimal('12.50')\n",
			Summary:  "AssertionError: Decimal('12.05') != Decimal('12.50')",
			Expected: "Decimal('12.50')", Actual: "Decimal('12.05')",
			Location: &runner.Location{File: file, Line: 18},
			Frames:   []runner.Frame{{Label: "test_total", File: file, Line: 18, Own: true}},
			Phase:    runner.PhaseCall,
			SQL:      "(0.001) SELECT \"shop_item\".\"price\" FROM \"shop_item\"; args=()\n",
		}},
	}
}

func (s *story) receipt() runner.Verdict {
	file := s.path("test_cart.py")
	return runner.Verdict{
		State: runner.Failed, DurationMs: 912, Worker: "w2", Generation: "g7", Queries: 1,
		Messages: []runner.Message{{
			Text: "Traceback (most recent call last):\n" +
				"  File \"" + file + "\", line 22, in test_receipt\n" +
				"    self.assertEqual(cart.receipt(), RECEIPT)\n" +
				"AssertionError: 'A sm[30 chars]' != 'A sm[32 chars]'\n" +
				"  A small thing\n- sum 6.25\n+ sum 6.52\n  thank you\n : receipts differ\n",
			Expected: "A small thing\nsum 6.25\nthank you\n", Actual: "A small thing\nsum 6.52\nthank you\n",
			Location: &runner.Location{File: file, Line: 22}, Phase: runner.PhaseCall,
		}},
	}
}

func (s *story) amounts() runner.Verdict {
	file := s.path("test_cart.py")
	message := func(subtest string) runner.Message {
		return runner.Message{
			Text: "Traceback (most recent call last):\n  File \"" + file + "\", line 27, in test_amounts\n" +
				"    self.assertTrue(Cart.of(self.item, amount=amount).lines)\nAssertionError: [] is not true\n",
			Location: &runner.Location{File: file, Line: 27}, Phase: runner.PhaseSubtest, Subtest: subtest,
		}
	}
	return runner.Verdict{
		State: runner.Failed, DurationMs: 5, Worker: "w2", Generation: "g7",
		Messages: []runner.Message{message("(amount=0)"), message("[none] (amount=None)")},
	}
}

// stock is a class whose fixture fails, and the states that are not failures.
func (s *story) stock(tests []runner.Test) []runner.Event {
	library := "/usr/lib/python3/site-packages/django/db/utils.py"
	fixture := runner.Verdict{State: runner.Errored, Worker: "w3", Generation: "g7", Messages: []runner.Message{{
		Text: "Traceback (most recent call last):\n  File \"" + s.path("test_stock.py") + "\", line 31, in setUpClass\n" +
			"    Stock.fill()\n  File \"" + library + "\", line 100, in execute\n    return self.cursor.execute(sql)\n" +
			"django.db.utils.IntegrityError: UNIQUE constraint failed: shop_item.name\n",
		Location: &runner.Location{File: s.path("test_stock.py"), Line: 31}, Phase: runner.PhaseSetUpClass,
	}}}
	finished := func(at int, verdict runner.Verdict) runner.Event {
		return runner.TestFinished{Test: tests[at], Verdict: verdict}
	}
	died := runner.Verdict{State: runner.Errored, DurationMs: 2100, Worker: "w3", Generation: "g7", Messages: []runner.Message{{
		Text: "Worker w3 died during this test (signal: killed).", Phase: runner.PhaseWorker,
	}}}
	return []runner.Event{
		finished(4, fixture),
		finished(5, fixture),
		finished(6, runner.Verdict{State: runner.Skipped, Reason: "needs Redis", Generation: "g7"}),
		finished(7, runner.Verdict{State: runner.XFailed, DurationMs: 1, Generation: "g7"}),
		finished(8, runner.Verdict{State: runner.XPassed, DurationMs: 1, Worker: "w2", Generation: "g7"}),
		runner.TestFinished{Test: tests[9], Verdict: died, Output: "Segmentation fault\n"},
		runner.ClassErrored{
			ID: "k//shop/tests/test_cart.py::PayTests", Kind: runner.KindClass, Label: "shop.tests.test_cart.PayTests",
			Verdict: runner.Verdict{State: runner.Errored, Worker: "w3", Generation: "g7", Messages: []runner.Message{{
				Text:  "Traceback (most recent call last):\n  File \"" + s.path("test_cart.py") + "\", line 11, in tearDownClass\nOSError: busy\n",
				Phase: runner.PhaseTearDownClass,
			}}},
		},
	}
}
