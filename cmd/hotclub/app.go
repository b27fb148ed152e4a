package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/alecthomas/kong"

	"hotclub/lspserver"
)

const description = `Runs Django tests on warm Python workers, which have booted before you ask.

A daemon in the background keeps the workers; it starts with the first command that needs
it and ends by itself. Editors share it through "hotclub lsp".`

// commandLine is every command; their fields are their flags.
type commandLine struct {
	Run     runCommand     `cmd:"" help:"Run tests; a drop-in for manage.py test."`
	Status  statusCommand  `cmd:"" help:"Show workers, generations and databases."`
	Explain explainCommand `cmd:"" help:"Tell why a test, or the workers, stand where they do."`
	Stop    stopCommand    `cmd:"" help:"End a project's workers, or the daemon."`
	Restart restartCommand `cmd:"" help:"Replace a project's workers by new ones."`
	Doctor  doctorCommand  `cmd:"" help:"Check each thing that could be wrong, and name its remedy."`
	DB      dbCommand      `cmd:"" name:"db" help:"Look after the test databases."`
	LSP     lspCommand     `cmd:"" name:"lsp" help:"Serve an editor over standard input and output."`
	Daemon  daemonCommand  `cmd:"" hidden:"" help:"Be the daemon; the other commands start it when needed."`
	Version versionCommand `cmd:"" help:"Show the version."`
}

// app is what all commands share.
type app struct {
	stdin, stdout, stderr *os.File

	dir        string   // absolute working directory
	env        []string // "NAME=value"
	build      build
	runnerArgs []string // what stood behind "--"

	engine func(*slog.Logger) (lspserver.Engine, error) // newEngine, or a test's
}

func newApp() (*app, error) {
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.Environ()}
	var dirErr, buildErr error
	a.dir, dirErr = os.Getwd()
	if errors.Is(dirErr, fs.ErrNotExist) { // much can be done without one, such as to stop everything
		a.dir, dirErr = string(filepath.Separator), nil
		fmt.Fprintf(a.stderr, "hotclub: the current directory is gone; going on in %s\n", a.dir)
	}
	a.build, buildErr = thisBuild()
	a.engine = a.newEngine
	return a, errors.Join(dirErr, buildErr)
}

// run carries out a command and returns the exit status.
func (a *app) run(args []string) int {
	parser, err := a.parser(&commandLine{})
	if err != nil {
		return a.fail(err)
	}
	if len(args) == 0 {
		parser.Exit = func(int) {} // help is what is missing here, but it is no success
		parser.Parse([]string{"--help"})
		return exitUsage
	}
	command, err := a.parse(parser, args)
	if err != nil {
		return a.fail(usage("%w; see: hotclub --help", err))
	}
	return a.fail(command.Run())
}

func (a *app) parser(cli *commandLine) (*kong.Kong, error) {
	return kong.New(cli,
		kong.Name("hotclub"), kong.Description(description), kong.Bind(a), kong.Writers(a.stdout, a.stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, WrapUpperBound: 100}))
}

// parse keeps what is not for hotclub to understand: options of the project's test runner.
func (a *app) parse(parser *kong.Kong, args []string) (*kong.Context, error) {
	if at := slices.Index(args, "--"); at > 0 && args[0] == "run" {
		args, a.runnerArgs = args[:at], args[at+1:]
	}
	return parser.Parse(positionalsLast(parser.Model, args))
}

// fail reports an error, if it is one, and returns the exit status for it.
func (a *app) fail(err error) int {
	status, text := exitStatus(err)
	if text != "" {
		fmt.Fprintln(a.stderr, "hotclub: "+text)
	}
	return status
}
