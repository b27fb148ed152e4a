package config

import "strings"

// Error is a fault of the project or of how it was asked for. Its text is complete: what
// is wrong, where, and what to do about it.
type Error struct {
	What   string // "unknown key \"paralel\" in [tool.hotclub]"
	Where  string // "pyproject.toml:14", relative to the client's directory when inside it; may be empty
	Remedy string // "did you mean \"parallel\"?"
	Usage  bool   // hotclub was asked or configured wrongly (exit status 2); otherwise the project cannot be started (3)
	File   string // absolute path of the file at fault, for an editor's diagnostics; may be empty
	Line   int    // 1-based line in File, 0 when unknown

	about string // the value that could not be had: "root", "python", a key
	cause error
}

// Error joins the three parts.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Where != "" {
		b.WriteString(e.Where + ": ")
	}
	b.WriteString(e.What)
	if e.Remedy != "" {
		b.WriteString("; " + e.Remedy)
	}
	return b.String()
}

// Unwrap returns what the operating system or the TOML parser said, if anything did.
func (e *Error) Unwrap() error { return e.cause }
