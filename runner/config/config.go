package config

import (
	"time"

	"hotclub/runner"
)

// Project is everything that hotclub needs to know before it starts the project's Python.
type Project struct {
	Root     string // absolute, symbolic links resolved: one project has one root, however it was reached
	Given    string // Root as the client spells it; differs by symbolic links only, for paths shown to the client
	ManagePy string // absolute; "" if there is none
	Python   string // absolute path of the interpreter; links of a virtual environment are kept, since they make it one
	Settings string // DJANGO_SETTINGS_MODULE to be set before manage.py runs; "" when manage.py decides
	Dir      string // working directory for workers: where manage.py is, else Root
	Key      string // short stable hash of root, manage.py, interpreter and settings

	Parallel     int           // workers at most; "auto" is resolved. Default auto
	Timeout      time.Duration // for each test; 0 means none. Default 10 minutes
	StartMethod  string        // "fork" or "spawn"; "auto" is resolved: fork on Linux, else spawn. Default auto
	SplitClasses bool          // large classes may be dealt to several workers. Default false
	OutputLimit  int64         // bytes of what a test prints that are kept. Default 64 MB
	SpareWorkers int           // ready workers that wait for the next run. Default 2
	IdleTimeout  time.Duration // the pool ends after so long without a run; 0 means never. Default 30 minutes
	BaseLayer    bool          // third-party imports are kept between boots, where workers are forked. Default true
	Watch        bool          // a file watcher gives a head start on saves. Default true
	// AffectedDepth is how much is noted of what tests execute: "functions", "files", "off", or
	// "auto", functions on Python 3.12 and later, else files. Default auto.
	AffectedDepth string
	// Flush is how a database on a server is emptied after each test of a TransactionTestCase: from
	// "images" where the result is the same, or always by "django". Default images.
	Flush      string
	RunnerArgs []string          // further options for the project's own test runner
	Env        map[string]string // variables for the workers, where the client has none of that name

	Files   []string // configuration files that were read; a change of one means to load again
	Origins []Value  // each value and where it came from, in the order in which doctor shows them
}

// Value is one value of a project and its origin.
type Value struct {
	Name   string `json:"name"`   // the key in the configuration, or "root"
	Value  string `json:"value"`  // for people; the values of env are left out
	Origin string `json:"origin"` // "pyproject.toml [tool.hotclub] line 12", "found: manage.py in a parent directory", "default"
}

// Load finds the project around the client. Its errors are of type [*Error].
func Load(client runner.Client, overrides runner.Overrides) (*Project, error) {
	project, faults := newSearch(client, overrides).load()
	if len(faults) > 0 {
		return nil, faults[0]
	}
	return project, nil
}

// load carries on after a fault as far as it makes sense, for doctor's sake.
func (s *search) load() (*Project, []*Error) {
	place, fault := s.locate()
	if fault != nil {
		return &Project{}, []*Error{fault}
	}
	project := &Project{Root: place.root, Given: place.given, ManagePy: place.manage, Dir: place.dir}
	r := &reading{search: s, choices: place.choices, project: project}
	r.note("root", place.root, place.rootOrigin)
	r.note("manage", orNone(place.manage), place.manageOrigin)
	r.faults = append(r.faults, place.faults...)
	project.Python = r.python()
	project.Settings = r.settings()
	r.values()
	project.Key = key(project)
	project.Files = place.choices.files
	return project, r.faults
}

// reading fills a project from its configuration and collects what is wrong with it.
type reading struct {
	search  *search
	choices choices
	project *Project
	faults  []*Error
}

func (r *reading) note(name, value, origin string) {
	r.project.Origins = append(r.project.Origins, Value{Name: name, Value: value, Origin: origin})
}

func (r *reading) fail(fault *Error) { r.faults = append(r.faults, fault) }

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
