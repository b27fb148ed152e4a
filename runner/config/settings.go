package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// settings decides what DJANGO_SETTINGS_MODULE is to be before manage.py runs.
//
// `manage.py test` is the reference: it knows nothing of pytest's files, and it decides
// for itself when the variable is not set. So both count only without a manage.py, or for
// show.
func (r *reading) settings() string {
	module, origin, fault := r.chosenSettings()
	switch {
	case fault != nil:
		fault.about = "settings"
		r.fail(fault)
		return ""
	case module != "":
		r.note("settings", module, origin)
	case r.project.ManagePy != "":
		r.noteManageSettings()
	default:
		r.fail(r.search.noSettings(r.project.Root))
	}
	return module
}

func (r *reading) chosenSettings() (module, origin string, fault *Error) {
	s := r.search
	if module = s.overrides.Settings; module != "" {
		return module, s.origin("settings"), checkModule(module, &Error{What: s.origin("settings") + ": ", Usage: true})
	}
	if e, ok := r.choices.entries["settings"]; ok {
		if module, ok = e.value.(string); !ok {
			return "", "", e.wrong(s, `a module in quotes, such as "mysite.settings"`)
		}
		return module, e.origin(s), checkModule(module, e.fault(s, "settings: "))
	}
	if module = s.env.get("DJANGO_SETTINGS_MODULE"); module != "" {
		return module, "DJANGO_SETTINGS_MODULE of the client", nil
	}
	if r.project.ManagePy == "" {
		if p := pytestSettings(r.project.Root); p.module != "" {
			return p.module, p.origin(), nil
		}
	}
	return "", "", nil
}

// checkModule completes fault when text is no dotted name; a path is the usual mistake.
func checkModule(text string, fault *Error) *Error {
	if regexp.MustCompile(`^[\pL_][\pL\pN_]*(\.[\pL_][\pL\pN_]*)*$`).MatchString(text) {
		return nil
	}
	fault.What += fmt.Sprintf("%q is not the dotted name of a Python module", text)
	fault.Remedy = `write it as "mysite.settings"`
	path := strings.Trim(strings.ReplaceAll(strings.TrimSuffix(text, ".py"), `\`, "/"), "./")
	if guess := strings.ReplaceAll(path, "/", "."); guess != text && checkModule(guess, &Error{}) == nil {
		fault.Remedy = fmt.Sprintf("write %q", guess)
	}
	return fault
}

func (r *reading) noteManageSettings() {
	path := r.project.ManagePy
	text, fault := r.search.text(path)
	if fault != nil {
		fault.about, fault.Remedy = "manage", "manage.py must be a readable UTF-8 text file"
		r.fail(fault)
		return
	}
	set := managed(text)
	if set.module == "" {
		r.note("settings", "decided by manage.py", r.search.show(path))
		return
	}
	r.note("settings", set.module, fmt.Sprintf("%s line %d", r.search.show(path), set.line))
}

// noSettings names the settings modules that it sees, since one of them is probably meant.
func (s *search) noSettings(root string) *Error {
	remedy := "name the settings module " + s.by("settings") + ", the key settings or DJANGO_SETTINGS_MODULE"
	if modules := settingsModules(root); len(modules) > 0 {
		remedy += "; there is " + strings.Join(modules, ", ")
	}
	return &Error{What: "no manage.py and no settings module in " + root, Remedy: remedy, about: "settings"}
}

// settingsModules lists mysite.settings, a module or a package, in root and its children.
func settingsModules(root string) []string {
	var modules []string
	for _, pattern := range []string{"settings.py", "settings/__init__.py", "*/settings.py", "*/settings/__init__.py"} {
		// Globbing below an os.DirFS keeps brackets in the root's own name out of the pattern.
		for _, name := range glob(root, pattern) {
			name = strings.TrimSuffix(strings.TrimSuffix(name, ".py"), "/__init__")
			if module := strings.ReplaceAll(name, "/", "."); checkModule(module, &Error{}) == nil && !slices.Contains(modules, module) {
				modules = append(modules, module)
			}
		}
	}
	slices.Sort(modules)
	return modules[:min(len(modules), 5)]
}

// moduleFile finds the file of a module in dir, "" when it is not there.
func moduleFile(dir, module string) string {
	path := filepath.Join(dir, filepath.FromSlash(strings.ReplaceAll(module, ".", "/")))
	for _, candidate := range []string{path + ".py", filepath.Join(path, "__init__.py")} {
		if _, err := os.Stat(candidate); err == nil {
			return candidate
		}
	}
	return ""
}
