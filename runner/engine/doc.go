// Package engine holds the projects of one server: it finds the project a request is about,
// the pool that serves the client's environment, and has the run carried out there.
//
// A project is known (runner/project) from the first question about it, which starts nothing, and
// has pools from the first run or look on, one for each environment and each set of options that it
// is booted with: a flavour. They end with Stop, or when nobody has used the project for long.
//
// Whoever uses a pool is counted in and out, in the project and in the flavour. A run keeps its
// project from being stopped; a look (look.go), which only collects, does not: Stop ends it.
//
// Open engine.go first; known.go and anticipate.go have the looks, inspect.go what people ask about
// projects, saves.go and changes.go what becomes of an edit.
package engine
