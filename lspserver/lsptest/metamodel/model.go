package metamodel

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

//go:embed metaModel.json.gz
var published []byte

// Model is a parsed meta model. It does not change and may be shared.
type Model struct {
	named         map[string]*named // structures, enumerations and type aliases
	requests      map[string]*method
	notifications map[string]*method
	registrations map[string]shape // what registerOptions must be, by the method of a registration
}

// method is what the model says of a request or a notification. Shapes are nil where it
// says nothing.
type method struct {
	direction                        Direction
	client, server                   string // dotted paths of the capabilities that it stands on
	params, result, partial, details shape
}

// both is the direction of what either side may send.
const both Direction = "both"

// LSP is the model of LSP 3.18. It panics if the embedded file is not what it should be.
func LSP() *Model { return embedded() }

// embedded is parsed once: it takes longer than most of the tests that want it.
var embedded = sync.OnceValue(func() *Model {
	in, err := gzip.NewReader(bytes.NewReader(published))
	if err != nil {
		panic(err)
	}
	data, err := io.ReadAll(in)
	if err != nil {
		panic(err)
	}
	m, err := Parse(data)
	if err != nil {
		panic(err)
	}
	return m
})

// Parse reads a meta model as it is published.
func Parse(data []byte) (*Model, error) {
	var file modelFile
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("meta model: %w", err)
	}
	return build(&file)
}

// Capabilities are the dotted paths of the capabilities that a method stands on, empty
// where the model names none: textDocument.codeLens and codeLensProvider.
func (m *Model) Capabilities(name string) (client, server string) {
	for _, methods := range []map[string]*method{m.requests, m.notifications} {
		if found, ok := methods[name]; ok {
			return found.client, found.server
		}
	}
	return "", ""
}
