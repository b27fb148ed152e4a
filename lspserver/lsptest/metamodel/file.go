package metamodel

import "encoding/json"

// modelFile is metaModel.json, as far as it is used here.
type modelFile struct {
	Requests      []methodFile      `json:"requests"`
	Notifications []methodFile      `json:"notifications"`
	Structures    []structureFile   `json:"structures"`
	Enumerations  []enumerationFile `json:"enumerations"`
	TypeAliases   []aliasFile       `json:"typeAliases"`
}

type methodFile struct {
	Method              string    `json:"method"`
	MessageDirection    Direction `json:"messageDirection"`
	ClientCapability    string    `json:"clientCapability"`
	ServerCapability    string    `json:"serverCapability"`
	RegistrationMethod  string    `json:"registrationMethod"`
	Params              *typeFile `json:"params"`
	Result              *typeFile `json:"result"`
	PartialResult       *typeFile `json:"partialResult"`
	ErrorData           *typeFile `json:"errorData"`
	RegistrationOptions *typeFile `json:"registrationOptions"`
}

type structureFile struct {
	Name       string         `json:"name"`
	Extends    []typeFile     `json:"extends"`
	Mixins     []typeFile     `json:"mixins"`
	Properties []propertyFile `json:"properties"`
}

type propertyFile struct {
	Name     string   `json:"name"`
	Type     typeFile `json:"type"`
	Optional bool     `json:"optional"`
}

type enumerationFile struct {
	Name                 string   `json:"name"`
	Type                 typeFile `json:"type"`
	SupportsCustomValues bool     `json:"supportsCustomValues"`
	Values               []struct {
		Value any `json:"value"`
	} `json:"values"`
}

type aliasFile struct {
	Name string   `json:"name"`
	Type typeFile `json:"type"`
}

// typeFile is any type; Kind says which of the other members count.
type typeFile struct {
	Kind    string          `json:"kind"`
	Name    string          `json:"name"`
	Items   []typeFile      `json:"items"`
	Element *typeFile       `json:"element"`
	Key     *typeFile       `json:"key"`
	Value   json.RawMessage `json:"value"` // a type for map, a string for stringLiteral, properties for literal
}
