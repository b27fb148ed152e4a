package bridge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	experiment "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// lenient reads JSON as encoding/json does: what is not UTF-8 becomes U+FFFD.
var lenient = experiment.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))

// message is one JSON-RPC message and what its envelope says. Its bytes are never changed.
type message struct {
	raw  []byte // header and body, as they came
	body []byte

	id     string // JSON, with strings in one spelling; empty: none
	method string // empty: an answer
	params []byte // JSON, within body
	result []byte
	failed bool // an answer that is an error
	idAt   int  // where the id is in body
	idEnd  int

	to *link // of a message of the bridge's own: only for this daemon
}

func (m *message) isRequest() bool { return m.method != "" && m.id != "" }
func (m *message) isAnswer() bool  { return m.method == "" }

// parse reads the envelope; the values in it are only skipped.
func (m *message) parse() error {
	d := jsontext.NewDecoder(bytes.NewBuffer(m.body), lenient)
	if err := m.members(d); err != nil {
		return fmt.Errorf("%w: %w", errMalformed, err)
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return fmt.Errorf("%w: something follows the JSON of a message", errMalformed)
	}
	return nil
}

func (m *message) members(d *jsontext.Decoder) error {
	if d.PeekKind() != '{' { // LSP has no batches
		return fmt.Errorf("%.40q is no JSON object", m.body)
	}
	d.ReadToken()
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		key := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		if err := m.member(key, value, int(d.InputOffset())); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

func (m *message) member(key string, value jsontext.Value, end int) error {
	in := m.body[end-len(value) : end] // the decoder's own may move
	switch key {
	case "id":
		m.id, m.idAt, m.idEnd = spelling(in), end-len(value), end
	case "method":
		if err := experiment.Unmarshal(in, &m.method, lenient); err != nil || m.method == "" {
			return fmt.Errorf("the method is %.40q", in)
		}
	case "params":
		m.params = in
	case "result":
		m.result = in
	case "error":
		m.failed = value.Kind() != 'n'
	}
	return nil
}

// spelling makes two spellings of one id or token equal.
func spelling(raw []byte) string {
	if len(raw) > 0 && raw[0] == '"' {
		var s string
		if experiment.Unmarshal(raw, &s, lenient) == nil {
			return quote(s)
		}
	}
	return string(raw)
}

func quote(s string) string {
	data, _ := json.Marshal(s) // a string cannot fail
	return string(data)
}

// withID is the message with another id.
func (m *message) withID(id string) message {
	renamed := compose(slices.Concat(m.body[:m.idAt], []byte(id), m.body[m.idEnd:]))
	renamed.method, renamed.id = m.method, id
	return renamed
}

// errorCode is that of an answer, 0 for a result.
func (m *message) errorCode() jsonrpc2.Code {
	var answer struct {
		Error struct {
			Code jsonrpc2.Code `json:"code"`
		} `json:"error"`
	}
	decode(m.body, &answer)
	return answer.Error.Code
}

// decode reads a part of a message and reports whether it could. Where it could not,
// whoever the message is for will complain.
func decode(part []byte, into any) bool {
	return len(part) > 0 && experiment.Unmarshal(part, into, lenient) == nil
}

// compose frames a body.
func compose(body []byte) message {
	raw := fmt.Appendf(make([]byte, 0, len(body)+32), "Content-Length: %d\r\n\r\n", len(body))
	head := len(raw)
	raw = append(raw, body...)
	return message{raw: raw, body: raw[head:]}
}

// envelope is what the bridge says itself.
type envelope struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  any             `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *failure        `json:"error,omitempty"`
}

type failure struct {
	Code    jsonrpc2.Code `json:"code"`
	Message string        `json:"message"`
}

func say(e envelope) message {
	e.Version = "2.0"
	body, err := json.Marshal(e)
	if err != nil { // cannot happen: params are plain structs and JSON that was read before
		body = fmt.Appendf(nil, `{"jsonrpc":"2.0","method":%q}`, e.Method)
	}
	m := compose(body)
	m.id, m.method = string(e.ID), e.Method
	return m
}

func notification(method string, params any) message {
	return say(envelope{Method: method, Params: params})
}

func answerNull(id string) message {
	return say(envelope{ID: json.RawMessage(id), Result: json.RawMessage("null")})
}

func answerError(id string, code jsonrpc2.Code, text string) message {
	return say(envelope{ID: json.RawMessage(id), Error: &failure{code, text}})
}

// cancelled is the code for what the end of the daemon has cut off.
const cancelled = jsonrpc2.Code(protocol.LSPErrorCodesServerCancelled)
