package lspserver

import (
	"cmp"
	"slices"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// choices are what a client has chosen about its projects: for its whole window, and for some
// folders of it.
type choices struct {
	window  runner.Overrides
	folders []folderChoice
}

type folderChoice struct {
	dir string // a real path
	runner.Overrides
}

// choicesOf reads settings, above what initialize said.
func choicesOf(settings wire.Configuration, initial runner.Overrides) (choices, error) {
	window, err := above(settings.FolderChoice, initial)
	if err != nil {
		return choices{}, err
	}
	chosen := choices{window: window}
	for _, f := range settings.Folders {
		path, err := filePath(f.URI)
		if err != nil {
			return choices{}, session.InvalidParams("folders: %v", err)
		}
		overrides, err := above(f.FolderChoice, window)
		if err != nil {
			return choices{}, err
		}
		chosen.folders = append(chosen.folders, folderChoice{newFolder(path).real, overrides})
	}
	return chosen, nil
}

// above puts a choice above a broader one.
func above(chosen wire.FolderChoice, broader runner.Overrides) (runner.Overrides, error) {
	switch chosen.StartMethod {
	case "", "auto", "fork", "spawn":
	default:
		return broader, session.InvalidParams("startMethod: %q is none of auto, fork and spawn", chosen.StartMethod)
	}
	if chosen.StartMethod == "auto" {
		chosen.StartMethod = "" // an editor's default is no choice
	}
	return runner.Overrides{
		Python: cmp.Or(chosen.Python, broader.Python), Settings: cmp.Or(chosen.Settings, broader.Settings),
		StartMethod: cmp.Or(chosen.StartMethod, broader.StartMethod),
	}, nil
}

// at is what holds in a directory: the innermost folder around it decides. A project around the
// folder that an editor has open is as that folder says.
func (s choices) at(dir string) runner.Overrides {
	var around, within *folderChoice
	for i := range s.folders {
		f := &s.folders[i]
		switch {
		case inside(dir, f.dir):
			if around == nil || len(f.dir) > len(around.dir) {
				around = f
			}
		case within == nil && inside(f.dir, dir):
			within = f
		}
	}
	if f := cmp.Or(around, within); f != nil {
		return f.Overrides
	}
	return s.window
}

// below puts what one request asks for above what holds in a directory.
func (s choices) below(asked runner.Overrides, dir string) runner.Overrides {
	here := s.at(dir)
	asked.Python = cmp.Or(asked.Python, here.Python)
	asked.Settings = cmp.Or(asked.Settings, here.Settings)
	asked.StartMethod = cmp.Or(asked.StartMethod, here.StartMethod)
	return asked
}

func (s choices) equal(other choices) bool {
	return s.window == other.window && slices.Equal(s.folders, other.folders)
}
