package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"hotclub/runner"
)

func TestJSONLinesControlNoTerminal(t *testing.T) {
	const nasty = "\x1b[2J\u009b2J\u0085\x7f\u00a0é<b>\xff"
	var b bytes.Buffer
	play(t, NewJSON(&b), runner.TestFinished{Output: nasty})
	if strings.ContainsAny(b.String(), "\x1b\u009b\u0085\x7f") {
		t.Errorf("the line holds control characters: %q", b.String())
	}
	var line struct{ Output string }
	if err := json.Unmarshal(b.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if want := strings.ToValidUTF8(nasty, "\ufffd"); line.Output != want {
		t.Errorf("the output reads %q, want %q", line.Output, want)
	}
}

func TestJSONFieldsOfTheProtocolAreAlwaysThere(t *testing.T) {
	var b bytes.Buffer
	play(t, NewJSON(&b), runner.RunStarted{}, runner.TestStarted{}, runner.TestFinished{}, runner.RunFinished{})
	want := map[string][]string{
		"runStarted":  {"runId", "total"},
		"test":        {"id", "label", "kind", "state", "durationMs", "worker", "generation", "messages", "output"},
		"runFinished": {"outcome", "counts", "durationMs"},
	}
	for text := range strings.Lines(b.String()) {
		line := map[string]any{}
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		fields := want[line["event"].(string)]
		delete(want, line["event"].(string))
		if fields == nil {
			t.Errorf("an unexpected line: %s", text)
		}
		for _, field := range fields {
			if value, ok := line[field]; !ok || value == nil {
				t.Errorf("%s lacks %s", text, field)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("no line for %v", want)
	}
}

func TestJSONWriteError(t *testing.T) {
	w := &brokenPipe{}
	j := NewJSON(w)
	j.Handle(runner.Notice{})
	j.Handle(runner.Notice{})
	if err := j.Close(); err == nil || err.Error() != "writing the JSON lines: broken pipe" || w.writes != 1 {
		t.Errorf("Close: %v after %d writes", err, w.writes)
	}
}
