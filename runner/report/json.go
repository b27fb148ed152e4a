package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"hotclub/runner"
)

// JSON writes one object a line for each step of a run that scripts care for. Each line
// is one write, so that a reader sees verdicts as they come.
type JSON struct {
	w   io.Writer
	err error
}

// NewJSON starts a report on w, which stays the caller's to close.
func NewJSON(w io.Writer) *JSON { return &JSON{w: w} }

type jsonNotice struct {
	Event   string `json:"event"`
	Text    string `json:"text"`
	Warning bool   `json:"warning,omitempty"`
}

type jsonStarted struct {
	Event       string       `json:"event"`
	Run         runner.RunID `json:"runId"`
	Total       int          `json:"total"`
	Workers     int          `json:"workers"`
	StartMethod string       `json:"startMethod"`
	Generation  string       `json:"generation"`
	ShuffleSeed *int64       `json:"shuffleSeed,omitempty"`
	Databases   []string     `json:"databases,omitempty"`
}

type jsonTest struct {
	Event      string           `json:"event"`
	ID         runner.TestID    `json:"id"`
	Label      string           `json:"label"`
	Kind       runner.Kind      `json:"kind"`
	State      runner.State     `json:"state"`
	DurationMs float64          `json:"durationMs"`
	Worker     string           `json:"worker"`
	Generation string           `json:"generation"`
	Messages   []runner.Message `json:"messages"`
	Output     string           `json:"output"`
	Reason     string           `json:"reason,omitempty"`
	Queries    int              `json:"queries,omitempty"`
	File       string           `json:"file,omitempty"`
	Line       int              `json:"line,omitempty"`
}

type jsonFinished struct {
	Event        string               `json:"event"`
	Run          runner.RunID         `json:"runId"`
	Outcome      runner.Outcome       `json:"outcome"`
	Failed       bool                 `json:"failed"`
	Counts       map[runner.State]int `json:"counts"`
	ClassErrors  int                  `json:"classErrors,omitempty"`
	DurationMs   float64              `json:"durationMs"`
	Error        string               `json:"error,omitempty"`
	ProjectError bool                 `json:"projectError,omitempty"`
	Timings      []runner.Timing      `json:"timings,omitempty"`
	Comparison   *runner.Comparison   `json:"comparison,omitempty"`
}

// Handle writes the event's line. That a test started is none.
func (j *JSON) Handle(event runner.Event) {
	switch event := event.(type) {
	case runner.Notice:
		j.write(jsonNotice{"notice", event.Text, event.Warning})
	case runner.RunStarted:
		j.write(jsonStarted{
			"runStarted", event.Run, len(event.Tests), event.Workers, event.StartMethod,
			event.Generation, event.ShuffleSeed, event.Aliases,
		})
	case runner.TestFinished:
		j.write(jsonOf(resultOfTest(event)))
	case runner.ClassErrored:
		j.write(jsonOf(resultOfClass(event)))
	case runner.RunFinished:
		if event.Counts == nil {
			event.Counts = map[runner.State]int{}
		}
		j.write(jsonFinished{
			"runFinished", event.Run, event.Outcome, event.Failed, event.Counts, event.ClassErrors,
			event.DurationMs, event.Error, event.ProjectError, event.Timings, event.Comparison,
		})
	}
}

func jsonOf(r result) jsonTest {
	messages := r.verdict.Messages
	if messages == nil {
		messages = []runner.Message{}
	}
	return jsonTest{
		"test", r.id, r.label, r.kind, r.verdict.State, r.verdict.DurationMs, r.verdict.Worker,
		r.verdict.Generation, messages, r.output, r.verdict.Reason, r.verdict.Queries, r.file, r.line,
	}
}

// Close returns the first error in writing.
func (j *JSON) Close() error {
	if j.err != nil {
		return fmt.Errorf("writing the JSON lines: %w", j.err)
	}
	return nil
}

func (j *JSON) write(line any) {
	if j.err != nil {
		return
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // tracebacks are full of <module>
	if j.err = encoder.Encode(line); j.err == nil {
		_, j.err = j.w.Write(escapeControls(b.Bytes()))
	}
}

// escapeControls escapes what encoding/json leaves as it is, DEL and C1, so that lines
// shown in a terminal (--json -) can't control it. Both occur within strings only.
func escapeControls(line []byte) []byte {
	const c1 = 0xc2 // first byte of U+0080 to U+00BF
	if bytes.IndexByte(line, c1) < 0 && bytes.IndexByte(line, 0x7f) < 0 {
		return line
	}
	escaped := make([]byte, 0, len(line)+16)
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == 0x7f:
			escaped = append(escaped, `\u007f`...)
		case c == c1 && line[i+1] < 0xa0:
			escaped = fmt.Appendf(escaped, `\u00%02x`, line[i+1])
			i++
		default:
			escaped = append(escaped, c)
		}
	}
	return escaped
}
