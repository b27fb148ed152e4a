// Package discover says which definitions of a project's files are tests and by which
// dotted label the project's own loader finds them. It reads texts only; what a worker
// collects is merged elsewhere.
//
// So far: [Labels], which lets the command line and editors name tests by path and line.
package discover
