package metamodel

import (
	"encoding/json"
	"fmt"
	"slices"
)

// token is a progress token in use.
//
//	made ──begin──▶ running ──report──▶ running ──end──▶ (forgotten)
//
// One for partial results only carries those.
type token struct {
	partial shape // of what it carries; none for work-done progress
	begun   bool
	ended   bool
	percent int
}

// learnTokens notes the tokens that a request brings.
func (c *Conversation) learnTokens(q *question, f Frame) error {
	var params struct {
		Token              json.RawMessage `json:"token"`
		WorkDoneToken      json.RawMessage `json:"workDoneToken"`
		PartialResultToken json.RawMessage `json:"partialResultToken"`
	}
	if f.Payload == nil || json.Unmarshal(f.Payload, &params) != nil {
		return nil // Check has something to say of it
	}
	if f.Method == "window/workDoneProgress/create" {
		if old := c.tokens[string(params.Token)]; old != nil && !old.ended {
			return fmt.Errorf("%s: the token %s is in use", f.Method, params.Token)
		}
		q.creates = string(params.Token)
	}
	if t := string(params.WorkDoneToken); t != "" {
		c.tokens[t] = &token{}
		q.tokens = append(q.tokens, t)
	}
	if t := string(params.PartialResultToken); t != "" {
		var partial shape = anything{}
		if known := c.model.requests[f.Method]; known != nil && known.partial != nil {
			partial = known.partial
		}
		c.tokens[t] = &token{partial: partial}
		q.tokens = append(q.tokens, t)
	}
	return nil
}

// settleTokens makes the token that a request asked for, and ends those that came with it:
// its answer is their end.
func (c *Conversation) settleTokens(q question, answer Kind) error {
	if q.creates != "" && answer == Response {
		c.tokens[q.creates] = &token{}
	}
	var open []string
	for _, name := range q.tokens {
		if t := c.tokens[name]; t != nil && t.begun && !t.ended {
			open = append(open, name)
		}
		delete(c.tokens, name)
	}
	if len(open) > 0 {
		return fmt.Errorf("%s: answered before the end of its progress %v", q.method, open)
	}
	return nil
}

// progress checks a step of a token, whose value the model leaves open.
func (c *Conversation) progress(f Frame) error {
	var params struct {
		Token json.RawMessage `json:"token"`
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(f.Payload, &params); err != nil {
		return err
	}
	name := string(params.Token)
	t, ok := c.tokens[name]
	switch {
	case !ok:
		return fmt.Errorf("$/progress: the token %s was not made yet, or its request is answered", name)
	case t.ended:
		return fmt.Errorf("$/progress: %s has ended", name)
	case t.partial != nil:
		return checkShape(t.partial, params.Value)
	}
	return t.step(c.model, name, params.Value)
}

func (t *token) step(m *Model, name string, value json.RawMessage) error {
	var step struct {
		Kind       string `json:"kind"`
		Percentage *int   `json:"percentage"`
	}
	json.Unmarshal(value, &step) // checked below, by its kind
	types := map[string]string{"begin": "WorkDoneProgressBegin", "report": "WorkDoneProgressReport", "end": "WorkDoneProgressEnd"}
	of, ok := types[step.Kind]
	if !ok {
		return fmt.Errorf("$/progress %s: kind %q is none of begin, report and end", name, step.Kind)
	}
	if err := m.CheckType(of, value); err != nil {
		return fmt.Errorf("$/progress %s: %w", name, err)
	}
	if t.begun == (step.Kind == "begin") {
		return fmt.Errorf("$/progress %s: %s out of order", name, step.Kind)
	}
	t.begun, t.ended = true, step.Kind == "end"
	if p := step.Percentage; p != nil {
		if *p > 100 || *p < t.percent {
			return fmt.Errorf("$/progress %s: %d%% after %d%%", name, *p, t.percent)
		}
		t.percent = *p
	}
	return nil
}

// Waiting lists the methods of the requests that went that way and have no answer.
func (c *Conversation) Waiting(way Direction) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var methods []string
	for _, q := range c.asked[way] {
		methods = append(methods, q.method)
	}
	slices.Sort(methods)
	return methods
}

// Unfinished lists the work-done progress that began and has not ended.
func (c *Conversation) Unfinished() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for name, t := range c.tokens {
		if t.begun && !t.ended {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
