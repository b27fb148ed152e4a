package config

import "fmt"

// settings looks for contradictions about the settings module. None of them is an error:
// only the import in a worker decides.
func (d *diagnosis) settings() {
	p := d.project
	if p.Root == "" {
		return
	}
	var set managedSettings
	if p.ManagePy != "" {
		text, _ := d.search.text(p.ManagePy) // a fault was reported with the value
		set = managed(text)
	}
	module := p.Settings
	if module == "" {
		module = set.module
	}
	if set.forced && p.Settings != "" && p.Settings != set.module {
		d.add("settings", Warn, fmt.Sprintf("manage.py line %d assigns DJANGO_SETTINGS_MODULE = %q, whatever was chosen", set.line, set.module), "use os.environ.setdefault in manage.py")
		module = set.module
	}
	if module != "" && moduleFile(p.Dir, module) == "" {
		d.add("settings", Warn, fmt.Sprintf("no file of the module %s in %s", module, p.Dir), "this is fine when it is installed or on PYTHONPATH; otherwise correct the name")
	}
	if p.Settings == "" {
		d.pytest(module)
	}
}

// pytest tells that the project's two test runners do not use the same settings.
func (d *diagnosis) pytest(module string) {
	for _, dir := range []string{d.project.Dir, d.project.Root} {
		choice := pytestSettings(dir)
		if choice.module == "" {
			continue
		}
		if module != "" && choice.module != module {
			d.add("settings", Warn, fmt.Sprintf("%s says %s, `manage.py test` uses %s; hotclub follows manage.py", choice.origin(), choice.module, module),
				fmt.Sprintf("set settings = %q in the configuration to follow pytest", choice.module))
		}
		return
	}
}
