package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotclub/runner"
)

func TestMedianAndP95(t *testing.T) {
	for _, each := range []struct {
		of          samples
		median, p95 float64
	}{
		{samples{7}, 7, 7},
		{samples{3, 1}, 2, 3},
		{samples{9, 1, 5}, 5, 9},
		{samples{20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 10.5, 19},
	} {
		if m, p := each.of.median(), each.of.p95(); m != each.median || p != each.p95 {
			t.Errorf("%v: median %v and p95 %v, want %v and %v", each.of, m, p, each.median, each.p95)
		}
	}
}

func TestRowsSayWhetherTheBarIsMet(t *testing.T) {
	f := findings{rows: []row{
		{"fast", "ms", samples{20}, samples{1000}, times(40, samples{20}, samples{1000})},
		{"informs", "MB", samples{0.5}, nil, bar{}},
	}}
	if f.missed() {
		t.Error("a bar that is met counts as missed")
	}
	f.rows = append(f.rows, row{"slow", "ms", samples{1200}, nil, atMost(10, "ms", samples{1200})})
	if !f.missed() {
		t.Error("a missed bar isn't noticed")
	}
	var b strings.Builder
	f.print(&b, "conditions")
	for _, want := range []string{
		"| fast | 20.0 ms | 20.0 ms | 1.00 s | 50.00 | ≥ 40× faster | ok |\n",
		"| informs | 0.500 MB | 0.500 MB |  |  |  |  |\n",
		"| slow | 1.20 s | 1.20 s |  |  | ≤ 10 ms | MISSED |\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, &b)
		}
	}
}

func TestBars(t *testing.T) {
	mostly := append(make(samples, 19), 7)
	for _, each := range []struct {
		bar  bar
		text string
		met  bool
	}{
		{p95AtMost(5, "ms", mostly), "p95 ≤ 5 ms", true},
		{p95AtMost(5, "ms", nil), "p95 ≤ 5 ms", false},
		{neverAbove(7, "ms", mostly), "always ≤ 7 ms", true},
		{neverAbove(5, "ms", mostly), "always ≤ 5 ms", false},
		{neverAbove(5, "ms", nil), "always ≤ 5 ms", false},
		{atMost(1, "ms", mostly).and(neverAbove(5, "ms", mostly)), "≤ 1 ms, always ≤ 5 ms", false},
	} {
		if each.bar != (bar{each.text, each.met}) {
			t.Errorf("%+v, want %q %v", each.bar, each.text, each.met)
		}
	}
}

func TestTestsAreChosenByDuration(t *testing.T) {
	tests := []line{
		{Label: "skipped", State: runner.Skipped},
		{Label: "long", State: runner.Passed, DurationMs: 900},
		{Label: "short", State: runner.Passed, DurationMs: 1},
		{Label: "middle", State: runner.Passed, DurationMs: 5},
	}
	if got := lightest(tests).Label; got != "short" {
		t.Errorf("the lightest is %s", got)
	}
	if got := typical(tests[1:]).Label; got != "middle" {
		t.Errorf("the typical one is %s", got)
	}
}

func TestReadyIsAWorkerOfALaterGeneration(t *testing.T) {
	early, late := time.Unix(100, 0), time.Unix(200, 0)
	base := runner.WorkerStatus{Kind: "base", State: "ready", Since: early}
	forked := runner.WorkerStatus{Kind: "forked", State: "ready", Since: late}
	booting := runner.WorkerStatus{Kind: "spawned", State: "booting", Since: early}
	now := func(workers ...runner.WorkerStatus) status {
		return status{Projects: []runner.ProjectStatus{{Generation: "b", Workers: workers}}}
	}
	if since, ok := now(base, booting, forked).readySince([]string{"a"}); !ok || since != late {
		t.Errorf("ready since %v: %v", since, ok)
	}
	if _, ok := now(base, booting).readySince([]string{"a"}); ok {
		t.Error("what boots or is only forked from counts as ready")
	}
	if _, ok := now(forked).readySince([]string{"b"}); ok {
		t.Error("the earlier generation counts as the later one")
	}
}

func TestManuscript(t *testing.T) {
	root := t.TempDir()
	err := write(root, map[string]string{"shop/tests.py": "class ATests(X):\n    def test_it(self):\n        a()\n\n\nclass BTests(X):\n    def test_it(self):\n        b()\n"})
	if err != nil {
		t.Fatal(err)
	}
	m, err := testManuscript(root, "key//shop/tests.py::BTests::test_it")
	if err != nil {
		t.Fatal(err)
	}
	if text := m.next(); !strings.HasSuffix(text, "BTests(X):\n    def test_it(self):\n        self.assertFalse(1 % 2, 'edition 1')\n        b()\n") {
		t.Errorf("edited:\n%s", text)
	}
	failed := func(summary string) runner.Verdict {
		return runner.Verdict{State: runner.Failed, Messages: []runner.Message{{Summary: summary}}}
	}
	for verdict, good := range map[*runner.Verdict]bool{
		new(failed("1 is not false : edition 1")):  true,
		new(failed("1 is not false : edition 11")): false,
		new(runner.Verdict{State: runner.Passed}):  false,
	} {
		if err := m.judge(*verdict); (err == nil) != good {
			t.Errorf("%+v: %v", verdict, err)
		}
	}
	m.next()
	if err := m.judge(failed("1 is not false : edition 1")); err == nil {
		t.Error("an older text's verdict goes unnoticed")
	}
}

func TestHeavyProject(t *testing.T) {
	root := t.TempDir()
	if err := writeHeavy(root); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "store9", "urls.py"))
	if err != nil || !strings.Contains(string(text), "from store9 import views") {
		t.Errorf("%s, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join(root, "nothing", "__init__.py")); err != nil {
		t.Error(err)
	}
}

func TestUnknownBenchmark(t *testing.T) {
	if _, err := choose([]string{"memory", "spede"}); err == nil || !strings.Contains(err.Error(), "one-test") {
		t.Errorf("choose: %v", err)
	}
}

func TestGeneratedProject(t *testing.T) {
	root := t.TempDir()
	if err := generate(root, 2); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "many", "tests", "test_001.py"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(text), "def test_"); got != classesInModule*testsInClass {
		t.Errorf("%d tests in a module", got)
	}
}

func TestOwnProcess(t *testing.T) {
	if _, err := os.Stat("/proc/self/smaps_rollup"); err != nil {
		t.Skip("only Linux tells")
	}
	if s, err := memoryOf(os.Getpid()); err != nil || s.proportional <= 0 || s.resident < s.proportional {
		t.Errorf("memory: %+v, %v", s, err)
	}
	before, err := cpuOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); time.Since(begun) < 20*time.Millisecond; {
		// busy, so that there is something to measure
	}
	if after, err := cpuOf(os.Getpid()); err != nil || after <= before {
		t.Errorf("%v of processor time after %v: %v", after, before, err)
	}
}

func TestOrderOfARun(t *testing.T) {
	answer := `{"id":1,"result":{"runId":"r","total":2}}`
	other := `{"id":2,"result":null}`
	started := `{"method":"hotclub/runStarted","params":{"runId":"r","tests":[{"id":"a"},{"id":"b"}]}}`
	finished := `{"method":"hotclub/runFinished","params":{"runId":"r"}}`
	events := func(seq int, tests ...string) string {
		var list []string
		for _, test := range tests {
			list = append(list, fmt.Sprintf(`{"event":"finished","test":{"id":%q}}`, test))
		}
		return fmt.Sprintf(`{"method":"hotclub/testEvents","params":{"runId":"r","seq":%d,"events":[%s]}}`, seq, strings.Join(list, ","))
	}
	for name, each := range map[string]struct {
		good bool
		told []string
	}{
		"as promised":             {true, []string{answer, started, events(1, "b"), other, events(2, "a"), finished}},
		"started before answered": {false, []string{started, answer, events(1, "a", "b"), finished}},
		"a number left out":       {false, []string{answer, started, events(1, "a"), events(3, "b"), finished}},
		"two verdicts":            {false, []string{answer, started, events(1, "a", "a"), events(2, "b"), finished}},
		"no verdict":              {false, []string{answer, started, events(1, "a"), finished}},
		"no end":                  {false, []string{answer, started, events(1, "a", "b")}},
		"more after the end":      {false, []string{answer, started, events(1, "a", "b"), finished, events(2)}},
	} {
		var messages []heard
		for _, text := range each.told {
			var m heard
			if err := json.Unmarshal([]byte(text), &m); err != nil {
				t.Fatal(err)
			}
			messages = append(messages, m)
		}
		if err := inOrder(messages, 2); (err == nil) != each.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A server that asks back and tells something before it answers.
func TestEditor(t *testing.T) {
	fromServer, says := io.Pipe()
	hears, toServer := io.Pipe()
	answers := make(chan string, 10)
	tell := func(body string) { fmt.Fprintf(says, "Content-Length: %d\r\n\r\n%s", len(body), body) }
	go func() {
		defer says.Close()
		frames := make(chan frame)
		go read(hears, frames)
		for f := range frames {
			var m heard
			if err := json.Unmarshal(f.body, &m); err != nil {
				t.Error(err)
			}
			switch m.Method {
			case "":
				answers <- string(f.body)
			case "ask":
				tell(`{"jsonrpc":"2.0","id":"s1","method":"workspace/codeLens/refresh"}`)
				tell(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"unknown"}}`, m.ID))
			case "exit":
				return
			default:
				tell(`{"jsonrpc":"2.0","method":"told","params":{}}`)
				tell(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"a":1}}`, m.ID))
			}
		}
	}()
	left := false
	e, err := newEditor(t.Context(), fromServer, toServer, func() { left = true }, object{})
	if err != nil {
		t.Fatal(err)
	}
	if m, err := e.await(t.Context(), 0, func(m heard) bool { return m.Method == "told" }); err != nil || m.at.IsZero() {
		t.Errorf("%+v, %v", m, err)
	}
	if _, err := e.call(t.Context(), "ask", nil, nil); err == nil || !strings.Contains(err.Error(), "-32601 unknown") {
		t.Error(err)
	}
	if got, want := <-answers, `{"id":"s1","jsonrpc":"2.0","result":null}`; got != want {
		t.Errorf("the server's request is answered by %s", got)
	}
	e.end(t.Context())
	if _, err := e.call(t.Context(), "ask", nil, nil); err == nil || !left {
		t.Errorf("after the end: %v", err)
	}
}
