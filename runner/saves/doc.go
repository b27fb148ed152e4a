// Package saves tells when a save has changed something that the tests of a project depend on.
//
// What counts is decided as before each run: by holding what processes have read against the
// disk (pool.Disk). The file watcher only says when to look; a file that nobody has read starts
// nothing, whatever becomes of it. Where the watcher does not see everything the disk is looked
// at once a second, as long as somebody waits.
//
// A run changes files as well, and some of these are read by the next. A source that changes is
// always a save. Of other files, those that change in one run after the other are left out as
// long as a run is on; see strikes.
package saves
