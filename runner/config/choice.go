package config

// How the person who is asked to choose otherwise chooses: hotclub's own commands have flags, editors
// have settings.

// origin says where the client's own choice of a value comes from.
func (s *search) origin(key string) string {
	if s.client.Terminal() {
		return "--" + key
	}
	return "chosen in the editor"
}

// by completes "choose another one": with what.
func (s *search) by(key string) string {
	if s.client.Terminal() {
		return "with --" + key
	}
	return "in the editor (the setting hotclub." + key + " of VS Code, the initialization option " + key + " of others)"
}

// elsewhere says how to look for a project in another directory, such as one that is given; "" for none.
func (s *search) elsewhere(dir string) string {
	switch {
	case !s.client.Terminal() && dir != "":
		return "open the folder of one, such as " + dir
	case !s.client.Terminal():
		return "open the folder of a Django project"
	case dir != "":
		return "choose one with -C, such as -C " + quoted(dir)
	}
	return "change into the project or name its directory with -C"
}
