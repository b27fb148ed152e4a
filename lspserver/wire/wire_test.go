package wire

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotclub/runner"
)

func TestTestEventsSurviveTheWire(t *testing.T) {
	test := runner.Test{ID: "p//a.py::A::test_x", Label: "a.A.test_x", Name: "test_x", File: "/p/a.py", Line: 3, Module: "a", Class: "A", Tags: []string{"slow"}}
	for _, e := range []runner.Event{
		runner.TestStarted{ID: test.ID, Worker: "w1", At: time.Date(2026, 11, 23, 12, 0, 0, 5, time.UTC)},
		runner.TestFinished{Test: test, Output: "<x>&\n", Verdict: runner.Verdict{
			State: runner.Failed, DurationMs: 1.25, Worker: "w1", Generation: "g", Queries: 4, Reason: "r",
			Messages: []runner.Message{{
				Text: "t", Summary: "s", Expected: "3", Actual: "4", Phase: runner.PhaseCall, Subtest: "(i=3)", SQL: "SELECT 1",
				Location: &runner.Location{File: "/p/a.py", Line: 4}, Frames: []runner.Frame{{Label: "f", File: "/p/a.py", Line: 4, Own: true}},
			}},
		}},
		runner.ClassErrored{ID: "p//a.py::A", Kind: runner.KindClass, Label: "a.A", Verdict: runner.Verdict{State: runner.Errored}, Output: "o"},
	} {
		data, err := EncodeTestEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeTestEvent(data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, got); diff != "" {
			t.Errorf("%s: %s", data, diff)
		}
	}
}

// Tests print what they like; it must not cost the event.
func TestOutputThatIsNotText(t *testing.T) {
	data, err := EncodeTestEvent(runner.TestFinished{Output: "a\xff\x00b"})
	if err != nil || !strings.Contains(string(data), `"a\ufffd\u0000b"`) {
		t.Errorf("%s %v", data, err)
	}
}

func TestStrangeEvents(t *testing.T) {
	if _, err := EncodeTestEvent(runner.Notice{}); err == nil {
		t.Error("a notice is no test event")
	}
	if e, err := DecodeTestEvent(json.RawMessage(`{"event":"invented later"}`)); e != nil || err != nil {
		t.Errorf("%v %v", e, err)
	}
	for _, data := range []string{`[]`, `{"event":3}`, `{"event":"finished","test":7}`} {
		if e, err := DecodeTestEvent(json.RawMessage(data)); err == nil {
			t.Errorf("%s: %v", data, e)
		}
	}
}

func TestParallel(t *testing.T) {
	for data, want := range map[string]Parallel{`"auto"`: Auto, `4`: 4, `0`: 0} {
		var got Parallel
		if err := json.Unmarshal([]byte(data), &got); err != nil || got != want {
			t.Errorf("%s: %v, %v", data, got, err)
		}
		if back, err := json.Marshal(got); err != nil || string(back) != data {
			t.Errorf("%s: %s, %v", data, back, err)
		}
	}
	for _, data := range []string{`-1`, `"many"`, `1.5`, `{}`} {
		var got Parallel
		if err := json.Unmarshal([]byte(data), &got); err == nil {
			t.Errorf("%s: %v", data, got)
		}
	}
}

func TestSelectKnowsItsMembers(t *testing.T) {
	var s Select
	if err := json.Unmarshal([]byte(`{"tag":"slow","tags":["fast"]}`), &s); err != nil || len(s.Tags) != 2 {
		t.Errorf("got %+v, %v", s, err)
	}
	if err := json.Unmarshal([]byte(`{"impacted":"HEAD"}`), &s); err == nil || !strings.Contains(err.Error(), "impacted") {
		t.Errorf("got %v", err)
	}
}
