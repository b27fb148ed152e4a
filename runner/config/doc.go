// Package config finds the Django project around a client and says where each of its
// values came from.
//
// An ordinary project needs no configuration: its root and working directory follow from
// manage.py, its interpreter from VIRTUAL_ENV, a .venv nearby or PATH, its settings module
// from manage.py itself. What cannot be guessed is written as [tool.hotclub] in
// pyproject.toml or in hotclub.toml. The client's [runner.Overrides] are stronger than
// these files, the files are stronger than VIRTUAL_ENV, DJANGO_SETTINGS_MODULE and
// DJANGO_TEST_PROCESSES of the client, and those are stronger than what is found. Only the
// table env yields to the client: it fills in variables that the client has not set.
//
// The package only reads files. It never starts an interpreter: what only the interpreter
// can tell, [Diagnose] asks a [Probe]. It takes every variable from the client, because
// the daemon's own environment belongs to whoever happened to start it.
//
// [Load] stops at the first fault; [Diagnose] reports all of them, and both walk the same
// way. Start reading at config.go, then place.go, python.go and settings.go; toml.go and
// keys.go read the files; doctor.go is `hotclub doctor`.
package config
