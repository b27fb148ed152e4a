package metamodel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// Direction is the way that a message goes.
type Direction string

const (
	ToServer Direction = "clientToServer"
	ToClient Direction = "serverToClient"
)

// Back is the other way.
func (d Direction) Back() Direction {
	if d == ToServer {
		return ToClient
	}
	return ToServer
}

// Kind is what a message is.
type Kind string

const (
	Request      Kind = "request"
	Notification Kind = "notification"
	Response     Kind = "response" // with a result
	Error        Kind = "error"    // a response with an error
)

// Own is the prefix of the methods that the model need not know.
const Own = "hotclub/"

// Check holds one message to the model. The payload is the params of a request or a
// notification, nil for none, the result of a response, or the error of one; an answer
// goes the other way than its request, whose method it is checked with. What it returns
// is a [*Violation].
func (m *Model) Check(way Direction, kind Kind, name string, payload json.RawMessage) error {
	value, err := decode(payload)
	if err != nil {
		return &Violation{Method: name, Kind: kind, Path: kind.root(), Want: "JSON", Got: err.Error()}
	}
	if kind == Error {
		return finish(kind, name, m.checkError(name, value))
	}
	if strings.HasPrefix(name, Own) {
		return nil
	}
	known, violation := m.find(way, kind, name)
	if violation == nil {
		violation = known.check(kind, value, payload != nil)
	}
	return finish(kind, name, violation)
}

// CheckType holds a value to a structure, an enumeration or a type alias of the model.
func (m *Model) CheckType(name string, payload json.RawMessage) error {
	known, ok := m.named[name]
	if !ok {
		return fmt.Errorf("meta model: no type %s", name)
	}
	return checkShape(known, payload)
}

// CheckRegistration holds the registerOptions of a registration to what its method takes.
func (m *Model) CheckRegistration(name string, options json.RawMessage) error {
	known, ok := m.registrations[name]
	if !ok {
		return fmt.Errorf("meta model: %s cannot be registered", name)
	}
	return checkShape(known, options)
}

func checkShape(s shape, payload json.RawMessage) error {
	value, err := decode(payload)
	if err != nil {
		return err
	}
	if v := s.check(path{"value"}, value); v != nil {
		return v
	}
	return nil
}

// find looks for a method that may be sent that way.
func (m *Model) find(way Direction, kind Kind, name string) (*method, *Violation) {
	methods := m.requests
	if kind == Notification {
		methods = m.notifications
	}
	known, ok := methods[name]
	if !ok {
		return nil, &Violation{Path: "method", Want: "one of LSP's or " + Own + "…", Got: fmt.Sprintf("%q", name)}
	}
	asked := way
	if kind == Response {
		asked = way.Back()
	}
	if known.direction != both && known.direction != asked {
		return nil, &Violation{Path: "method", Want: "direction " + string(known.direction), Got: string(asked)}
	}
	return known, nil
}

func (m *method) check(kind Kind, value any, present bool) *Violation {
	of := m.params
	if kind == Response {
		of = m.result
	}
	at := path{kind.root()}
	switch {
	case !present && of != nil:
		return &Violation{Path: at.String(), Want: of.String(), Got: "nothing"}
	case present && of == nil:
		return at.violation("nothing", value)
	case of == nil:
		return nil
	}
	return of.check(at, value)
}

// responseError is what the model leaves to JSON-RPC. Code 0 is what many libraries make of
// an error without a code, so it is none.
func responseError() object {
	code := base{"an integer that is not 0", func(v any) bool { return isInteger(v, math.MinInt32) && v != json.Number("0") }}
	text := base{"string", is[string]}
	return object{
		name: "ResponseError", order: []string{"code", "message", "data"},
		properties: map[string]property{"code": {shape: code}, "message": {shape: text}, "data": {anything{}, true}},
	}
}

func (m *Model) checkError(name string, value any) *Violation {
	at := path{Error.root()}
	if v := responseError().check(at, value); v != nil {
		return v
	}
	data, present := value.(map[string]any)["data"]
	if known := m.requests[name]; present && known != nil && known.details != nil {
		return known.details.check(at.member("data"), data)
	}
	return nil
}

// finish says which message a violation is in. It returns a nil error for none.
func finish(kind Kind, name string, v *Violation) error {
	if v == nil {
		return nil
	}
	v.Kind, v.Method = kind, name
	return v
}

// root is the member of a message that holds its payload.
func (k Kind) root() string {
	switch k {
	case Response:
		return "result"
	case Error:
		return "error"
	}
	return "params"
}

// decode keeps numbers as they are written: 1 is an integer, 1.0 is not.
func decode(payload json.RawMessage) (value any, err error) {
	if payload == nil {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one value")
	}
	return value, nil
}
