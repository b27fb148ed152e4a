package dispatch

import (
	"slices"
	"strconv"

	"hotclub/runner"
)

// selecting are the options of the test command that decide which tests are loaded, and in what order.
func selecting(selection runner.Selection, options runner.Options, runnerArgs []string) []string {
	var args []string
	for _, pattern := range selection.Patterns {
		args = append(args, "-k", pattern)
	}
	for _, tag := range selection.Tags {
		args = append(args, "--tag", tag)
	}
	for _, tag := range selection.ExcludeTags {
		args = append(args, "--exclude-tag", tag)
	}
	if options.Reverse {
		args = append(args, "--reverse")
	}
	if options.Shuffle {
		args = append(args, shuffle(options.Seed))
	}
	return append(args, runnerArgs...)
}

func shuffle(seed *int64) string {
	if seed == nil {
		return "--shuffle"
	}
	return "--shuffle=" + strconv.FormatInt(*seed, 10)
}

// running are the options with which workers run what was selected.
func running(selected []string, options runner.Options, seed *int64) []string {
	args := slices.Clone(selected)
	if i := slices.Index(args, "--shuffle"); i >= 0 && seed != nil {
		args[i] = shuffle(seed)
	}
	if options.FailFast {
		args = append(args, "--failfast")
	}
	if options.Buffer {
		args = append(args, "--buffer")
	}
	if options.DebugSQL {
		args = append(args, "--debug-sql")
	}
	if options.Verbosity != 1 {
		args = append(args, "--verbosity="+itoa(options.Verbosity))
	}
	return args
}
