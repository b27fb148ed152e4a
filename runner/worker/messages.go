package worker

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"hotclub/runner"
)

// BootParams say what to boot; see boot.py.
type BootParams struct {
	Root      string   `json:"root"`
	Directory string   `json:"directory"`
	Manage    string   `json:"manage,omitempty"` // absolute path of manage.py, "" for a project without one
	Key       string   `json:"key"`
	Arguments []string `json:"arguments,omitempty"` // options of the test command that hold for the whole life of the worker
	Depth     string   `json:"depth,omitempty"`     // of footprints: functions, files, auto or off
	Prime     []string `json:"prime,omitempty"`     // modules from outside the project to import in advance
	Engines   []string `json:"engines,omitempty"`   // Django's vendors of servers on which databases can be cloned
	Flush     string   `json:"flush,omitempty"`     // of databases on servers after a test: "django", else from images where that is the same
	Calls     bool     `json:"calls,omitempty"`     // templates may be built in it or its forks: which functions it calls matters
	Closely   bool     `json:"closely,omitempty"`   // they matter also where it takes time to know them

	Coverage *runner.Measure `json:"coverage,omitempty"` // which lines are executed matters; nil: it does not
}

// BootReport is what a booted process knows of its project.
type BootReport struct {
	Phases      []runner.Timing   `json:"phases"`
	Python      string            `json:"python"`
	Executable  string            `json:"executable"`
	Django      string            `json:"django"`
	Settings    string            `json:"settings"`
	Rung        Rung              `json:"rung"`
	Reason      string            `json:"reason"` // the override that forced the rung
	Aliases     []Alias           `json:"aliases"`
	Environment map[string]string `json:"environment"` // variables read while booting: digest of the value, "" for absent
	Judges      bool              `json:"judges"`      // the runner has a suite_result of its own
	TearsDown   bool              `json:"tearsDown"`   // the runner has a teardown_test_environment of its own
	Unsafe      string            `json:"unsafe"`      // why the process must not be forked, "" when it may be
}

// Alias is one entry of DATABASES.
type Alias struct {
	Alias    string `json:"alias"`
	Clonable string `json:"clonable"` // "" when its database can be cloned, else why not
}

// Rung is a step of the ladder of ways to run a project's tests, best first. All give the
// verdicts of manage.py test.
type Rung string

const (
	Stream Rung = "stream" // results as they happen, on clones
	Suite  Rung = "suite"  // the project's own run_suite, class by class, on clones
	Replay Rung = "replay" // the project's own ParallelTestSuite, replayed class by class, on clones
	Own    Rung = "own"    // one worker, on databases that the project's runner sets up
	Cold   Rung = "cold"   // manage.py test as it is
)

// Collection is what the project's loader found for some labels.
type Collection struct {
	Units     []CollectedUnit `json:"units"`
	Databases []string        `json:"databases"`
	Seed      *int64          `json:"seed"`
	Failed    int             `json:"failed"` // modules that could not be imported
	Models    []ModelModule   `json:"models"` // test modules that define models
}

// ModelModule is a module of tests that defines models. Django has them in its registry, and their
// tables in the databases, whichever of the selected tests runs.
type ModelModule struct {
	Module string `json:"module"`
	File   string `json:"file"`
}

// CollectedUnit is a class with its tests, in order.
type CollectedUnit struct {
	Module    string          `json:"module"`
	Class     string          `json:"class"`
	Label     string          `json:"label"`
	Bin       int             `json:"bin"`
	Databases []string        `json:"databases"`
	Tests     []CollectedTest `json:"tests"`
}

// CollectedTest is one test of a unit; Label is its name towards the worker.
type CollectedTest struct {
	Path  string   `json:"path"` // of its module, relative to the project where it lies inside
	Label string   `json:"label"`
	Class string   `json:"class"`
	Name  string   `json:"name"`
	File  string   `json:"file"`
	Line  int      `json:"line"`
	Tags  []string `json:"tags"`
	Error string   `json:"error"` // of something that could not be loaded
	// Of a module that could not be imported: why, and where.
	Message *runner.Message `json:"message"`
}

// Schemas are the databases behind some aliases.
type Schemas struct {
	Schemas []Schema          `json:"schemas"`
	Mirrors map[string]string `json:"mirrors"`
	// Facts are digests of settings and variables, on which the contents may depend; see facts.py.
	Facts map[string]string `json:"facts"`
}

// Schema identifies what a test database must contain; see fingerprint.py.
type Schema struct {
	Alias   string   `json:"alias"`   // the alias that leads
	Aliases []string `json:"aliases"` // all that share the database
	Engine  string   `json:"engine"`
	Memory  bool     `json:"memory"`
	Key     string   `json:"key"`
	// Base is what the key depends on but for the migrations, Steps are these: path and digest.
	Base  string            `json:"base"`
	Steps map[string]string `json:"steps"`
	// Server holds the parameters of the connection to the database's server, empty where there is
	// none. It may hold a password: it is for no log and no file.
	Server Server `json:"server,omitempty"`
}

// Server is how to reach a database server: parameters of Django's backend by their names.
type Server map[string]string

// LogValue implements [slog.LogValuer].
func (s Server) LogValue() slog.Value { return slog.StringValue(s.String()) }

// String leaves the values out.
func (s Server) String() string { return strings.Join(slices.Sorted(maps.Keys(s)), " ") }

// Place is where a build writes a migrated database: a file, or the name of a database on a server.
type Place struct {
	Schema
	Path  string `json:"path"`
	Label string `json:"label,omitempty"` // that a database on a server gets as soon as it is there, "" for none

	// Missing are the migrations that are not applied in the database that is there already.
	Missing []string `json:"missing,omitempty"`
	Note    string   `json:"note,omitempty"` // what the build of that database noted
}

// Built is what the contents of databases that were just built depend on beyond the keys of their
// schemas; see inputs.py.
type Built struct {
	Inputs []Input  `json:"inputs"`
	Facts  []string `json:"facts"`  // by their names in Schemas
	Keyed  []string `json:"keyed"`  // files of the project that are part of the keys
	Afresh bool     `json:"afresh"` // what was missing in a place could not be added to what was there
	Coarse bool     `json:"coarse"` // sources count whole, for nobody listened to what was called
	Note   string   `json:"note"`   // for the build that goes on with these databases; see extend.py
}

// Input is a file or directory. Of a source, unless the whole of it counts, that is the module's
// level and the bodies of the functions that were called.
type Input struct {
	Path      string   `json:"path"`
	Whole     bool     `json:"whole"`
	Functions []string `json:"functions"`
	Moved     bool     `json:"-"` // it is not any more as the process has read it
}

// Compare marks what is not any more as the process has read it. A file of the keys becomes an
// input then.
func (b *Built) Compare(stale func(path string) bool) {
	for i := range b.Inputs {
		b.Inputs[i].Moved = stale(b.Inputs[i].Path)
	}
	for _, path := range b.Keyed {
		if stale(path) {
			b.Inputs = append(b.Inputs, Input{Path: path, Whole: true, Moved: true})
		}
	}
}

// Clone is what a worker attaches: the template, and the clone's own file or, on a server, name,
// unless it lives in memory.
type Clone struct {
	Template string `json:"template"`
	Clone    string `json:"clone"`
	// Serialized is a file for the contents that Django's serialized_rollback restores, as processes
	// of one generation see them. The first that needs them writes it. "" for no such file.
	Serialized string `json:"serialized"`
	Generation string `json:"generation"`
}

// Event is what a worker says while it waits for a debugger or runs a unit.
type Event interface{ workerEvent() }

// Loaded says that a unit made the worker read more. It waits for Go or Leave.
type Loaded struct{}

// Started says that the test at this index of the unit begins.
type Started struct {
	Test   int   `json:"test"`
	Output int64 `json:"output"` // length of what was printed before
}

// Finished brings its outcome.
type Finished struct {
	Test     int              `json:"test"`
	State    runner.State     `json:"state"`
	Ms       float64          `json:"ms"`
	Messages []runner.Message `json:"messages"`
	Reason   string           `json:"reason"`
	Queries  int              `json:"queries"`
	Output   Span             `json:"output"`
	Subtests []runner.Subtest `json:"subtests"`
}

// TearingDown says that the fixtures of a class or module are torn down next.
type TearingDown struct {
	Phase  runner.Phase `json:"phase"`
	Name   string       `json:"name"`
	Module string       `json:"module"`
	Output int64        `json:"output"` // length of what was printed before
}

// FixtureErrored says that the fixtures of a class or module could not be torn down.
type FixtureErrored struct {
	Phase    runner.Phase     `json:"phase"`
	Name     string           `json:"name"`
	Module   string           `json:"module"`
	State    runner.State     `json:"state"`
	Messages []runner.Message `json:"messages"`
	Output   Span             `json:"output"`
}

func (DebuggerReady) workerEvent()  {}
func (Loaded) workerEvent()         {}
func (Started) workerEvent()        {}
func (Finished) workerEvent()       {}
func (TearingDown) workerEvent()    {}
func (FixtureErrored) workerEvent() {}

// Span is a part of a capture file: offsets of its first byte and behind its last.
type Span [2]int64

// UnitReport is how a unit ended.
type UnitReport struct {
	Stopped []int  `json:"stopped"` // tests that were not begun because the worker was told to stop
	Problem string `json:"problem"` // why the worker can take no further unit, "" when it can
	Quiet   bool   `json:"quiet"`   // no code of the project's is left for the end of the worker's part
	Left    bool   `json:"left"`    // the unit was left before its first test, as it was asked to

	Debugged bool `json:"debugged"` // a debugger is attached still

	Footprint *Footprint `json:"footprint"` // nil where none is made
}

// Judged is the verdict of a test, or of a class or module that could not be torn down, as the
// project's runner is asked about it.
type Judged struct {
	Test     string           `json:"test"` // its name towards the worker, or that of the class or module
	State    runner.State     `json:"state"`
	Reason   string           `json:"reason,omitempty"`
	Messages []runner.Message `json:"messages,omitempty"`
}

// EndReport is how a worker's part in a run ended.
type EndReport struct {
	Imported []string `json:"imported"` // modules from outside the project that the boot had not loaded

	Footprint *Footprint `json:"footprint"` // of the end itself
}

// Refusal is an answer that says no: the project's code raised, or the request made no sense
// there.
type Refusal struct {
	Request   string           // what was asked
	Message   string           // for a person
	Phase     string           // of a boot
	Summary   string           // the exception in one line, where there was one
	Location  *runner.Location // in the project, where known
	Frames    []runner.Frame   // of the exception, outermost first
	Traceback string
	Rung      Rung // of the ladder to step down to, where that is the cure
	Usage     bool // the caller's labels or options are to blame
	Crowded   bool // a database server takes no more connections
}

func (r *Refusal) Error() string {
	if r.Phase != "" {
		return fmt.Sprintf("%s failed while loading %s: %s", r.Request, r.Phase, r.Message)
	}
	return r.Message
}

// Fault puts an error of a request into the words of a verdict.
func Fault(err error) runner.Message {
	var refused *Refusal
	if errors.As(err, &refused) {
		text := refused.Error()
		if refused.Traceback != "" {
			text += "\n\n" + refused.Traceback
		}
		return runner.Message{
			Text: text, Summary: cmp.Or(refused.Summary, refused.Message), Location: refused.Location, Frames: refused.Frames,
		}
	}
	return runner.Message{Text: err.Error()}
}

// Died is the end of a worker in the middle of a request.
type Died struct {
	Worker string
	How    string // "was killed by signal 11 (segmentation fault)"
	Output string // the last words of its capture file
}

// Brief is the error without the output, which may be that of several tests.
func (d *Died) Brief() string { return fmt.Sprintf("worker %s %s", d.Worker, d.How) }

func (d *Died) Error() string {
	text := d.Brief()
	if tail := strings.TrimSpace(d.Output); tail != "" {
		text += "; its last output:\n" + tail
	}
	return text
}

func refusal(request, message string, data []byte) *Refusal {
	var details struct {
		Phase     string           `json:"phase"`
		Summary   string           `json:"summary"`
		Location  *runner.Location `json:"location"`
		Frames    []runner.Frame   `json:"frames"`
		Traceback string           `json:"traceback"`
		Rung      Rung             `json:"rung"`
		Usage     bool             `json:"usage"`
		Crowded   bool             `json:"crowded"`
	}
	if len(data) > 0 {
		// Without its details the message still stands.
		_ = json.Unmarshal(data, &details)
	}
	return &Refusal{
		Request: request, Message: message, Phase: details.Phase, Summary: details.Summary,
		Location: details.Location, Frames: details.Frames, Traceback: details.Traceback, Rung: details.Rung, Usage: details.Usage, Crowded: details.Crowded,
	}
}
