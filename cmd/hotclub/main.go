// Command hotclub runs the tests of Django projects on warm Python workers.
//
// One file for each command; app.go reads the command line, connect.go finds the daemon or
// starts it, engine.go plugs the parts of the machinery together.
package main

import "os"

func main() { os.Exit(run(os.Args[1:])) }

// run is main with the exit status as its result.
func run(args []string) int {
	a, err := newApp()
	if err != nil {
		return a.fail(err)
	}
	return a.run(args)
}
