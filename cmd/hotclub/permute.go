package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

// positionalsLast moves the labels of "hotclub run" behind its flags. kong takes the words
// of a positional argument only in one go, while people write "run shop --failfast cart".
func positionalsLast(model *kong.Application, args []string) []string {
	if len(args) == 0 || args[0] != "run" {
		return args
	}
	flags := flagsOf(model, "run")
	ordered, labels := args[:1:1], []string{}
	for rest := args[1:]; len(rest) > 0; {
		taken := 1
		if len(rest[0]) > 1 && rest[0][0] == '-' {
			taken = min(flags.words(rest), len(rest))
			ordered = append(ordered, rest[:taken]...)
		} else {
			labels = append(labels, rest[0])
		}
		rest = rest[taken:]
	}
	return append(ordered, labels...)
}

// flagTable knows a command's flags as they are written, "--junit" and "-k".
type flagTable map[string]*kong.Flag

func flagsOf(model *kong.Application, command string) flagTable {
	table := flagTable{}
	for _, node := range model.Children {
		if node.Name != command {
			continue
		}
		for _, flag := range node.Flags {
			table["--"+flag.Name] = flag
			if flag.Short != 0 {
				table["-"+string(flag.Short)] = flag
			}
		}
	}
	return table
}

// words counts those that the flag at the head of rest takes, itself included.
func (t flagTable) words(rest []string) int {
	name, next := rest[0], ""
	if len(rest) > 1 {
		next = rest[1]
	}
	if strings.HasPrefix(name, "--") {
		if strings.Contains(name, "=") {
			return 1
		}
		return 1 + t.follows(t[name], next)
	}
	for i, letter := range name[1:] { // a cluster such as -qk PAT, or -kPAT
		flag := t["-"+string(letter)]
		if last := i+1+len(string(letter)) == len(name); last {
			return 1 + t.follows(flag, next)
		} else if flag == nil || !flag.IsBool() {
			return 1 // what remains is its value
		}
	}
	return 1
}

// follows counts the words after a flag that are its value.
func (t flagTable) follows(flag *kong.Flag, next string) int {
	switch {
	case flag == nil:
		return 0
	case !flag.IsBool():
		return 1
	}
	if o, ok := flag.Target.Addr().Interface().(optional); ok && o.takes(next) {
		return 1
	}
	return 0
}
