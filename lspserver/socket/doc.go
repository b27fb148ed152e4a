// Package socket is where a daemon of one user and one build of hotclub is met: a unix
// socket in a directory that nobody else may enter. The build is part of its name, so a
// client never meets a daemon that speaks otherwise than itself.
//
// A lock file beside the socket belongs to the daemon for as long as it lives. Whoever
// holds it may replace the socket, so a socket that a killed daemon left is no obstacle
// and two daemons never fight over one. A second lock lets one client at a time start a
// daemon.
//
// place.go chooses the directory, listen.go and dial.go are its two sides; what differs
// between systems (who owns a directory, who is at the other end) is in owner_*.go and
// peer_*.go.
package socket
