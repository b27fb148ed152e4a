package engine

import "strings"

// options tells the options of the test command that a worker is booted with from those that
// each run may choose anew. The project's runner sees all options when it is made and may do
// with them what it likes, as early as in setup_test_environment; only of some of Django's own
// is it known that they matter to loading and reporting alone. They are told by the spelling
// that hotclub's own flags have.
func options(args []string) (booting, running []string) {
	for _, arg := range args {
		switch {
		case arg == "--timing", strings.HasPrefix(arg, "--pattern="), strings.HasPrefix(arg, "--top-level-directory="):
			running = append(running, arg)
		default:
			booting = append(booting, arg)
		}
	}
	return booting, running
}
