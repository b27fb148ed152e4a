package lspserver

import (
	"slices"

	"hotclub/runner"
	"hotclub/runner/discover"
)

// failing is what diagnostics are made of: the failures of the tests that ran while the editor
// was here, and the files that could not be imported. The zero value is empty.
type failing struct {
	files map[string]map[runner.TestID]failure // by absolute path of the test's file
}

// failure is a test, a class or a file that failed.
type failure struct {
	id       runner.TestID
	file     string
	messages []runner.Message
	line     int // of its definition when it ran, from 0; -1 for a class or file
}

// note takes a verdict; it returns the files whose diagnostics are others now.
func (f *failing) note(e runner.TestFinished) []string {
	switch {
	case e.Test.File == "":
		return nil
	case !e.Verdict.State.Terminal(), e.Verdict.State == runner.Cancelled, e.Verdict.State == runner.NotRun:
		return nil // what was known stands
	case e.Verdict.State.Bad():
		return f.put(failure{e.Test.ID, e.Test.File, said(e.Verdict), e.Test.Line - 1})
	}
	return f.drop(e.Test.File, e.Test.ID)
}

// noteClass takes what went wrong while a class or a file was torn down. It goes with the next
// run of its tests.
func (f *failing) noteClass(e runner.ClassErrored) []string {
	for _, m := range e.Verdict.Messages {
		if m.Location != nil {
			return f.put(failure{e.ID, m.Location.File, e.Verdict.Messages, -1})
		}
	}
	return nil
}

// change follows the tree of tests: what is gone has no diagnostics, a file that can't be imported
// has one.
func (f *failing) change(change discover.Change) (paths []string) {
	for _, id := range change.Removed {
		for file := range f.files {
			paths = append(paths, f.drop(file, id)...)
		}
	}
	for _, item := range change.Items {
		if item.Kind != runner.KindFile {
			continue
		}
		if item.Error != nil {
			paths = append(paths, f.put(failure{item.ID, item.File, []runner.Message{*item.Error}, -1})...)
		} else {
			paths = append(paths, f.drop(item.File, item.ID)...)
		}
	}
	return paths
}

func (f *failing) put(one failure) []string {
	if f.files == nil {
		f.files = make(map[string]map[runner.TestID]failure)
	}
	if f.files[one.file] == nil {
		f.files[one.file] = make(map[runner.TestID]failure)
	}
	f.files[one.file][one.id] = one
	return []string{one.file}
}

// drop forgets a failure, and those of a class or file that it is in: they belong to a run that
// is past.
func (f *failing) drop(file string, id runner.TestID) []string {
	found := false
	for each, one := range f.files[file] {
		if each == id || one.line < 0 && each != id && each.Holds(id) {
			delete(f.files[file], each)
			found = true
		}
	}
	if !found {
		return nil
	}
	return []string{file}
}

// dropProject forgets all failures of a project.
func (f *failing) dropProject(key string) (paths []string) {
	for file, failures := range f.files {
		for id := range failures {
			if id.Project() == key {
				delete(failures, id)
				paths = append(paths, file)
			}
		}
	}
	return paths
}

func (f *failing) has(file string) bool { return len(f.files[file]) > 0 }

// of lists the failures of a file, in the order of their lines.
func (f *failing) of(file string) []failure {
	var list []failure
	for _, one := range f.files[file] {
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b failure) int {
		if a.line != b.line {
			return a.line - b.line
		}
		if a.id < b.id {
			return -1
		}
		return 1
	})
	return list
}

// said are the messages of a bad verdict; one that has none is put into words.
func said(verdict runner.Verdict) []runner.Message {
	if len(verdict.Messages) > 0 {
		return verdict.Messages
	}
	return []runner.Message{{Text: outcomeText(verdict)}}
}

func outcomeText(verdict runner.Verdict) string {
	if verdict.State == runner.XPassed {
		return "passed although it is marked as an expected failure"
	}
	return string(verdict.State)
}
