package main

// djangoFlags are further flags of manage.py test, so that hotclub can stand in for it
// in scripts. Those that say how its databases are kept have no meaning here; the others
// reach the project's own test runner.
type djangoFlags struct {
	NoInput bool `name:"noinput" aliases:"no-input" hidden:""`
	KeepDB  bool `name:"keepdb" hidden:""`
	PDB     bool `name:"pdb" hidden:""`

	Pattern    string `short:"p" hidden:""`
	TopLevel   string `short:"t" name:"top-level-directory" hidden:""`
	TestRunner string `name:"testrunner" hidden:""`
	PythonPath string `name:"pythonpath" hidden:""`
	DebugMode  bool   `hidden:""`
	Timing     bool   `hidden:""`
	NoFault    bool   `name:"no-faulthandler" hidden:""`
}

// args spells out those that the project's test runner is to see.
func (d djangoFlags) args() []string {
	var args []string
	for _, f := range []struct{ name, value string }{
		{"--pattern", d.Pattern},
		{"--top-level-directory", d.TopLevel},
		{"--testrunner", d.TestRunner},
		{"--pythonpath", d.PythonPath},
	} {
		if f.value != "" {
			args = append(args, f.name+"="+f.value)
		}
	}
	for _, f := range []struct {
		name string
		on   bool
	}{{"--debug-mode", d.DebugMode}, {"--timing", d.Timing}, {"--no-faulthandler", d.NoFault}} {
		if f.on {
			args = append(args, f.name)
		}
	}
	return args
}
