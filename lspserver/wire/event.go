package wire

import (
	"encoding/json"
	"fmt"

	"hotclub/runner"
)

// RunStarted is hotclub/runStarted.
type RunStarted struct {
	runner.RunStarted
	Origin string `json:"origin,omitempty"` // name of the client that asked
}

// TestEvents is hotclub/testEvents: a few steps of a run, in order.
type TestEvents struct {
	RunID  runner.RunID      `json:"runId"`
	Seq    int               `json:"seq"` // counts the messages of one run from 1
	Events []json.RawMessage `json:"events"`
}

// Notice is hotclub/notice.
type Notice struct {
	RunID runner.RunID `json:"runId"`
	runner.Notice
}

// RunFinished is hotclub/runFinished.
type RunFinished struct {
	runner.RunFinished
	Slowest []Slow `json:"slowest,omitempty"` // longest first
}

// Slow is a test that took long.
type Slow struct {
	ID         runner.TestID `json:"id"`
	Label      string        `json:"label"`
	DurationMs float64       `json:"durationMs"`
}

// The kinds of an element of TestEvents.
const (
	EventStarted      = "started"
	EventFinished     = "finished"
	EventClassErrored = "classErrored"
)

// EncodeTestEvent makes an element of TestEvents: the event of package runner with one
// more member, "event", that names its kind. Other events have notifications of their own.
func EncodeTestEvent(e runner.Event) (json.RawMessage, error) {
	switch e := e.(type) {
	case runner.TestStarted:
		return json.Marshal(struct {
			Event string `json:"event"`
			runner.TestStarted
		}{EventStarted, e})
	case runner.TestFinished:
		return json.Marshal(struct {
			Event string `json:"event"`
			runner.TestFinished
		}{EventFinished, e})
	case runner.ClassErrored:
		return json.Marshal(struct {
			Event string `json:"event"`
			runner.ClassErrored
		}{EventClassErrored, e})
	}
	return nil, fmt.Errorf("%T is not a test event", e)
}

// DecodeTestEvent reads an element of TestEvents. A kind that this build does not know
// gives nil: a newer daemon may tell more.
func DecodeTestEvent(data json.RawMessage) (runner.Event, error) {
	var kind struct {
		Event string `json:"event"`
	}
	if err := json.Unmarshal(data, &kind); err != nil {
		return nil, err
	}
	switch kind.Event {
	case EventStarted:
		return decode[runner.TestStarted](data)
	case EventFinished:
		return decode[runner.TestFinished](data)
	case EventClassErrored:
		return decode[runner.ClassErrored](data)
	}
	return nil, nil
}

func decode[E runner.Event](data []byte) (runner.Event, error) {
	var e E
	err := json.Unmarshal(data, &e)
	return e, err
}
