package lsptest

import "encoding/json"

// The shapes that tests of LSP features look at, apart from the library's on purpose: what
// its types forgive, these do not see either, but the meta model has already looked.

// Position counts lines from 0, and characters in the session's encoding.
type Position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// Range is half open.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// Location is a range in a file.
type Location struct {
	URI   string `json:"uri"`
	Range Range  `json:"range"`
}

// Command is what a click does.
type Command struct {
	Title     string            `json:"title"`
	Tooltip   string            `json:"tooltip,omitempty"`
	Command   string            `json:"command"`
	Arguments []json.RawMessage `json:"arguments,omitempty"`
}

// Lens is a code lens, resolved if it has a command.
type Lens struct {
	Range   Range           `json:"range"`
	Command *Command        `json:"command,omitempty"`
	Data    json.RawMessage `json:"data,omitempty"`
}

// Title is that of the command, empty for none.
func (l Lens) Title() string {
	if l.Command == nil {
		return ""
	}
	return l.Command.Title
}

// Diagnostic is a problem at a place. Its message is plain text: the editor offers no other.
type Diagnostic struct {
	Range    Range           `json:"range"`
	Severity int             `json:"severity,omitempty"`
	Code     json.RawMessage `json:"code,omitempty"`
	Source   string          `json:"source,omitempty"`
	Message  string          `json:"message"`
	Related  []struct {
		Location Location `json:"location"`
		Message  string   `json:"message"`
	} `json:"relatedInformation,omitempty"`
	Data json.RawMessage `json:"data,omitempty"`
}

// Action is a code action, or a command in its place.
type Action struct {
	Title   string          `json:"title"`
	Kind    string          `json:"kind,omitempty"`
	Command json.RawMessage `json:"command,omitempty"` // a Command, or the name of one
	Data    json.RawMessage `json:"data,omitempty"`
}

// Progress is what is known of one token.
type Progress struct {
	Token       string
	Title       string
	Cancellable bool
	Messages    []string // of begin, the reports and end, those that have one
	Percentages []int
	Ended       bool
}

// Note is a window/showMessage or window/logMessage, or the text of a showMessageRequest.
type Note struct {
	Type    int    `json:"type"`
	Message string `json:"message"`
	Actions []struct {
		Title string `json:"title"`
	} `json:"actions,omitempty"`
}
