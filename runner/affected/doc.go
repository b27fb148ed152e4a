// Package affected decides which tests an edit can change, from what each test has executed and
// used when it last ran: its footprint. It may name too many, never too few: where something is
// not known, the test counts as affected.
//
// A footprint says which functions of the project's files were called in the time of a test, of
// the fixtures of its class and of its module, which templates were used, and which process it
// was: all that a process has read counts for each of its tests, since it may have kept it. A
// function that was called while a module was imported, or below one that remembers (lru_cache,
// cached_property), counts for all tests of its process too.
//
// Of a Python file the texts of then and now are compared by digests ([Facts]). Where only bodies
// of functions differ, the tests are affected that called one of them. What differs at the level
// of the module affects all tests of the processes that executed the file, but for one that only
// test modules import: then those whose modules reach it by imports, unless it registers something
// with others when it is imported.
//
// What footprints cannot know: a value that the project keeps in a variable of its own and that
// another test of the process made; code that is made or replaced at run time; what only line
// numbers tell; a child process that was started before any test; the variables of the
// environment, which belong to the generation.
//
// Read facts.go for what of a text counts, process.go for how footprints come in, sight.go for what
// is compared with the disk, decide.go for the rules.
package affected
