package lspserver

import (
	"cmp"
	"maps"
	"slices"

	"hotclub/runner"
	"hotclub/runner/discover"
)

// failing is what diagnostics are made of: the failures of the tests that ran while the editor
// was here, and the files that could not be imported. The zero value is empty.
type failing struct {
	files map[string]map[runner.TestID]failure // by absolute path
	wider map[runner.TestID]string             // paths of those of classes and files, which may be other files than that of the class

	faults map[string]fault // why projects do not start, by key
}

// failure is a test, a class or a file that failed.
type failure struct {
	id       runner.TestID
	file     string
	messages []runner.Message
	line     int // of its definition when it ran, from 0; -1 for a class or file
}

func (f failure) wide() bool { return f.line < 0 }

// note takes a verdict; it returns the files whose diagnostics are others now.
func (f *failing) note(e runner.TestFinished) []string {
	switch {
	case e.Test.File == "":
		return nil
	case !e.Verdict.State.Terminal(), e.Verdict.State == runner.Cancelled, e.Verdict.State == runner.NotRun:
		return nil // what was known stands
	case e.Verdict.State.Bad():
		return f.put(failure{e.Test.ID, e.Test.File, said(e.Verdict), max(0, e.Test.Line-1)})
	}
	return f.passed(e.Test.File, e.Test.ID)
}

// noteClass takes what went wrong while a class or a file was torn down. It goes with the next
// test of it that passes.
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
	if len(change.Removed) > 0 && len(f.files) > 0 {
		gone := make(map[runner.TestID]bool)
		for _, id := range change.Removed {
			gone[id] = true
		}
		paths = f.dropAll(func(id runner.TestID) bool { return gone[id] })
	}
	for _, item := range change.Items {
		switch {
		case item.Kind != runner.KindFile:
		case item.Error != nil:
			paths = append(paths, f.put(failure{item.ID, item.File, []runner.Message{*item.Error}, -1})...)
		default:
			paths = append(paths, f.drop(item.File, item.ID)...)
		}
	}
	return paths
}

func (f *failing) put(one failure) []string {
	paths := []string{one.file}
	if old, ok := f.wider[one.id]; ok && old != one.file {
		paths = append(paths, f.drop(old, one.id)...)
	}
	if f.files == nil {
		f.files, f.wider = make(map[string]map[runner.TestID]failure), make(map[runner.TestID]string)
	}
	if f.files[one.file] == nil {
		f.files[one.file] = make(map[runner.TestID]failure)
	}
	f.files[one.file][one.id] = one
	if one.wide() {
		f.wider[one.id] = one.file
	}
	return paths
}

// passed forgets the failure of a test, and those of the class and file that it is in: they belong
// to a run that is past.
func (f *failing) passed(file string, id runner.TestID) []string {
	paths := f.drop(file, id)
	for around, where := range f.wider {
		if around.Holds(id) {
			paths = append(paths, f.drop(where, around)...)
		}
	}
	return paths
}

func (f *failing) drop(file string, id runner.TestID) []string {
	if _, ok := f.files[file][id]; !ok {
		return nil
	}
	delete(f.files[file], id)
	delete(f.wider, id)
	return []string{file}
}

func (f *failing) dropAll(which func(runner.TestID) bool) (paths []string) {
	for file, failures := range f.files {
		for id := range failures {
			if which(id) {
				paths = append(paths, f.drop(file, id)...)
			}
		}
	}
	return paths
}

// dropProject forgets all failures of a project.
func (f *failing) dropProject(key string) []string {
	return append(f.mended(key), f.dropAll(func(id runner.TestID) bool { return id.Project() == key })...)
}

func (f *failing) has(file string) bool { return len(f.files[file])+len(f.faultsOf(file)) > 0 }

// of lists the failures of a file, in the order of their lines.
func (f *failing) of(file string) []failure {
	return slices.SortedFunc(maps.Values(f.files[file]), func(a, b failure) int {
		return cmp.Or(a.line-b.line, cmp.Compare(a.id, b.id))
	})
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
