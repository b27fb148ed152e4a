package main

import (
	"os"

	"hotclub/runner"
	"hotclub/runner/config"
	"hotclub/runner/report"
)

// reporters are those that the flags ask for. With JSON on standard output nothing else
// is written there.
func (c *runCommand) reporters(a *app) (report.Multi, error) {
	var list report.Multi
	root := c.root(a)
	if c.JSON != "-" {
		settings := c.settings(a, a.stdout)
		settings.Root = root
		if c.Durations != nil {
			if settings.Durations = *c.Durations; settings.Durations == 0 {
				settings.Durations = -1 // Django's 0 means all
			}
		}
		list = append(list, report.NewTerminal(a.stdout, settings))
	}
	switch c.JSON {
	case "":
	case "-":
		list = append(list, report.NewJSON(a.stdout), complaints{a.stderr})
	default:
		file, err := os.Create(c.JSON)
		if err != nil {
			list.Close()
			return nil, usage("--json: %w", err)
		}
		list = append(list, jsonFile{report.NewJSON(file), file})
	}
	if c.JUnit != "" {
		list = append(list, report.NewJUnit(c.JUnit, root))
	}
	return list, nil
}

// settings of what is printed for people.
func (c *runCommand) settings(a *app, to *os.File) report.Settings {
	settings := report.Detect(to, a.getenv, c.NoColor)
	settings.Verbosity = c.verbosity()
	return settings
}

// between prints what stands between the runs of a watch, beside a machine's report if there is
// one on standard output.
func (c *runCommand) between(a *app) *report.Between {
	to := a.stdout
	if c.JSON == "-" {
		to = a.stderr
	}
	return report.NewBetween(to, c.settings(a, to))
}

// keyboard reports whether a person sits at the terminal that is written to.
func (c *runCommand) keyboard(a *app) bool {
	return c.JSON != "-" && c.settings(a, a.stdout).TTY
}

// root is what paths are shown relative to. Whether there is a project is for the daemon
// to say.
func (c *runCommand) root(a *app) string {
	project, err := config.Load(a.client("hotclub run"), c.overrides())
	if err != nil {
		return c.directory(a)
	}
	return project.Root
}

// jsonFile closes the file that its report is written to.
type jsonFile struct {
	*report.JSON
	file *os.File
}

// Close ends the report and then the file.
func (j jsonFile) Close() error {
	err := j.JSON.Close()
	if closeErr := j.file.Close(); err == nil {
		err = closeErr
	}
	return err
}

// complaints tells a person, beside a machine's report, what went wrong with the run.
type complaints struct{ w *os.File }

// Handle prints warnings and the error of the run.
func (c complaints) Handle(event runner.Event) {
	switch e := event.(type) {
	case runner.Notice:
		if e.Warning {
			c.w.WriteString("hotclub: " + e.Text + "\n")
		}
	case runner.RunFinished:
		if e.Error != "" {
			c.w.WriteString("hotclub: " + e.Error + "\n")
		}
	}
}

// Close has nothing to do.
func (complaints) Close() error { return nil }
