// Package explain puts into words what is known of verdicts and of warm workers: whether a verdict
// is still about what is on the disk, what started a project anew, and why. Editors and the command
// line say the same, in the same words.
package explain
