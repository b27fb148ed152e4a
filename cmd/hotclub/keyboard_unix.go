//go:build unix

package main

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// keyboard tells of single keys while it is open. Interrupts stay signals.
type keyboard struct {
	pressed chan byte
	file    *os.File
	before  unix.Termios
	quit    [2]*os.File // a pipe: its end wakes the reader
	reader  sync.WaitGroup
}

// openKeyboard listens on a terminal. It returns nil where there is none, or where the process
// is in the background, so that the terminal is somebody else's.
func openKeyboard(f *os.File) *keyboard {
	fd := int(f.Fd())
	k := &keyboard{pressed: make(chan byte), file: f}
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil
	}
	k.before = *before
	foreground, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	if err != nil || foreground != unix.Getpgrp() {
		return nil
	}
	if k.quit[0], k.quit[1], err = os.Pipe(); err != nil {
		return nil
	}
	single := *before
	single.Lflag &^= unix.ICANON | unix.ECHO
	single.Cc[unix.VMIN], single.Cc[unix.VTIME] = 1, 0
	if unix.IoctlSetTermios(fd, setTermios, &single) != nil {
		k.quit[0].Close()
		k.quit[1].Close()
		return nil
	}
	k.reader.Go(k.read)
	return k
}

// keys gives one key after the other.
func (k *keyboard) keys() <-chan byte {
	if k == nil {
		return nil
	}
	return k.pressed
}

// read waits for the terminal and for the end at once, since nothing interrupts a read.
func (k *keyboard) read() {
	terminal, quit := int(k.file.Fd()), int(k.quit[0].Fd())
	for {
		var ready unix.FdSet
		ready.Set(terminal)
		ready.Set(quit)
		if _, err := unix.Select(max(terminal, quit)+1, &ready, nil, nil, nil); err == unix.EINTR {
			continue
		} else if err != nil || ready.IsSet(quit) {
			return
		}
		var key [1]byte
		if n, err := k.file.Read(key[:]); n == 0 || err != nil {
			return
		}
		select {
		case k.pressed <- key[0]:
		default: // nobody waits for a key just now
		}
	}
}

// restore gives the terminal back as it was.
func (k *keyboard) restore() {
	if k != nil {
		_ = unix.IoctlSetTermios(int(k.file.Fd()), setTermios, &k.before) // what could be done about it?
	}
}

func (k *keyboard) close() {
	if k == nil {
		return
	}
	k.quit[1].Close()
	k.reader.Wait()
	k.quit[0].Close()
	k.restore()
}
