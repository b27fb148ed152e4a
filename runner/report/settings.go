package report

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/term"
)

// Settings say how a [Terminal] prints.
type Settings struct {
	// TTY turns the live line on. Without it only whole lines are written.
	TTY bool
	// Width returns the columns of the terminal at this moment; nil means 80.
	Width func() int
	// Color allows SGR sequences, our own and those in the output of tests.
	Color bool
	// Verbosity is 0 for failures and the summary line alone, 1 for the usual, 2 for a
	// line for each test and the output of all tests in full, 3 for notices and timings too.
	Verbosity int
	// Durations is how many of the slowest tests to list; negative lists all of them. 0 lists
	// the three slowest that took more than half a second, at verbosity 1 and above.
	Durations int
	// Root is the directory of the project: paths below it are shown relative to it.
	Root string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Tick paces the live line, one redraw for each value; nil means ten a second.
	Tick <-chan time.Time
}

const defaultWidth = 80

// withDefaults fills in what the owner left out.
func (s Settings) withDefaults() Settings {
	if s.Width == nil {
		s.Width = func() int { return defaultWidth }
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	return s
}

// Detect finds out what f can show and what the environment asks for. Verbosity is 1.
//
// Colour is off with noColor, NO_COLOR, CLICOLOR=0 or TERM=dumb, in that order before
// FORCE_COLOR and CLICOLOR_FORCE turn it on (as Python orders them); otherwise a
// terminal has it. The live line needs a terminal that is not dumb and no CI: logs of
// build servers keep every redraw, even where they pretend to be a terminal.
func Detect(f *os.File, env func(string) string, noColor bool) Settings {
	terminal := term.IsTerminal(int(f.Fd())) && enableEscapes(f)
	return Settings{
		TTY:       terminal && env("TERM") != "dumb" && !truthy(env("CI")),
		Color:     wantsColor(terminal, env, noColor),
		Width:     func() int { return width(f, env) },
		Verbosity: 1,
		Now:       time.Now,
	}
}

func wantsColor(terminal bool, env func(string) string, noColor bool) bool {
	switch {
	case noColor, env("NO_COLOR") != "":
		return false
	case env("FORCE_COLOR") == "0", env("CLICOLOR") == "0":
		return false
	case truthy(env("FORCE_COLOR")), truthy(env("CLICOLOR_FORCE")):
		return true
	case env("TERM") == "dumb":
		return false
	}
	return terminal
}

// truthy reads a variable that is usually set to 1 or true, by some to 0 or false.
func truthy(value string) bool {
	return value != "" && value != "0" && value != "false"
}

// width asks the terminal anew each time, since windows are resized during long runs.
func width(f *os.File, env func(string) string) int {
	if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
		return columns
	}
	if columns, err := strconv.Atoi(env("COLUMNS")); err == nil && columns > 0 {
		return columns
	}
	return defaultWidth
}
