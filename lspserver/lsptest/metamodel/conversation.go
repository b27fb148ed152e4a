package metamodel

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// Conversation holds the messages of one connection to the model, in their order. Beyond
// what Check looks at it knows that an answer has a request, that the server does not speak
// before it is initialized, what each progress token was made for and how far it has come,
// and what the options of a registration must be. It may be used by several goroutines.
type Conversation struct {
	model *Model

	mu       sync.Mutex
	asked    map[Direction]map[string]question // by the way of the request, then by its id
	tokens   map[string]*token
	greeted  bool // initialize has been answered
	greeting string
}

// question is a request without an answer yet.
type question struct {
	method  string
	tokens  []string // of progress, which end with the answer
	creates string   // a token that the answer makes
}

// NewConversation is one in which nothing has been said.
func NewConversation(m *Model) *Conversation {
	return &Conversation{
		model:  m,
		asked:  map[Direction]map[string]question{ToServer: {}, ToClient: {}},
		tokens: make(map[string]*token),
	}
}

// Frame is a message taken apart.
type Frame struct {
	Kind    Kind
	Method  string // of a response: that of its request, empty if there is none
	ID      string // as it is written
	Payload json.RawMessage
}

// Note checks the next message. A message that is in violation counts all the same.
func (c *Conversation) Note(way Direction, body json.RawMessage) (Frame, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, err := c.parse(way, body)
	if err != nil {
		return f, err
	}
	switch f.Kind {
	case Request:
		return f, errors.Join(c.model.Check(way, f.Kind, f.Method, f.Payload), c.begin(way, f))
	case Notification:
		return f, errors.Join(c.model.Check(way, f.Kind, f.Method, f.Payload), c.tell(way, f))
	}
	return f, c.answer(way, f)
}

// parse takes a message apart, by the rules of JSON-RPC.
func (c *Conversation) parse(way Direction, body json.RawMessage) (f Frame, err error) {
	if !jsontext.Value(body).IsValid() { // stricter than encoding/json: no name twice, only UTF-8
		return f, fmt.Errorf("not JSON, or a name twice: %.200q", body)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return f, fmt.Errorf("not a message: %w", err)
	}
	if string(members["jsonrpc"]) != `"2.0"` {
		return f, fmt.Errorf(`jsonrpc: want "2.0", got %q`, members["jsonrpc"])
	}
	for name := range members {
		if !strings.Contains(" jsonrpc id method params result error ", " "+name+" ") {
			return f, fmt.Errorf("%s: no such member of a message", name)
		}
	}
	f.ID = string(members["id"])
	if _, call := members["method"]; call {
		err = f.call(members)
	} else {
		err = c.response(way, &f, members)
	}
	return f, err
}

func (f *Frame) call(members map[string]json.RawMessage) error {
	f.Kind, f.Payload = Notification, members["params"]
	if f.ID != "" {
		f.Kind = Request
	}
	if err := json.Unmarshal(members["method"], &f.Method); err != nil {
		return fmt.Errorf("method: %w", err)
	}
	if members["result"] != nil || members["error"] != nil {
		return fmt.Errorf("%s: a %s with a result or an error", f.Method, f.Kind)
	}
	if string(f.Payload) == "null" {
		return fmt.Errorf("%s: params: want an object, an array or nothing, got null", f.Method)
	}
	return nil
}

func (c *Conversation) response(way Direction, f *Frame, members map[string]json.RawMessage) error {
	result, good := members["result"]
	failure, bad := members["error"]
	if f.Kind, f.Payload = Response, result; bad {
		f.Kind, f.Payload = Error, failure
	}
	switch {
	case good == bad:
		return fmt.Errorf("answer %s: want a result or an error", f.ID)
	case f.ID == "null" && bad:
		return nil // to what could not be read
	}
	asked, ok := c.asked[way.Back()][f.ID]
	if !ok {
		return fmt.Errorf("answer %s: nobody waits for it", f.ID)
	}
	f.Method = asked.method
	return nil
}

// begin notes a request.
func (c *Conversation) begin(way Direction, f Frame) error {
	var errs []error
	if c.asked[way][f.ID].method != "" {
		errs = append(errs, fmt.Errorf("%s: the id %s is in use", f.Method, f.ID))
	}
	var text string
	if !isInteger(json.Number(f.ID), -1<<31) && json.Unmarshal([]byte(f.ID), &text) != nil {
		errs = append(errs, fmt.Errorf("%s: id: want an integer or a string, got %s", f.Method, f.ID))
	}
	if f.Method == "initialize" {
		c.greeting = f.ID
	} else {
		errs = append(errs, c.early(way, f))
	}
	q := question{method: f.Method}
	errs = append(errs, c.learnTokens(&q, f), c.registrations(f))
	c.asked[way][f.ID] = q
	return errors.Join(errs...)
}

// tell notes a notification.
func (c *Conversation) tell(way Direction, f Frame) error {
	if f.Method == "$/progress" {
		return c.progress(f)
	}
	return c.early(way, f)
}

// answer notes a response. Errors are in order even for methods that do not exist.
func (c *Conversation) answer(way Direction, f Frame) error {
	asked := c.asked[way.Back()][f.ID]
	delete(c.asked[way.Back()], f.ID)
	if way == ToClient && f.Kind == Response && f.ID == c.greeting {
		c.greeted = true
	}
	return errors.Join(c.model.Check(way, f.Kind, f.Method, f.Payload), c.settleTokens(asked, f.Kind))
}

// early refuses what the server may not say before it has answered initialize.
func (c *Conversation) early(way Direction, f Frame) error {
	if way == ToServer || c.greeted {
		return nil
	}
	switch f.Method {
	case "window/showMessage", "window/logMessage", "telemetry/event", "window/showMessageRequest":
		return nil
	}
	return fmt.Errorf("%s: sent before the answer to initialize", f.Method)
}

// registrations checks what the model leaves open in client/registerCapability.
func (c *Conversation) registrations(f Frame) error {
	if f.Method != "client/registerCapability" {
		return nil
	}
	var params struct {
		Registrations []struct {
			Method          string          `json:"method"`
			RegisterOptions json.RawMessage `json:"registerOptions"`
		} `json:"registrations"`
	}
	if err := json.Unmarshal(f.Payload, &params); err != nil {
		return err
	}
	var errs []error
	for _, r := range params.Registrations {
		if r.RegisterOptions == nil {
			continue
		}
		if err := c.model.CheckRegistration(r.Method, r.RegisterOptions); err != nil {
			errs = append(errs, fmt.Errorf("registration of %s: %w", r.Method, err))
		}
	}
	return errors.Join(errs...)
}
