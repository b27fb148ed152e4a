// Package e2e tests the hotclub binary from outside, on real Django projects.
//
// The interpreters come from DJANGO_PYTHONS, a list such as
// "4.2=/venvs/a/bin/python,5.2=/venvs/b/bin/python,6.1=/venvs/c/bin/python", which .ci/run
// sets. Each test has a runtime and a state directory of its own, so that it has a daemon of
// its own, which is stopped at its end; what is left over then is a failure.
package e2e
