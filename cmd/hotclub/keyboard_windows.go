package main

import "os"

// keyboard is for other systems: a read of a console cannot be ended, so that no keys are taken
// here. Ctrl-C leaves.
type keyboard struct{}

func openKeyboard(*os.File) *keyboard { return nil }

func (*keyboard) keys() <-chan byte { return nil }

func (*keyboard) restore() {}

func (*keyboard) close() {}
