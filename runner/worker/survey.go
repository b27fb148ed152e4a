package worker

import (
	"fmt"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Survey is what a booted process has imported from outside the project; see base.py.
type Survey struct {
	Modules []Surveyed `json:"modules"` // in the order in which their imports began
	Written []string   `json:"written"` // variables that the project has set or deleted
}

// Surveyed is a module, and a digest of what it has become.
type Surveyed struct {
	Name    string
	Surface string
}

// UnmarshalJSONFrom reads the array form in which base.py sends an entry.
func (s *Surveyed) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	var pair [2]string
	if err := json.UnmarshalDecode(dec, &pair); err != nil {
		return fmt.Errorf("entry of what a worker imported: %w", err)
	}
	s.Name, s.Surface = pair[0], pair[1]
	return nil
}

// Differing lists those of some modules that have become something else in another process.
func (s *Survey) Differing(other *Survey, modules []string) []string {
	here, there := s.surfaces(), other.surfaces()
	var differing []string
	for _, name := range modules {
		if here[name] != there[name] {
			differing = append(differing, name)
		}
	}
	return differing
}

func (s *Survey) surfaces() map[string]string {
	surfaces := make(map[string]string, len(s.Modules))
	for _, module := range s.Modules {
		surfaces[module.Name] = module.Surface
	}
	return surfaces
}
