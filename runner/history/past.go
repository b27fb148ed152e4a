package history

import (
	"slices"
	"strings"
	"time"

	"hotclub/runner"
)

// messageKept is how much of a message outlives the run that brought it, in bytes.
const messageKept = 16 << 10

// Past is what became of a test when it last ran.
type Past struct {
	runner.Verdict
	At     time.Time `json:"at"`
	Cold   bool      `json:"cold,omitempty"`   // nothing was warm
	Output string    `json:"output,omitempty"` // what it printed; kept in memory only, and not for ever
}

// record is a Past as the file has it.
type record struct {
	Ms       float64          `json:"ms"`
	State    runner.State     `json:"state"`
	At       time.Time        `json:"at"`
	Queries  int              `json:"queries,omitempty"`
	Reason   string           `json:"reason,omitempty"`
	Messages []runner.Message `json:"messages,omitempty"` // of a verdict that was bad
	Worker   string           `json:"worker,omitempty"`
	Gen      string           `json:"generation,omitempty"`
	Cold     bool             `json:"cold,omitempty"`
	Warm     *warm            `json:"warm,omitempty"` // of a cold one: the last verdict before that was not
}

// warm is what a cold verdict is held against.
type warm struct {
	State runner.State `json:"state"`
	At    time.Time    `json:"at"`
	Gen   string       `json:"generation,omitempty"`
}

// Record keeps the verdict of a test and what it printed; one that did not run leaves what was
// known.
func (p *Project) Record(label string, verdict runner.Verdict, output string) {
	if verdict.State == runner.Cancelled || verdict.State == runner.NotRun {
		return
	}
	kept := recordOf(verdict)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.data.Tests[label] = kept
	p.outputs.keep(label, output)
}

// RecordCold keeps the verdict of a test that ran without anything warm, and returns the last warm
// one before; ok is false where there is none.
func (p *Project) RecordCold(label string, verdict runner.Verdict, output string) (before Past, ok bool) {
	kept := recordOf(verdict)
	kept.Cold = true
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ran := p.data.Tests[label]; ran {
		kept.Warm = known.Warm
		if !known.Cold {
			kept.Warm = &warm{known.State, known.At, known.Gen}
		}
	}
	p.data.Tests[label] = kept
	p.outputs.keep(label, output)
	if kept.Warm == nil {
		return Past{}, false
	}
	return Past{Verdict: runner.Verdict{State: kept.Warm.State, Generation: kept.Warm.Gen}, At: kept.Warm.At}, true
}

func recordOf(verdict runner.Verdict) record {
	kept := record{
		Ms: verdict.DurationMs, State: verdict.State, At: time.Now(), Queries: verdict.Queries,
		Reason: verdict.Reason, Worker: verdict.Worker, Gen: verdict.Generation,
	}
	if verdict.State.Bad() {
		kept.Messages = shortened(verdict.Messages)
	}
	return kept
}

// Past is the last verdict of a test; ok is false for one that has never had any.
func (p *Project) Past(label string) (past Past, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.data.Tests[label]
	if !ok {
		return Past{}, false
	}
	return Past{
		Verdict: runner.Verdict{
			State: known.State, DurationMs: known.Ms, Messages: known.Messages, Reason: known.Reason,
			Worker: known.Worker, Generation: known.Gen, Queries: known.Queries,
		},
		At: known.At, Cold: known.Cold, Output: p.outputs.of(label),
	}, true
}

// shortened cuts messages to what a person reads of them: their beginning and their end.
func shortened(messages []runner.Message) []runner.Message {
	kept := slices.Clone(messages)
	for i := range kept {
		for _, text := range []*string{&kept[i].Text, &kept[i].Expected, &kept[i].Actual, &kept[i].SQL} {
			*text = middleOut(*text, messageKept)
		}
	}
	return kept
}

// middleOut leaves so many bytes of a long text.
func middleOut(text string, kept int) string {
	if len(text) <= kept {
		return text
	}
	half := kept / 2
	return strings.ToValidUTF8(text[:half], "") + "\n[…]\n" + strings.ToValidUTF8(text[len(text)-half:], "")
}
